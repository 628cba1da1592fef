"""The architecture: who may import whom, what an import costs, and that a family is one new file."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import kl_symbolic
from kl_symbolic import families
from kl_symbolic.errors import NoClosedFormError

PACKAGE = Path(kl_symbolic.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))

# What each room may import besides itself; the whole architecture as a table, and no file is exempt. `terms.sympy`, the
# door to SymPy, is a room of its own.
DATA = {"errors", "arguments", "functions", "families"}
LANGUAGE = {*DATA, "divergences", "terms", "proof"}
MEETING = {*LANGUAGE, "engine", "kernel", "numbers", "checks", "render", "options", "certificate", "derivation"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "arguments": {"errors"},
    "options": {"errors"},
    "files": {"errors"},
    "functions": set(),
    "families": {"errors", "arguments", "functions"},
    "divergences": DATA,
    "terms": DATA,
    "terms.sympy": {*DATA, "terms"},
    "proof": {*DATA, "divergences", "terms"},
    # These six never import each other.
    "kernel": LANGUAGE,
    "engine": {*LANGUAGE, "terms.sympy"},
    "numbers": LANGUAGE,
    "render": {*LANGUAGE, "options"},
    "reading": {*LANGUAGE, "terms.sympy"},
    "code": LANGUAGE,
    # Here they meet.
    "numeric": {"errors", "arguments", "functions", "families", "code"},
    "checks": {*LANGUAGE, "numbers", "numeric"},
    "slips": {*LANGUAGE, "engine", "kernel", "numbers", "render"},
    "certificate": {*LANGUAGE, "kernel", "checks", "render"},
    "derivation": {*MEETING, "terms.sympy"},
    "api": {*MEETING, "reading"},
    "answering": {*MEETING, "api"},
    "reference": {*MEETING, "api"},
    "closed_forms": {*MEETING, "terms.sympy", "api", "code", "numeric", "reference"},
    "claims": {*MEETING, "api", "reading", "slips"},
    "audit": {*MEETING, "api", "reading", "slips", "claims"},
    "testing": {*MEETING, "api", "audit"},
    "sphinxext": {*MEETING, "api", "claims", "files", "__init__"},
    "cli": {
        *MEETING,
        "answering",
        "api",
        "reading",
        "claims",
        "audit",
        "reference",
        "closed_forms",
        "code",
        "files",
        "numeric",
        "__init__",
    },
    "__main__": {"cli"},
    "__init__": {
        "answering",
        "api",
        "checks",
        "claims",
        "closed_forms",
        "derivation",
        "errors",
        "families",
        "kernel",
        "numeric",
        "reference",
        "render",
    },
}
LIBRARIES = {"sympy", "numpy", "mpmath", "flint", "rich", "torch", "jax", "numba", "scipy", "array_api_compat", "dask"}
LIBRARIES |= {"pandas"}
ANY = frozenset(LIBRARIES)
# Which of these libraries a room may import; a room that is not here may import none.
MAY_USE = {
    "terms.sympy": {"sympy", "mpmath"},  # whose numbers are those of mpmath
    "engine": {"sympy"},
    "derivation": {"sympy"},
    "closed_forms": {"sympy", "mpmath"},
    "api": {"sympy"},
    "numbers": {"numpy", "mpmath", "flint"},
    "checks": {"numpy", "mpmath"},
    "slips": {"mpmath"},
    "claims": {"mpmath"},
    "numeric": ANY - {"sympy", "mpmath", "flint"},
    "audit": ANY - {"sympy"},
    "cli": {"rich"},
    "reading": {"numpy"},
}


def room_of(name: str) -> str:
    """Return the room of a module: ``kernel`` for ``kl_symbolic.kernel.canon``."""
    parts = name.split(".")[1:] or ["__init__"]
    return "terms.sympy" if parts[:2] == ["terms", "sympy"] else parts[0]


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(("kl_symbolic", *(part for part in parts if part != "__init__")))


MODULES = {module_of(path): path for path in SOURCES}


def imported(source: str) -> set[str]:
    """Return the modules that `source` imports, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return found


def violations(room: str, source: str) -> set[str]:
    """Return the imports by which `source` would break the architecture, if it belonged to a room."""
    names = imported(source)
    ours = {name for name in names if name.split(".")[0] == "kl_symbolic"}
    wrong = {name for name in ours if room_of(name) not in MAY_IMPORT[room] | {room}}
    return wrong | {name for name in names if name.split(".")[0] in LIBRARIES - set(MAY_USE.get(room, ()))}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_imports_only_what_stands_below_it(path):
    assert violations(room_of(module_of(path)), path.read_text(encoding="utf-8")) == set()


def test_every_room_has_its_place_in_the_picture():
    assert {room_of(name) for name in MODULES} == set(MAY_IMPORT)


def circles(arrows: dict[str, set[str]]) -> set[str]:
    """Return what lies on a circle of arrows, or leads into one only: what is left if ends are taken away in turn."""
    left = {one: others - {one} for one, others in arrows.items()}
    while ends := {one for one, others in left.items() if not others & left.keys()}:
        left = {one: others for one, others in left.items() if one not in ends}
    return set(left)


def test_no_arrow_between_rooms_runs_up():
    assert circles(MAY_IMPORT) == set()


def test_there_is_no_circle_of_files():
    arrows = {name: imported(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
    assert circles(arrows) == set()


def test_the_look_for_circles_is_able_to_fail():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == {"a", "b", "c"}


STRANGERS = ["engine", "kernel", "numbers", "render", "reading", "code"]


@pytest.mark.parametrize("one", STRANGERS)
@pytest.mark.parametrize("other", STRANGERS)
def test_the_rooms_on_the_language_are_strangers(one, other):
    assert one == other or other not in MAY_IMPORT[one]


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("kernel", "from kl_symbolic.engine.tactics import linearity"),
        ("kernel", "def f():\n    import kl_symbolic.engine"),
        ("kernel", "import sympy"),
        ("kernel", "from kl_symbolic.terms.sympy import inert"),
        ("terms", "from kl_symbolic.terms import sympy"),
        ("engine", "from kl_symbolic import kernel"),
        ("numbers", "from kl_symbolic.kernel.canon import Canon"),
        ("render", "import kl_symbolic.checks"),
        ("proof", "from kl_symbolic.api import derive"),
        ("families", "import sympy"),
        ("families", "from kl_symbolic.terms import Term"),
        ("divergences", "from kl_symbolic.terms import KL"),
        ("terms", "from kl_symbolic.divergences import find_quantity"),
        ("numeric", "from mpmath import mp"),
        ("numeric", "from kl_symbolic.proof.question import Question"),
        ("claims", "from sympy import Add"),
        ("audit", "from kl_symbolic.terms.sympy import ordinary"),
    ],
)
def test_a_bad_import_is_found(room, source):
    assert violations(room, source)


def test_a_relative_import_is_found():
    with pytest.raises(AssertionError, match="absolute"):
        violations("kernel", "from ..engine import derive")


# A word means one thing

RECORDS = {"FUNCTION", "FAMILY", "QUANTITY"}  # by which a file is found, and means the same in each
TWICE = Path(__file__).with_name("names_defined_twice.txt")


def public_names(source: str) -> set[str]:
    """Return the public names that a file defines."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return {name for name in found if not name.startswith("_")}


def test_no_other_public_name_is_defined_in_two_files():
    """The list only shrinks: what is in one file alone now is struck out there."""
    homes = Counter(name for path in SOURCES for name in public_names(path.read_text(encoding="utf-8")) - RECORDS)
    assert {name for name, count in homes.items() if count > 1} == set(TWICE.read_text(encoding="utf-8").split())


HEAVY = {"sympy", "mpmath", "numpy"}


def heavy_modules_after(program: str) -> set[str]:
    """Run a program in a fresh interpreter and return which of the heavy libraries it has imported."""
    report = f"\nimport sys\nprint('loaded:', *({HEAVY!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program + report], check=True, capture_output=True, text=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    ("program", "allowed"),
    [
        ("import kl_symbolic", set()),
        ("import kl_symbolic.numeric", {"numpy"}),
        ("import kl_symbolic.families; kl_symbolic.families.all_families()", set()),
        ("import kl_symbolic.divergences; kl_symbolic.divergences.all_quantities()", set()),
        ("import kl_symbolic.proof.question", set()),
        ("import kl_symbolic; kl_symbolic.numeric; dir(kl_symbolic)", {"numpy"}),
        (
            (
                "import runpy, sys\n"
                "sys.argv = ['kl-symbolic', '--help']\n"
                "try:\n"
                "    runpy.run_module('kl_symbolic', run_name='__main__')\n"
                "except SystemExit as done:\n"
                "    assert not done.code, done.code\n"
            ),
            set(),
        ),
    ],
    ids=["package", "numeric", "families", "divergences", "questions", "lazy names", "--help"],
)
def test_a_light_import_loads_no_heavy_library(program, allowed):
    assert heavy_modules_after(program) <= allowed


@pytest.mark.parametrize("program", ["import kl_symbolic; kl_symbolic.derive", "import sympy, numpy"])
def test_the_look_at_the_loaded_modules_is_able_to_fail(program):
    assert {"sympy", "numpy"} <= heavy_modules_after(program)


def test_the_public_names_exist():
    assert [name for name in kl_symbolic.__all__ if not hasattr(kl_symbolic, name)] == []


# Families

FAMILY_FILE = r"""
from fractions import Fraction

from kl_symbolic.families.family import Family, Moment, Parameter, Support
from kl_symbolic.functions import Domain

FAMILY = Family(
    name="rayleigh",
    title="Rayleigh distribution",
    default="scale",
    parameters=(Parameter("sigma", Domain.POSITIVE, "scale", (Fraction(1, 4), Fraction(4)), r"\sigma"),),
    support=Support.POSITIVE_REALS,
    density=lambda m, x, sigma: x * m.exp(-(x**2) / (2 * sigma**2)) / sigma**2,
    moments=(Moment("second_moment", statistic=lambda m, x: x**2, parameter="sigma", weight=lambda m, x: 1),),
    scale=lambda m, sigma: (0, sigma),
)
"""


@pytest.fixture
def extra_family(tmp_path, monkeypatch):
    """Put one more file beside the families' own, and forget it afterwards."""

    def forget():
        families.all_families.cache_clear()
        families._members.cache_clear()
        sys.modules.pop("kl_symbolic.families.extra", None)

    def add(source):
        (tmp_path / "extra.py").write_text(source, encoding="utf-8")
        monkeypatch.setattr(families, "__path__", [*families.__path__, str(tmp_path)])
        forget()

    yield add
    monkeypatch.undo()
    forget()


def test_every_file_is_a_family():
    files = {path.stem for path in (PACKAGE / "families").glob("*.py")} - {"__init__", "family"}
    assert set(families.all_families()) == files


def test_every_name_is_unique():
    every = families.all_families().values()
    given = [name for f in every for name in (f.name, f"diagonal_{f.name}", *f.members)]
    assert sorted(given) == sorted(families.names())


@pytest.mark.parametrize("name", families.names())
def test_a_name_finds_its_family(name):
    member = families.find(name)
    assert member.name == name
    assert member.family is families.all_families()[member.family.name]


def test_a_file_is_enough_to_add_a_family(extra_family):
    with pytest.raises(NoClosedFormError):
        families.find("rayleigh")
    extra_family(FAMILY_FILE)
    assert {"rayleigh", "diagonal_rayleigh"} <= set(families.names())

    from kl_symbolic.engine import derive
    from kl_symbolic.kernel import prove
    from kl_symbolic.proof.question import Question

    proof = prove(derive(Question("kl", "rayleigh", "rayleigh")))
    assert "normalisation of the rayleigh density" in proof.axioms


def test_an_error_in_a_family_is_not_swallowed(extra_family):
    extra_family("import no_such_library")
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        families.names()


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(NoClosedFormError, match="did you mean normal"):
        families.find("nromal")

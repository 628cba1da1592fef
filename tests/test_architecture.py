"""The architecture: who may import whom, what an import costs, and that a family is one new file."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kl_symbolic
from kl_symbolic import families
from kl_symbolic.errors import NoClosedFormError

PACKAGE = Path(kl_symbolic.__file__).parent

# What each part may import besides itself; the whole architecture as a table.
MAY_IMPORT = {
    "errors": set(),
    "arguments": {"errors"},
    "families": {"errors", "arguments"},
    "proof": {"errors", "families"},
    "engine": {"errors", "families", "proof"},
    "kernel": {"errors", "families", "proof"},
    "numeric": {"errors", "arguments"},
    "verification": {"errors", "families", "proof", "numeric"},
    "options": {"errors"},
    "render": {"errors", "arguments", "families", "options", "proof"},
    "reading": {"errors", "arguments", "families", "proof"},
    "slips": {"errors", "families", "proof", "engine", "kernel", "verification", "render"},
}
MEETING_POINTS = {
    *("__init__", "__main__", "api", "audit", "certificate", "claims", "cli", "cli_audit", "cli_claims", "cli_derive"),
    *("cli_request", "cli_streams", "derivation", "exit_codes", "files", "sphinxext", "testing"),
}
SYMBOLIC = {"sympy", "mpmath", "flint"}
FORBIDDEN_LIBRARIES = {"families": SYMBOLIC | {"numpy"}, "numeric": SYMBOLIC, "kernel": {"numpy", "mpmath"}}
SOURCES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    """Return the part to which a file belongs: ``kernel`` for kernel/canon.py, ``api`` for api.py."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(source: str) -> set[str]:
    """Return the dotted names that `source` imports, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def violations(part: str, source: str) -> set[str]:
    """Return the imports by which `source` would break the architecture, if it belonged to `part`."""
    names = imported(source)
    ours = {name for name in names if name.split(".")[0] == "kl_symbolic" and name != "kl_symbolic.__version__"}
    wrong = {name for name in ours if name.split(".")[1] not in MAY_IMPORT[part] | {part}}
    return wrong | {name for name in names if name.split(".")[0] in FORBIDDEN_LIBRARIES.get(part, set())}


LAYERED = [path for path in SOURCES if part_of(path) not in MEETING_POINTS]


@pytest.mark.parametrize("path", LAYERED, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_imports_only_what_stands_above_it(path):
    assert violations(part_of(path), path.read_text(encoding="utf-8")) == set()


def test_every_part_has_its_place_in_the_picture():
    assert {part_of(path) for path in SOURCES} <= set(MAY_IMPORT) | MEETING_POINTS


@pytest.mark.parametrize("one", ["engine", "kernel", "verification", "render", "reading"])
@pytest.mark.parametrize("other", ["engine", "kernel", "verification", "render", "reading"])
def test_the_layers_below_the_language_are_strangers(one, other):
    assert one == other or other not in MAY_IMPORT[one]


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("kernel", "from kl_symbolic.engine.tactics import linearity"),
        ("kernel", "def f():\n    import kl_symbolic.engine"),
        ("engine", "from kl_symbolic import kernel"),
        ("verification", "from kl_symbolic.kernel.canon import Canon"),
        ("render", "import kl_symbolic.verification"),
        ("proof", "from kl_symbolic.api import derive"),
        ("families", "import sympy"),
        ("families", "from kl_symbolic.proof import language"),
        ("numeric", "from mpmath import mp"),
        ("numeric", "from kl_symbolic.families import find"),
    ],
)
def test_a_bad_import_is_found(part, source):
    assert violations(part, source)


def test_a_relative_import_is_found():
    with pytest.raises(AssertionError, match="absolute"):
        violations("kernel", "from ..engine import derive")


HEAVY = {"sympy", "mpmath"}


def heavy_modules_after(program: str) -> set[str]:
    """Run a program in a fresh interpreter and return which of the heavy libraries it has imported."""
    report = f"\nimport sys\nprint('loaded:', *({HEAVY!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program + report], check=True, capture_output=True, text=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    "program",
    [
        "import kl_symbolic",
        "import kl_symbolic.numeric",
        "import kl_symbolic.families; kl_symbolic.families.all_families()",
        "import kl_symbolic; kl_symbolic.numeric; dir(kl_symbolic)",
        (
            "import runpy, sys\n"
            "sys.argv = ['kl-symbolic', '--help']\n"
            "try:\n"
            "    runpy.run_module('kl_symbolic.cli', run_name='__main__')\n"
            "except SystemExit as done:\n"
            "    assert not done.code, done.code\n"
        ),
    ],
    ids=["package", "numeric", "families", "lazy names", "--help"],
)
def test_a_light_import_loads_no_computer_algebra(program):
    assert heavy_modules_after(program) == set()


@pytest.mark.parametrize("program", ["import kl_symbolic; kl_symbolic.derive", "import sympy"])
def test_the_look_at_the_loaded_modules_is_able_to_fail(program):
    assert "sympy" in heavy_modules_after(program)


def test_the_public_names_exist():
    assert [name for name in kl_symbolic.__all__ if not hasattr(kl_symbolic, name)] == []


# Families

FAMILY_FILE = r"""
from fractions import Fraction

from kl_symbolic.families.family import Domain, Family, Moment, Parameter, Support

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
    from kl_symbolic.proof.claim import Claim

    proof = prove(derive(Claim("kl", "rayleigh", "rayleigh")))
    assert "normalisation of the rayleigh density" in proof.axioms


def test_an_error_in_a_family_is_not_swallowed(extra_family):
    extra_family("import no_such_library")
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        families.names()


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(NoClosedFormError, match="did you mean normal"):
        families.find("nromal")

"""The source of what is trusted: no heuristic, no floating-point number, few imports, and not much of it."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import kl_symbolic

PACKAGE = Path(kl_symbolic.__file__).parent
KERNEL = sorted((PACKAGE / "kernel").glob("*.py"))
TERMS = sorted((PACKAGE / "terms").glob("*.py"))  # without the door to SymPy
MOST_LINES = 2_577

FORBIDDEN = {
    *("simplify", "doit", "integrate", "solve", "limit", "nsimplify", "evalf", "expand", "cancel", "together"),
    *("equals", "N", "sympify", "lambdify", "eval", "exec", "float", "refine", "logcombine"),
}
MAY_IMPORT = {
    "kernel": {"errors", "arguments", "terms", "proof", "functions", "families", "divergences", "kernel"},
    "terms": {"errors", "functions", "families", "terms"},
}


def forbidden(source: str) -> set[str]:
    """Return the names and literals in `source` that a kernel must not use."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        name = getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", None)
        if isinstance(name, str) and (name in FORBIDDEN or name.endswith("simp")):
            found.add(name)
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.add(str(node.value))
    return found


def foreign(source: str, room: str) -> set[str]:
    """Return what `source` imports beside the standard library and the rooms that its own may import."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} if not node.level else {"."}
    return {name for name in found if not _may_import(name.split("."), room)}


def _may_import(parts: list[str], room: str) -> bool:
    if parts[0] != "kl_symbolic":
        return parts[0] in sys.stdlib_module_names
    return parts[1:2] != [] and parts[1] in MAY_IMPORT[room] and parts[1:3] != ["terms", "sympy"]


def code_lines(source: str) -> int:
    """Return the number of lines of a program that hold code: none that are blank, a comment, or a docstring."""
    no_code = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in no_code]
    lines = {line for t in tokens for line in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(source)):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if documented and ast.get_docstring(node) is not None:
            docstring = node.body[0]
            lines -= set(range(docstring.lineno, docstring.end_lineno + 1))
    return len(lines)


@pytest.mark.parametrize("path", KERNEL + TERMS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_heuristic_no_floating_point_number_and_no_foreign_import(path):
    source = path.read_text(encoding="utf-8")
    assert forbidden(source) == set()
    assert foreign(source, path.parent.name) == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("sympy.simplify(e)", {"simplify"}),
        ("e.doit()", {"doit"}),
        ("from sympy import integrate", {"integrate"}),
        ("x = 1.5", {"1.5"}),
        ("e.evalf(50)", {"evalf"}),
    ],
)
def test_the_reading_of_the_source_is_able_to_fail(source, found):
    assert forbidden(source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import sympy", {"sympy"}),
        ("import kl_symbolic", {"kl_symbolic"}),
        ("def f():\n    from mpmath import iv", {"mpmath.iv"}),
        ("from kl_symbolic import engine", {"kl_symbolic.engine"}),
        ("from kl_symbolic.terms.sympy import inert", {"kl_symbolic.terms.sympy.inert"}),
        ("from kl_symbolic.terms import sympy", {"kl_symbolic.terms.sympy"}),
        ("from kl_symbolic.numbers.balls import ball", {"kl_symbolic.numbers.balls.ball"}),
        ("from . import engine", {"."}),
        ("from fractions import Fraction\nfrom kl_symbolic.terms.grammar import HEADS", set()),
    ],
)
def test_a_foreign_import_is_found(source, found):
    assert foreign(source, "kernel") == found


def test_the_trusted_code_can_be_read_in_an_afternoon():
    counts = {f"{path.parent.name}/{path.name}": code_lines(path.read_text("utf-8")) for path in KERNEL + TERMS}
    print(*(f"{count:5} {name}" for name, count in counts.items()), f"{sum(counts.values()):5} together", sep="\n")  # noqa: T201 - pytest -s
    assert sum(counts.values()) < MOST_LINES


SOURCE = '''"""A module."""

x = 1  # one

# a comment
def f():
    """A
    docstring."""
    return (
        x
    )
y = """a
b"""
'''


def test_lines_are_counted_without_blank_ones_comments_and_docstrings():
    assert code_lines(SOURCE) == 7


def test_the_kernel_proves_without_the_engine():
    program = (
        "import sys\n"
        "from kl_symbolic.kernel import prove\n"
        "rooms = ('engine', 'numbers', 'checks', 'render', 'reading', 'numeric', 'terms.sympy')\n"
        "loaded = {m for m in sys.modules if m.startswith(tuple(f'kl_symbolic.{room}' for room in rooms))}\n"
        "loaded |= {'sympy', 'numpy', 'mpmath', 'flint', 'rich'} & sys.modules.keys()\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

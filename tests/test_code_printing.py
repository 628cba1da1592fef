"""How programs are written: with as few names and parentheses as are needed, on short lines, and nothing is lost."""

from __future__ import annotations

import ast
from fractions import Fraction

import pytest
from code_programs import CASES

from kl_symbolic.code.languages.python import docstring
from kl_symbolic.code.operations import Operation, argument, call, constant, operations_of
from kl_symbolic.code.program import Program
from kl_symbolic.code.targets import TARGETS, source_code
from kl_symbolic.errors import RequestError

X, Y = argument("x"), argument("y")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", CASES)
def test_lines_are_short(target, name):
    assert all(len(line) <= 100 for line in source_code(CASES[name].program, target).splitlines())


def written_value(node):
    """Return the one expression for a node in Python."""
    return source_code(Program("f", ("x", "y"), (node,)), "torch").strip().rpartition("return ")[2]


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ((X - Y) - 1, "x - y - 1.0"),
        (X - (Y - 1), "x - (y - 1.0)"),
        (X + (Y + 1), "x + (y + 1.0)"),
        (X + -Y * 2, "x - y*2.0"),
        (X - (-Y / 2) * X, "x + y/2.0*x"),
        (X + -(Y + 1) * 2, "x - (y + 1.0)*2.0"),
        (-X * Y, "-x*y"),
        (X * (Y / 3), "x*(y/3.0)"),
        (X / (Y * 3), "x/(y*3.0)"),
        ((X * Y) / 3, "x*y/3.0"),
        (-(X + Y), "-(x + y)"),
        (X - (-Y), "x + y"),
        (X * Fraction(-1, 2), "x*(-0.5)"),
        (Operation("where", (X + 1 < Y, constant(0), X)), "torch.where(x + 1.0 < y, 0.0, x)"),
        (Operation("where", (X <= Y, constant(0), constant(1))), "torch.where(x <= y, torch.full_like(x, 0.0), 1.0)"),
        (call("exp", constant(2)), "torch.exp(torch.full_like(x, 2.0))"),
    ],
)
def test_an_expression_has_the_parentheses_that_it_needs(node, text):
    assert written_value(node) == text


def evaluated(text, **values):
    return eval(compile(ast.parse(text, mode="eval"), text, "eval"), values)


def test_what_is_needed_twice_has_a_name():
    difference = X - Y
    text = source_code(Program("f", ("x", "y"), (difference * difference,)), "numba")
    assert "t1 = x - y\n    return t1*t1\n" in text


def test_a_name_is_not_that_of_an_argument():
    t1 = argument("t1")
    text = source_code(Program("f", ("t1",), ((t1 + 1) * (t1 + 1),)), "numba")
    assert "t2 = t1 + 1.0\n    return t2*t2\n" in text


def test_a_long_sum_is_written_in_its_order():
    total = X
    for k in range(60):
        total = total * X + Fraction(k + 1, 7)
    text = source_code(Program("f", ("x", "y"), (total,)), "c")
    assert text.count("const double t") < len(list(operations_of(total))) / 4
    assert all(repr((k + 1) / 7) in text for k in range(60))


@pytest.mark.parametrize("target", TARGETS)
def test_words_stand_in_the_comment_and_do_not_end_it(target):
    words = ('Return """ \\ */ $x.', "x: a number, x > 0.")
    text = source_code(Program("f", ("x",), (X,), words=words), target)
    assert "x: a number, x > 0." in text
    if target in ("numpy", "torch", "jax", "numba"):
        found = ast.get_docstring(
            next(n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == "f")
        )
        assert found.startswith("Return ''' \\ */ $x.")
    if target in ("c", "javascript"):
        assert text.count("*/") == text.count("/*")


def test_no_words_are_no_comment():
    assert docstring(()) == []


def test_an_argument_on_which_nothing_depends_is_said_to_be_so():
    program = Program("f", ("x", "y"), (X,))
    assert "(void)y;" in source_code(program, "c")
    assert "let _ = y;" in source_code(program, "rust")


def test_a_helper_has_another_name_where_the_language_has_that():
    program = Program("f", ("x",), (call("itakura_saito", X, X, X),))
    assert "static double itakura_saito(" in source_code(program, "c")
    named_as_a_word = Program("double", ("x",), (X,))
    assert "double double_(double x)" in source_code(named_as_a_word, "c")


@pytest.mark.parametrize(
    ("program", "target", "words"),
    [
        (Program("f", ("x",), (X,)), "fortran", "target must be one of numpy, torch"),
        (Program("f", ("x y",), (argument("x y"),)), "c", "a name in code must be a word"),
        (Program("f", ("μ",), (argument("μ"),)), "c", "a name in code must be a word"),
        (Program("f", ("x",), (X * 10**400,)), "c", "f has a number beyond floating point"),
        (Program("f", (), (constant(1),), summed=True), "rust", "f adds up coordinates, and has no vectors"),
    ],
)
def test_what_cannot_be_written_is_refused(program, target, words):
    with pytest.raises(RequestError, match=words) as found:
        source_code(program, target)
    assert "\n" not in str(found.value)

"""The functions of formulas in all languages: near what Python's decimals have by their definitions."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache

import mpmath
import pytest
from code_programs import literals, on_path, output

from kl_symbolic.code.decimal_arithmetic import DecimalArithmetic
from kl_symbolic.code.decimals import in_decimals, sum_in_decimals
from kl_symbolic.code.operations import Operation, argument, call
from kl_symbolic.code.program import OF_DIFFERENCE, Program, program_of
from kl_symbolic.code.targets import source_code
from kl_symbolic.errors import RequestError
from kl_symbolic.functions import all_functions

X, Y = argument("x"), argument("y")
EPS = 2.0**-52
MOST_EPS = 40
POINTS = {
    1: ((0.3,), (1e-5,), (2.5,), (37.0,)),
    2: ((1.0, 1.5), (3.0, 2.999999999), (0.1, 7.0), (40.0, 11.0), (2.5, 2.5)),
    4: ((3.0, 7.0, 4.0, 5.0), (0.1, 10.0, 1.0, 1.0)),
}


def name_in_code(name):
    try:
        program_of(name)
    except KeyError:
        return False
    return True


FUNCTIONS = [f for f in all_functions().values() if f.domains and f.name != "polygamma"]
NAMES = [name for f in FUNCTIONS for name in (f.name, f"log_{f.name}") if name_in_code(name)]
NAMES += [f"polygamma_{order}" for order in (1, 2)] + [f"expm1mx{OF_DIFFERENCE}"]


@cache
def program_that_calls(name):
    """Return a program that calls a function, and with how many arguments: the last is the difference of two points."""
    arguments = program_of(name).arguments
    if arguments[-1] == "gap":
        return Program(f"at_{name}", ("x", "y"), (call(name, X, Y, X - Y),))
    return Program(f"at_{name}", arguments, (call(name, *map(argument, arguments)),))


def points_of(name):
    return POINTS[len(program_that_calls(name).arguments)]


@cache
def exact_at(name, point):
    program = program_that_calls(name)
    (value,) = in_decimals(program, 25, dict(zip(program.arguments, point, strict=True)))
    return value


def assert_near(name, found):
    for point, value in zip(points_of(name), found, strict=True):
        wanted = exact_at(name, point)
        assert abs(Decimal(value) - wanted) <= Decimal(MOST_EPS * EPS) * abs(wanted), (name, point, value, wanted)


@pytest.mark.parametrize("name", NAMES)
def test_numpy_has_the_function(name):
    space = {}
    program = program_that_calls(name)
    exec(source_code(program, "numpy"), space)
    assert_near(name, [float(space[program.name](*point)) for point in points_of(name)])


def test_c_has_the_functions(tmp_path):
    files, calls = [], ""
    for name in NAMES:
        program = program_that_calls(name)
        (tmp_path / f"{name}.c").write_text(source_code(program, "c"))
        files.append(tmp_path / f"{name}.c")
        calls += f"double {program.name}({', '.join('double' for _ in program.arguments)});\n"
    calls += "int main(void) {\n"
    for name in NAMES:
        for point in points_of(name):
            calls += f'    printf("%.17g\\n", {program_that_calls(name).name}({", ".join(literals(point, ""))}));\n'
    (tmp_path / "main.c").write_text(f"#include <stdio.h>\n{calls}    return 0;\n}}\n")
    strict = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
    output(on_path("gcc"), *strict, "-O1", tmp_path / "main.c", *files, "-o", tmp_path / "run", "-lm")
    compare_all(output(tmp_path / "run"))


def test_javascript_has_the_functions(tmp_path):
    node, script = on_path("node"), ""
    for name in NAMES:
        program = program_that_calls(name)
        (tmp_path / f"{name}.mjs").write_text(source_code(program, "javascript"))
        script += f'import {{ {program.name} }} from "./{name}.mjs";\n'
    for name in NAMES:
        for point in points_of(name):
            script += f"console.log({program_that_calls(name).name}({', '.join(literals(point, ''))}));\n"
    (tmp_path / "run.mjs").write_text(script)
    compare_all(output(node, tmp_path / "run.mjs"))


def test_rust_has_the_functions(tmp_path):
    rustc, modules, body = on_path("rustc"), "", ""
    for name in NAMES:
        program = program_that_calls(name)
        (tmp_path / f"{program.name}.rs").write_text(source_code(program, "rust"))
        modules += f"mod {program.name};\n"
        for point in points_of(name):
            body += f'    println!("{{:?}}", {program.name}::{program.name}({", ".join(literals(point, ""))}));\n'
    (tmp_path / "main.rs").write_text(f"{modules}fn main() {{\n{body}}}\n")
    output(rustc, "-D", "warnings", "--edition", "2021", "-o", tmp_path / "run", tmp_path / "main.rs")
    compare_all(output(tmp_path / "run"))


def compare_all(text):
    values = iter(map(float, text.split()))
    for name in NAMES:
        assert_near(name, [next(values) for _ in points_of(name)])
    assert next(values, None) is None


# Decimals themselves


@pytest.mark.parametrize("x", ["1/3", "7", "1000000.5", "1e-40", "1e30"])
def test_gamma_functions_lie_between_their_bounds(x):
    mp = mpmath.MPContext()
    mp.dps = 80
    number = mp.mpf(1) / 3 if x == "1/3" else mp.mpf(x)
    m = DecimalArithmetic(50)
    at = m.number(1) / 3 if x == "1/3" else m.number(Decimal(x))
    pairs = [(m.log(m.gamma(at)), mp.loggamma(number)), (m.pi, mp.pi), (m.euler_gamma, mp.euler)]
    pairs += [(m.polygamma(order, at), mp.psi(order, number)) for order in range(4)]
    for interval, value in pairs:
        low, high = mp.mpf(str(interval.low)), mp.mpf(str(interval.high))
        assert low <= value <= high
        assert high - low <= mp.mpf(10) ** -46 * abs(value)


def test_the_precision_of_others_does_not_matter():
    with localcontext() as context:
        context.prec = 3
        (found,) = in_decimals(Program("f", ("x",), (call("log_gamma", X),)), 30, {"x": Decimal("0.1")})
    assert found == Decimal("2.25271265173420595986970164637")


@pytest.mark.parametrize("digits", [5, 50, 300])
def test_all_digits_are_right_however_many_cancel(digits):
    program = Program("f", ("x", "y"), (call("itakura_saito", X, Y, X - Y),))
    x, y = Decimal(1), Decimal("1." + 199 * "0" + "1")
    (found,) = in_decimals(program, digits, {"x": x, "y": y})
    mp = mpmath.MPContext()
    mp.dps = 1000
    a, b = mp.mpf(str(x)), mp.mpf(str(y))
    wanted = a / b - 1 - mp.log(a / b)
    assert abs(mp.mpf(str(found)) - wanted) <= wanted * mp.mpf(10) ** (1 - digits)
    assert len(found.as_tuple().digits) == digits


@pytest.mark.parametrize("name", [name for name in NAMES if program_of(name).arguments[-1] == "gap"])
def test_a_remainder_is_exactly_zero_where_the_points_are_equal(name):
    assert exact_at(name, (2.5, 2.5)) == 0


def test_a_constant_has_all_its_digits():
    program = Program("f", (), (call("pi") - 3,))
    assert in_decimals(program, 40, {}) == (Decimal("0.1415926535897932384626433832795028841972"),)


def test_a_choice_takes_the_side_that_its_condition_says():
    choice = Program("f", ("x",), (Operation("where", (X <= 0, X * 0, 1 / X)),))
    assert in_decimals(choice, 10, {"x": 0}) == (0,)
    assert in_decimals(choice, 10, {"x": 4}) == (Decimal("0.25"),)


def test_coordinates_are_added_up():
    program = Program("f", ("x", "y"), (X / Y,), summed=True)
    assert sum_in_decimals(program, 10, {"x": [1, 2.0, -1], "y": [3, 3, 7]}) == Decimal("0.8571428571")


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (1 / X, "f is not determined to 20 digits"),
        (call("log", X), "f is not determined to 20 digits"),
        (call("factorial", X), "no arithmetic with decimals computes factorial"),
        (call("log_gamma", X), "computed at positive numbers"),
    ],
)
def test_what_is_not_determined_is_refused(node, words):
    with pytest.raises(RequestError, match=words) as found:
        in_decimals(Program("f", ("x",), (node,)), 20, {"x": 0})
    assert "\n" not in str(found.value)


def test_a_number_must_be_finite():
    with pytest.raises(RequestError, match="finite numbers; got nan"):
        in_decimals(Program("f", ("x",), (X + 1,)), 20, {"x": float("nan")})

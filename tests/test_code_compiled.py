"""Code in C, JavaScript, Rust and Julia: compiled without warnings, run, and compared with mpmath."""

from __future__ import annotations

import ctypes
import json
import math
import re
import subprocess

import pytest
from code_programs import CASES, assert_near, literals, on_path, output, written

from kl_symbolic.code.operations import argument, call
from kl_symbolic.code.program import Program
from kl_symbolic.code.targets import source_code

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")


@pytest.fixture(scope="module")
def c_library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("c")
    files = written(folder, "c", "c")
    output(on_path("gcc"), *STRICT, "-O2", "-shared", "-fPIC", *files.values(), "-o", folder / "all.so", "-lm")
    return ctypes.CDLL(str(folder / "all.so"))


def called_in_c(library, name, point):
    program, function = CASES[name].program, getattr(library, name)
    count = len(program.results)
    function.restype = ctypes.c_double if count == 1 else None
    vectors = [(ctypes.c_double * len(one))(*one) for one in point] if program.summed else []
    arguments = [len(point[0]), *vectors] if program.summed else [ctypes.c_double(one) for one in point]
    if program.summed:
        arguments[0] = ctypes.c_size_t(len(point[0]))
    if count == 1:
        return [function(*arguments)]
    size = len(point[0]) if program.summed else 1
    out = (ctypes.c_double * (count * size))()
    function(*arguments, out)
    return [list(out[k * size : (k + 1) * size]) if program.summed else out[k] for k in range(count)]


@pytest.mark.parametrize("name", CASES)
def test_c_agrees_with_mpmath(c_library, name):
    assert_near([called_in_c(c_library, name, point) for point in CASES[name].points], name)


def test_c_is_the_same_where_the_compiler_may_contract(tmp_path):
    """With all that the processor has, and in GNU mode, where products and sums may become one operation."""
    files = written(tmp_path, "c", "c")
    flags = ("-O3", "-march=native", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")
    output(on_path("gcc"), *flags, *files.values(), "-o", tmp_path / "all.so", "-lm")
    library = ctypes.CDLL(str(tmp_path / "all.so"))
    for name, case in CASES.items():
        assert_near([called_in_c(library, name, point) for point in case.points], name)


def test_c_refuses_arithmetic_that_is_not_exact(tmp_path):
    file = written(tmp_path, "c", "c")["operations"]
    found = subprocess.run([on_path("gcc"), "-ffast-math", "-fsyntax-only", file], capture_output=True, text=True)
    assert found.returncode != 0
    assert "compile without -ffast-math" in found.stderr


def test_javascript_agrees_with_mpmath(tmp_path):
    node, files = on_path("node"), written(tmp_path, "mjs", "javascript")
    script = "".join(f'import {{ {name} }} from "./{file.name}";\n' for name, file in files.items())
    script += "const INFINITY = Infinity, found = {};\n"
    for name, case in CASES.items():
        calls = ", ".join(f"{name}({', '.join(literals(point, '[{}]'))})" for point in case.points)
        script += f"found.{name} = [{calls}];\n"
    # What JSON has no numbers for is text.
    script += 'const plain = (_, v) => (v instanceof Float64Array ? Array.from(v) : v === Infinity ? "inf" : v);\n'
    (tmp_path / "run.mjs").write_text(script + "console.log(JSON.stringify(found, plain));\n")
    found = json.loads(output(node, tmp_path / "run.mjs"))
    for name, results in found.items():
        several = len(CASES[name].program.results) > 1
        assert_near([result if several else [float(result)] for result in results], name)


def test_javascript_refuses_vectors_of_different_lengths(tmp_path):
    node = on_path("node")
    written(tmp_path, "mjs", "javascript")
    (tmp_path / "run.mjs").write_text('import { summed } from "./summed.mjs";\nsummed([1.0], [1.0, 2.0]);\n')
    found = subprocess.run([node, tmp_path / "run.mjs"], capture_output=True, text=True)
    assert "RangeError: the vectors must have the same length" in found.stderr


def test_rust_agrees_with_mpmath(tmp_path):
    rustc, files = on_path("rustc"), written(tmp_path, "rs", "rust")
    script = "use std::f64::INFINITY;\n" + "".join(f"mod {name};\n" for name in files) + "fn main() {\n"
    for name, case in CASES.items():
        for point in case.points:
            call_ = f"{name}::{name}({', '.join(literals(point, '&[{}]'))})"
            script += f'    println!("{name} {{:?}}", {call_});\n'
    (tmp_path / "main.rs").write_text(script + "}\n")
    output(rustc, "-D", "warnings", "--edition", "2021", "-o", tmp_path / "run", tmp_path / "main.rs")
    found = {name: [] for name in CASES}
    for line in output(tmp_path / "run").splitlines():
        name, _, value = line.partition(" ")
        result = [math.inf] if value == "inf" else json.loads(value)
        found[name].append(result if isinstance(result, list) else [result])
    for name, results in found.items():
        assert_near(results, name)


@pytest.mark.parametrize("name", CASES)
def test_julia_has_an_end_for_each_beginning(name):
    text = re.sub(r'""".*?"""', "", source_code(CASES[name].program, "julia"), flags=re.DOTALL)
    begun = re.findall(r"^ *(?:function|for)\b", text, re.MULTILINE)
    assert len(begun) == len(re.findall(r"^ *end$", text, re.MULTILINE)) + text.count("    ]")
    assert text.count("(") == text.count(")")


def test_julia_is_what_it_should_be():
    x = argument("x")
    program = Program("half_square", ("x",), (x * x / 2 + call("log1p", x),), words=("Return 1/2 x^2 + log(1 + x).",))
    assert source_code(program, "julia") == (
        '"""\nReturn 1/2 x^2 + log(1 + x).\n"""\n'
        "function half_square(x::Real)\n"
        "    x = Float64(x)\n"
        "    return x*x/2.0 + log1p(x)\n"
        "end\n"
    )

"""Generated code against test vectors: within the bound of the error that stands in it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from code_programs import on_path, output

from kl_symbolic import closed_form, vectors

LAWS = [
    ("normal", "normal", {}),
    ("normal", "normal", {"param": "logvar"}),
    ("normal", "standard_normal", {"param": "logvar"}),
    ("exponential", "exponential", {}),
    ("poisson", "poisson", {}),
    ("gamma", "gamma", {}),
    ("gamma", "gamma", {"param": "mean"}),
    ("exponential", "gamma", {"param": "scale"}),
]
COUNT = 60
EPS = Fraction(1, 2**52)


def points(form, laws):
    """Return the vectors for which the code states a bound."""
    *pair, options = laws
    within = form._computed.within
    rows = vectors(*pair, count=COUNT, digits=30, seed=1, **options).rows
    inside = [row for row in rows if all(within[k].low <= v <= within[k].high for k, v in row.parameters.items())]
    assert {row.kind for row in inside} >= {row.kind for row in rows} - {"extreme"}
    return inside


def run_c(folder, name, code, rows):
    calls = "".join(f'    printf("%.17g\\n", {name}({", ".join(float(v).hex() for v in row)}));\n' for row in rows)
    (folder / "code.c").write_text(f"{code}\n#include <stdio.h>\nint main(void)\n{{\n{calls}    return 0;\n}}\n")
    flags = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wno-missing-prototypes", "-Werror", "-O2")
    output(on_path("gcc"), *flags, folder / "code.c", "-o", folder / "run", "-lm")
    return output(folder / "run").split()


def run_javascript(folder, name, code, rows):
    node = on_path("node")
    calls = "".join(f"console.log({name}({', '.join(repr(float(v)) for v in row)}));\n" for row in rows)
    (folder / "code.mjs").write_text(f"{code}\n{calls}")
    return output(node, folder / "code.mjs").split()


def run_rust(folder, name, code, rows):
    rustc = on_path("rustc")
    calls = "".join(f'    println!("{{:e}}", {name}({", ".join(repr(float(v)) for v in row)}));\n' for row in rows)
    (folder / "code.rs").write_text(f"{code}\nfn main() {{\n{calls}}}\n")
    output(rustc, "-D", "warnings", "--edition", "2021", "-o", folder / "run", folder / "code.rs")
    return output(folder / "run").split()


def run_numpy(folder, name, code, rows):  # noqa: ARG001 - as the others
    space = {}
    exec(code, space)
    return [float(space[name](*map(float, row))) for row in rows]


RUN = {"c": run_c, "javascript": run_javascript, "rust": run_rust, "numpy": run_numpy}


@pytest.mark.sample(10)
@pytest.mark.parametrize("laws", LAWS, ids=str)
@pytest.mark.parametrize("target", RUN)
def test_code_is_within_its_bound_at_the_test_vectors(target, laws, tmp_path):
    *pair, options = laws
    form = closed_form(*pair, **options)
    (bound,) = form.error_bound
    rows = points(form, laws)
    name = form._computed.program.name
    found = RUN[target](tmp_path, name, form.code(target), [row.parameters.values() for row in rows])
    for row, value in zip(rows, found, strict=True):
        wanted = Fraction(row.value)
        assert abs(Fraction(float(value)) - wanted) <= Fraction(bound.eps) * EPS * wanted, row

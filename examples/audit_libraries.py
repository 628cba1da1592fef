"""Audit the divergences of torch.distributions, and of other libraries if they are installed, and print a table.

    python examples/audit_libraries.py [--dtype float32] [--rows 50] [--details]

Every number and every finding comes from the audit; nothing is typed in.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from kl_symbolic.audit import Audit, audit

Divergence = Callable[..., Any]


@dataclass(frozen=True)
class Subject:
    """A divergence of a library: its name there, the laws, the arguments and the array library."""

    name: str
    function: Divergence
    p: str
    q: str
    args: tuple[str, ...]
    library: str


NORMALS = ("mu_1", "sigma_1", "mu_2", "sigma_2")
RATES = ("lambda_1", "lambda_2")


def of_torch() -> Iterator[Subject]:
    """Yield the divergences of torch.distributions."""
    d = import_module("torch.distributions")

    def diagonal(m: Any, s: Any, n: Any, t: Any) -> Any:
        return d.kl_divergence(d.Independent(d.Normal(m, s), 1), d.Independent(d.Normal(n, t), 1))

    yield from _subjects("torch", "torch", d.kl_divergence, d.Normal, d.Exponential, d.Poisson)
    yield Subject("torch Independent(Normal)", diagonal, "diagonal_normal", "diagonal_normal", NORMALS, "torch")


def of_numpyro() -> Iterator[Subject]:
    """Yield the divergences of numpyro."""
    d = import_module("numpyro.distributions")
    yield from _subjects("numpyro", "jax", d.kl_divergence, d.Normal, d.Exponential, None)


def of_distrax() -> Iterator[Subject]:
    """Yield the divergences of distrax."""
    d = import_module("distrax")

    def normal(m: Any, s: Any, n: Any, t: Any) -> Any:
        return d.Normal(m, s).kl_divergence(d.Normal(n, t))

    yield Subject("distrax Normal", normal, "normal", "normal", NORMALS, "jax")


def of_kl_symbolic() -> Iterator[Subject]:
    """Yield our own kernels, which have to stand the same audit."""
    d = import_module("kl_symbolic.numeric")
    yield Subject("kl_symbolic kl_normal", d.kl_normal, "normal", "normal", NORMALS, "numpy")


LIBRARIES: dict[str, Callable[[], Iterator[Subject]]] = {
    "torch": of_torch,
    "numpyro": of_numpyro,
    "distrax": of_distrax,
    "kl_symbolic": of_kl_symbolic,
}


def _subjects(name: str, library: str, kl: Divergence, normal: Any, exponential: Any, poisson: Any) -> list[Subject]:
    """Return the divergences of a library whose laws are classes and whose divergence is a function of two laws."""
    found = [
        Subject(
            f"{name} Normal", lambda m, s, n, t: kl(normal(m, s), normal(n, t)), "normal", "normal", NORMALS, library
        ),
        Subject(
            f"{name} Exponential",
            lambda a, b: kl(exponential(a), exponential(b)),
            "exponential",
            "exponential",
            RATES,
            library,
        ),
        Subject(
            f"{name} Exponential, Normal",
            lambda a, n, t: kl(exponential(a), normal(n, t)),
            "exponential",
            "normal",
            ("lambda_1", "mu_2", "sigma_2"),
            library,
        ),
    ]
    if poisson is not None:
        rates = Subject(
            f"{name} Poisson", lambda a, b: kl(poisson(a), poisson(b)), "poisson", "poisson", RATES, library
        )
        found.append(rates)
    return found


def near(dtype: str) -> str:
    """Return the region that stands for nearly equal laws."""
    return "near 1e-8" if dtype == "float64" else "near 1e-4"


def line(found: Audit) -> str:
    """Return a row of the table: worst errors, shares of negative values and zeros near P = Q, numbers of faults."""
    rows = {row.region: row for row in found.rows}
    close = rows.get(near(found.dtype))
    extreme = max((rows[r].worst for r in ("tiny scales", "huge scales", "mixed scales") if r in rows), default=None)
    errors = [rows["far"].worst if "far" in rows else None, close and close.worst, extreme]
    cells = ["-" if e is None else f"{e:.2g}" for e in errors]
    cells += ["-", "-"] if close is None else [f"{100 * share:.0f} %" for share in (close.negative, close.zero)]
    wrong = sum(finding.kind == "edge" for finding in found.findings)
    shapes = sum(finding.kind == "shape" for finding in found.findings)
    return f"{found.function:<28}" + "".join(f"{cell:>10}" for cell in cells) + f"{wrong:>7}{shapes:>8}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit what is installed and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dtype", choices=("float64", "float32"), default="float64", help="default: float64")
    parser.add_argument("--rows", type=int, default=50, help="samples in each region; default: 50")
    parser.add_argument("--details", action="store_true", help="print the findings below the table")
    options = parser.parse_args(arguments)
    heads = ("far", near(options.dtype), "extreme", "negative", "zero")
    print(f"{'worst error in eps':<28}" + "".join(f"{head:>10}" for head in heads) + f"{'edges':>7}{'shapes':>8}")
    audits = []
    for library, subjects in LIBRARIES.items():
        if find_spec(library) is None:
            print(f"{library}: not installed", file=sys.stderr)
            continue
        for subject in subjects():
            audits.append(
                audit(
                    subject.function, subject.p, subject.q, subject.args, dtype=options.dtype,
                    library=subject.library, rows=options.rows, name=subject.name,
                )
            )  # fmt: skip
            print(line(audits[-1]), flush=True)
    if options.details:
        for found in audits:
            print(f"\n{found.function}: {'passed' if found.passed else 'failed'}")
            for sentence in (*found.findings, *found.notes):
                print(f"- {sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

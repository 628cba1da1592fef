"""How fast derivations are written, proved and checked, and how fast the package starts: ratios, measured in one run.

Usage: python benchmarks/speed.py [--runs N]

A ratio travels from one machine to the next, a time does not, so the ratio is what a line is about. Every time is the
median of N runs after one that warms up. Runs of the two sides take turns, so that a busy moment hits both.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import sympy

from kl_symbolic.checks import verify
from kl_symbolic.engine import derive
from kl_symbolic.kernel import polynomial, prove
from kl_symbolic.proof.question import Question

if TYPE_CHECKING:
    from collections.abc import Callable

NORMAL = Question("kl", "normal", "normal")
DIMENSIONS = (1, 10, 100)


@dataclass(frozen=True)
class Line:
    """One comparison: a ratio, the bound it should keep, the two times, and what it means."""

    title: str
    seconds: float
    against: str
    other: float
    ratio: str
    expected: str
    meaning: str


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="Measure derive, prove, verify and start-up, in ratios.")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each side (default 5)")
    runs = parser.parse_args().runs
    if runs < 1:
        parser.error("--runs must be at least 1")
    print(f"Medians of {runs} runs; a ratio is second time / first time, or as said.\n")
    for measure in (against_sympy, verification, command_line, whole_commands, growth, kernels_import):
        for line in measure(runs):
            show(line)


def show(line: Line) -> None:
    """Print one comparison, its meaning below it."""
    print(f"{line.title:<34}{milliseconds(line.seconds)}   {line.against:<34}{milliseconds(line.other)}")
    print(f"    {line.ratio}; expected: {line.expected}")
    print(textwrap.fill(line.meaning, 110, initial_indent="    ", subsequent_indent="    ") + "\n", flush=True)


def milliseconds(seconds: float) -> str:
    """Return a time with three digits, in a column."""
    return f"{1000 * seconds:>9.3g} ms"


def medians(runs: int, *tasks: Callable[[], object]) -> list[float]:
    """Return the median seconds of each task, after one run of each that warms up; the tasks take turns."""
    times: list[list[float]] = [[] for _ in tasks]
    for run in range(runs + 1):
        for task, seconds in zip(tasks, times, strict=True):
            start = time.perf_counter()
            task()
            if run > 0:
                seconds.append(time.perf_counter() - start)
    return [median(seconds) for seconds in times]


def forget() -> None:
    """Empty every cache that could hold a part of the answer, ours and SymPy's."""
    derive.cache_clear()
    for held in vars(polynomial).values():
        if hasattr(held, "cache_clear"):
            held.cache_clear()
    sympy.core.cache.clear_cache()


def derive_and_prove(question: Question) -> None:
    """Derive and prove a question from nothing."""
    forget()
    prove(derive(question))


def integrate() -> None:
    """Find the same closed form by SymPy's own integration."""
    forget()
    x, mu_1, mu_2 = sympy.symbols("x mu_1 mu_2", real=True)
    sigma_1, sigma_2 = sympy.symbols("sigma_1 sigma_2", positive=True)

    def density(mu: sympy.Expr, sigma: sympy.Expr) -> sympy.Expr:
        return sympy.exp(-((x - mu) ** 2) / (2 * sigma**2)) / (sigma * sympy.sqrt(2 * sympy.pi))

    p, q = density(mu_1, sigma_1), density(mu_2, sigma_2)
    sympy.simplify(sympy.integrate(p * sympy.log(p / q), (x, -sympy.oo, sympy.oo)))


def against_sympy(runs: int) -> list[Line]:
    """Derive and prove against integrate and simplify."""
    ours, theirs = medians(runs, lambda: derive_and_prove(NORMAL), integrate)
    return [
        Line(
            "derive + prove normal || normal",
            ours,
            "sympy.integrate + simplify",
            theirs,
            f"{theirs / ours:.0f} times faster",
            "at least 20 times",
            "SymPy integrates p log(p/q) over the reals and simplifies; we write every step, with the moments it rests"
            " on, and prove each. Imports are done and all caches empty on both sides.",
        )
    ]


def verification(runs: int) -> list[Line]:
    """Verification at 50 digits against deriving and proving."""
    derivation = derive(NORMAL)
    statement, everything = medians(
        runs,
        lambda: verify(derivation, digits=50, points=8, stages=False),
        lambda: verify(derivation, digits=50, points=8, stages=True),
    )
    return [
        Line(
            "verify: the statement",
            statement,
            "verify: every stage",
            everything,
            f"{everything / statement:.1f} times slower",
            "no bound; it tells what checking the stages costs",
            "normal || normal at 8 points and 50 digits by quadrature, the statement alone against every stage of the"
            " derivation and of its lemmas.",
        )
    ]


def start(*arguments: str) -> Callable[[], object]:
    """Return a task that starts Python in a process of its own."""
    return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def command_line(runs: int) -> list[Line]:
    """Compare --help with bare Python."""
    bare, ours = medians(2 * runs, start("-c", "pass"), start("-m", "kl_symbolic", "--help"))
    bound = 2.5 * bare + 0.05
    return [
        Line(
            "python -c pass",
            bare,
            "kl-symbolic --help",
            ours,
            f"{ours / bare:.2f} times bare Python",
            f"at most 2.5 times + 50 ms = {milliseconds(bound).strip()}",
            "Help and shell completion must not pay for importing SymPy.",
        )
    ]


def whole_commands(runs: int) -> list[Line]:
    """Compare whole commands with importing SymPy."""
    commands = [("derive", "at most 3 times"), ("verify", "no bound")]
    sympy_alone, *times = medians(
        runs,
        start("-c", "import sympy"),
        *(start("-m", "kl_symbolic", command, "normal", "normal") for command, _ in commands),
    )
    return [
        Line(
            "import sympy",
            sympy_alone,
            f"kl-symbolic {command} normal normal",
            seconds,
            f"{seconds / sympy_alone:.2f} times SymPy",
            expected,
            "Each in a process of its own. `derive` proves every step, checks the statement at 2 points and prints;"
            " `verify` checks every stage at 8 points.",
        )
        for (command, expected), seconds in zip(commands, times, strict=True)
    ]


def growth(runs: int) -> list[Line]:
    """Measure how proving grows with a concrete dimension, against symbolic n."""
    questions = [Question("kl", "diagonal_normal", "diagonal_normal", dim=n) for n in (None, *DIMENSIONS)]
    derivations = [derive(question) for question in questions]

    def proof(index: int) -> Callable[[], object]:
        def task() -> None:
            forget()
            prove(derivations[index])

        return task

    symbolic, *concrete = medians(runs, *(proof(index) for index in range(len(questions))))
    lines = [
        Line(
            "prove diagonal normal, symbolic n",
            symbolic,
            f"prove it written out, n = {n}",
            seconds,
            f"{seconds / symbolic:.2f} times symbolic n",
            "about 1 for n = 1, then growing with n",
            "The proof for symbolic n is one for all dimensions; a written-out sum adds its n terms.",
        )
        for n, seconds in zip(DIMENSIONS, concrete, strict=True)
    ]
    (low, middle, high), (first, second, third) = DIMENSIONS, concrete
    early, late = (second - first) / (middle - low), (third - second) / (high - middle)
    growing = Line(
        f"per coordinate, n = {low} to {middle}",
        early,
        f"per coordinate, n = {middle} to {high}",
        late,
        f"{late / early:.2f} times as much per coordinate",
        "about 1 or less (10 would mean quadratic); noisy, for both are differences of small times",
        "Proving is linear in a written-out dimension.",
    )
    return [*lines, growing]


def kernels_import(runs: int) -> list[Line]:
    """Compare importing the array kernels with importing NumPy."""
    numpy, kernels = medians(2 * runs, start("-c", "import numpy"), start("-c", "import kl_symbolic.numeric"))
    return [
        Line(
            "import numpy",
            numpy,
            "import kl_symbolic.numeric",
            kernels,
            f"{kernels / numpy:.2f} times NumPy",
            "at most 1.2 times",
            "NumPy, never SymPy or mpmath; the programs of the functions are written down meanwhile.",
        )
    ]


if __name__ == "__main__":
    main()

"""How often `check` is wrong: mutants of closed forms that must not be proved, and rewrites that should be.

Usage: python benchmarks/soundness.py [--mutants 10000] [--rewrites 2000] [--seed 0] [--as formula code]

Every formula starts from a proved closed form. A rewrite applies laws of algebra, logarithms and exponentials at
random; a mutant changes one place of a closed form or of a rewrite. Whether a mutant is wrong is found by numbers, at
50 digits and by a few lines below that share nothing with the kernel. Each is judged as it is, and written as the
Python of several libraries, in several styles, and read back; what is read must have the same values. The program
exits with 1 if a wrong formula is proved, a right one refuted, one is misread, or less than 99 percent of the rewrites
are proved.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from multiprocessing import get_context
from random import Random

import mpmath
from as_python import as_python
from rewrites import mutant, rewritten

from kl_symbolic import Derivation, derive, prove
from kl_symbolic.claims.decision import decide
from kl_symbolic.claims.equation import read
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.parameters import base_of, parameter_records
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import DIMENSION, Number, Symbol, Term

REQUESTS = [
    ("normal", "normal", {}),
    ("normal", "normal", {"param": "var"}),
    ("normal", "normal", {"param": "logvar"}),
    ("normal", "standard_normal", {}),
    ("normal", "standard_normal", {"param": "logvar"}),
    ("normal", "normal", {"quantity": "cross_entropy"}),
    ("normal", "normal", {"quantity": "asymmetry"}),
    ("normal", None, {"quantity": "entropy"}),
    ("normal", "normal", {"unit": "bits"}),
    ("exponential", "exponential", {}),
    ("exponential", "normal", {}),
    ("poisson", "poisson", {}),
    ("diagonal_normal", "standard_normal", {"param": "logvar"}),
    ("diagonal_normal", "diagonal_normal", {}),
    ("diagonal_normal", "diagonal_normal", {"dim": 2, "param": "var"}),
]
DIGITS, POINTS = 50, 3
LEAST_SHARE = 0.99  # of the rewrites, to be proved
BATCH = 50
WAYS = ("formula", "code")

Point = dict[str, mpmath.mpf]
Verdicts = Counter[tuple[str, str]]


@cache
def derivation(number: int) -> Derivation:
    """Return one of the derivations, proved."""
    p, q, options = REQUESTS[number]
    found = derive(p, q, **options)
    prove(found)
    return found


def value(term: Term, at: Point, i: int = 0) -> mpmath.mpf:
    """Return the value of a term, with two coordinates for a symbolic n."""
    match term:
        case Number(number):
            return mpmath.mpf(number.numerator) / number.denominator
        case Symbol(name):
            return mpmath.mpf(2) if term is DIMENSION else at[name]
        case Term("Indexed", (array, place)):
            return at[f"{array}{place if isinstance(place, Number) else i}"]
        case Term("Sum", (body, _, size)):
            return mpmath.fsum(value(body, at, k) for k in range(1, (2 if size is DIMENSION else int(size.value)) + 1))
        case Term("pi"):
            return +mpmath.pi
    args = [value(a, at, i) for a in term.args]
    match term.head:
        case "Add":
            return mpmath.fsum(args)
        case "Mul":
            return mpmath.fprod(args)
        case "pow":
            return args[0] ** args[1]
    functions = {"log": mpmath.log, "exp": mpmath.exp, "sqrt": mpmath.sqrt}
    return functions[term.head](*args)


def values(term: Term, points: Sequence[Point]) -> list[mpmath.mpf | None]:
    """Return the values of a term, None where there is none."""
    found: list[mpmath.mpf | None] = []
    for at in points:
        try:
            found.append(value(term, at))
        except (ZeroDivisionError, ValueError):
            found.append(None)
    return found


def points_of(found: Derivation, random: Random) -> list[Point]:
    """Draw points of a derivation."""
    question, points = found.question, []
    for _ in range(POINTS):
        at = {}
        for parameter, record in zip(laws(question).parameters, parameter_records(question), strict=True):
            base, positive = base_of(parameter), record.domain.positive
            for name in [str(base)] if base is parameter else [f"{base}{k}" for k in (1, 2)]:
                drawn = Fraction(random.randint(1, 400), random.randint(90, 110))
                at[name] = drawn.numerator * mpmath.mpf(1 if positive else random.choice((-1, 1))) / drawn.denominator
        points.append(at)
    return points


def equal_in_numbers(one: Term, other: Term, points: Sequence[Point]) -> bool:
    """Compare two expressions at points; a value that does not exist is no agreement."""
    pairs = zip(values(one, points), values(other, points), strict=True)
    return all(left is not None and right is not None and _near(left, right) for left, right in pairs)


def misread(read_back: Term, formula: Term, points: Sequence[Point]) -> bool:
    """Whether what was read has other values, or is without some, than what was written."""
    pairs = zip(values(read_back, points), values(formula, points), strict=True)
    return any(
        (left is None) != (right is None) or (left is not None and not _near(left, right)) for left, right in pairs
    )


def _near(left: mpmath.mpf, right: mpmath.mpf) -> bool:
    return bool(abs(left - right) <= mpmath.mpf(10) ** (12 - DIGITS) * max(abs(left), abs(right), 1))


def judged(job: tuple[str, str, int, int]) -> list[tuple[str, str, str]]:
    """Return for each formula of a batch its kind, the verdict, and the formula if the verdict is wrong."""
    way, kind, seed, count = job
    random, results = Random(f"{kind} {seed}"), []  # noqa: S311 - of formulas, not of secrets
    writing = Random(f"{kind} {seed} as code")  # noqa: S311
    numbers = [k for k, (_, _, options) in enumerate(REQUESTS) if way == "formula" or "dim" not in options]
    with mpmath.workdps(DIGITS):
        for k in range(count):
            found = derivation(numbers[(seed + k) % len(numbers)])
            closed = right = found.record.statement.right
            if kind == "rewrite" or random.random() < 0.5:
                right = rewritten(closed, random)
            formula = right if kind == "rewrite" else mutant(right, random)
            points = points_of(found, random)
            truth = equal_in_numbers(formula, closed, points)
            what = ("right " if truth else "wrong ") + kind
            written = str(formula) if way == "formula" else as_python(formula, laws(found.question).parameters, writing)
            status = verdict(formula if way == "formula" else written, formula, found, points)
            bad = status in ("refuted" if truth else "proved", "misread") or (kind == "rewrite" and status != "proved")
            results.append((what, status, f"{found.name}: {written}" if bad else ""))
    return results


def verdict(given: Term | str, formula: Term, found: Derivation, points: Sequence[Point]) -> str:
    """Return the verdict about a formula, or about what is read of the code of one."""
    if isinstance(given, str):
        try:
            given = read(given, found.question).term
        except RequestError:
            return "not read"
        if misread(given, formula, points):
            return "misread"
    return decide(given, found, explain=False).status


def measure(way: str, mutants: int, rewrites: int, seed: int, processes: int) -> tuple[Verdicts, list[str]]:
    """Return how often each verdict was given, and the formulas whose verdict is wrong or weak."""
    jobs = [
        (way, kind, seed * 1_000_000 + start, min(BATCH, total - start))
        for kind, total in (("mutant", mutants), ("rewrite", rewrites))
        for start in range(0, total, BATCH)
    ]
    counts: Verdicts = Counter()
    bad = []
    with get_context("spawn").Pool(processes) as pool:
        for results in pool.imap_unordered(judged, jobs):
            for what, status, formula in results:
                counts[what, status] += 1
                if formula:
                    bad.append(f"{status}, {what}: {formula}")
    return counts, bad


def faults(counts: Verdicts) -> list[str]:
    """Return what is not as it must be."""
    accepted = sum(n for (what, status), n in counts.items() if what.startswith("wrong") and status == "proved")
    refused = sum(n for (what, status), n in counts.items() if what.startswith("right") and status == "refuted")
    other = sum(n for (_, status), n in counts.items() if status == "misread")
    rewrites = sum(n for (what, _), n in counts.items() if what.endswith("rewrite"))
    share = counts["right rewrite", "proved"] / rewrites if rewrites else 1
    found = [f"{accepted} wrong formulas were proved"] * bool(accepted)
    found += [f"{refused} right formulas were refuted"] * bool(refused)
    found += [f"{other} formulas were misread"] * bool(other)
    found += [f"only {share:.1%} of the rewrites were proved"] * (share < LEAST_SHARE)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how often `check` is wrong.")
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--rewrites", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--show", type=int, default=5, help="formulas whose verdict is wrong or weak; default: 5")
    parser.add_argument("--as", nargs="+", choices=WAYS, default=WAYS, dest="ways", help="default: formula code")
    options = parser.parse_args()
    found = []
    for way in options.ways:
        begin = time.perf_counter()
        counts, bad = measure(way, options.mutants, options.rewrites, options.seed, options.processes)
        print(f"as {way}")
        for (what, status), count in sorted(counts.items()):
            print(f"{what:<14} {status:<8} {count:>6}")
        print(*bad[: options.show], sep="\n")
        print(f"{time.perf_counter() - begin:.0f} s")
        found += [f"as {way}: {fault}" for fault in faults(counts)]
    if found:
        sys.exit("; ".join(found))


if __name__ == "__main__":
    main()

"""How often `check` is wrong: mutants of closed forms that must not be proved, and rewrites that should be.

Usage: python benchmarks/soundness.py [--mutants 10000] [--rewrites 2000] [--seed 0]

Every formula starts from a proved closed form. A rewrite applies laws of algebra, logarithms and exponentials at
random; a mutant changes one place of a closed form or of a rewrite. Whether a mutant is wrong is found by numbers, at
50 digits and by a few lines below that share nothing with the kernel. The program exits with 1 if a wrong formula is
proved, a right one refuted, or less than 99 percent of the rewrites are proved.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from fractions import Fraction
from functools import cache
from multiprocessing import get_context
from random import Random

import mpmath
from rewrites import mutant, parameters_in, rewritten
from sympy import Add, Basic, Expr, Indexed, Integer, Mul, Pow, Rational, Symbol, pi

from kl_symbolic import Derivation, derive, prove
from kl_symbolic.claims.decision import decide
from kl_symbolic.proof.language import Exp, Log, Sqrt, Sum
from kl_symbolic.proof.statement import DIMENSION, laws

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


@cache
def derivation(number: int) -> Derivation:
    """Return one of the derivations, proved."""
    p, q, options = REQUESTS[number]
    found = derive(p, q, **options)
    prove(found)
    return found


def value(expr: Basic, at: dict[str, mpmath.mpf], i: int = 0) -> mpmath.mpf:
    """Return the value of an expression, with two coordinates for a symbolic n."""
    args = [] if isinstance(expr, Indexed | Sum) else [value(a, at, i) for a in expr.args]
    match expr:
        case Rational():
            return mpmath.mpf(int(expr.p)) / int(expr.q)
        case Add():
            return mpmath.fsum(args)
        case Mul():
            return mpmath.fprod(args)
        case Pow():
            return args[0] ** args[1]
        case Log():
            return mpmath.log(args[0])
        case Exp():
            return mpmath.exp(args[0])
        case Sqrt():
            return mpmath.sqrt(args[0])
        case Indexed():
            place = expr.indices[0]
            return at[f"{expr.base}{place if isinstance(place, Integer) else i}"]
        case Sum():
            body, _, size = expr.args
            return mpmath.fsum(value(body, at, k) for k in range(1, (2 if size == DIMENSION else int(size)) + 1))
        case Symbol():
            return mpmath.mpf(2) if expr == DIMENSION else at[expr.name]
    assert expr is pi, expr
    return +mpmath.pi


def equal_in_numbers(one: Expr, other: Expr, found: Derivation, random: Random) -> bool:
    """Compare two expressions at random points; a value that does not exist is no agreement."""
    for _ in range(POINTS):
        at = {}
        for parameter in laws(found.claim).parameters:
            names = [f"{parameter.base}{k}" for k in (1, 2)] if isinstance(parameter, Indexed) else [str(parameter)]
            for name in names:
                drawn = Fraction(random.randint(1, 400), random.randint(90, 110))
                at[name] = (drawn.numerator * mpmath.mpf(1 if parameter.is_positive else random.choice((-1, 1)))) / (
                    drawn.denominator
                )
        try:
            left, right = value(one, at), value(other, at)
        except (ZeroDivisionError, ValueError):
            return False
        if not abs(left - right) <= mpmath.mpf(10) ** (12 - DIGITS) * max(abs(left), abs(right), 1):
            return False
    return True


def judged(job: tuple[str, int, int]) -> list[tuple[str, str, str]]:
    """Return for each formula of a batch its kind, the verdict, and the formula if the verdict is wrong."""
    kind, seed, count = job
    random, results = Random(f"{kind} {seed}"), []  # noqa: S311 - of formulas, not of secrets
    with mpmath.workdps(DIGITS):
        for k in range(count):
            found = derivation((seed + k) % len(REQUESTS))
            closed = right = found.record.statement.right
            parameters = parameters_in(closed)
            if kind == "rewrite" or random.random() < 0.5:
                right = rewritten(closed, parameters, random)
            formula = right if kind == "rewrite" else mutant(right, parameters, random)
            truth = equal_in_numbers(formula, closed, found, random)
            what = ("right " if truth else "wrong ") + kind
            status = decide(formula, found, explain=False).status
            bad = status == ("refuted" if truth else "proved") or (kind == "rewrite" and status != "proved")
            results.append((what, status, f"{found.name}: {formula}" if bad else ""))
    return results


def measure(mutants: int, rewrites: int, seed: int, processes: int) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Return how often each verdict was given, and the formulas whose verdict is wrong or weak."""
    jobs = [
        (kind, seed * 1_000_000 + start, min(BATCH, total - start))
        for kind, total in (("mutant", mutants), ("rewrite", rewrites))
        for start in range(0, total, BATCH)
    ]
    counts: Counter[tuple[str, str]] = Counter()
    bad = []
    with get_context("spawn").Pool(processes) as pool:
        for results in pool.imap_unordered(judged, jobs):
            for what, status, formula in results:
                counts[what, status] += 1
                if formula:
                    bad.append(f"{status}, {what}: {formula}")
    return counts, bad


def faults(counts: Counter[tuple[str, str]]) -> list[str]:
    """Return what is not as it must be."""
    accepted = sum(n for (what, status), n in counts.items() if what.startswith("wrong") and status == "proved")
    refused = sum(n for (what, status), n in counts.items() if what.startswith("right") and status == "refuted")
    rewrites = sum(n for (what, _), n in counts.items() if what.endswith("rewrite"))
    share = counts["right rewrite", "proved"] / rewrites if rewrites else 1
    found = [f"{accepted} wrong formulas were proved"] * bool(accepted)
    found += [f"{refused} right formulas were refuted"] * bool(refused)
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
    options = parser.parse_args()
    begin = time.perf_counter()
    counts, bad = measure(options.mutants, options.rewrites, options.seed, options.processes)
    for (what, status), count in sorted(counts.items()):
        print(f"{what:<14} {status:<8} {count:>6}")
    print(*bad[: options.show], sep="\n")
    print(f"{time.perf_counter() - begin:.0f} s")
    if found := faults(counts):
        sys.exit("; ".join(found))


if __name__ == "__main__":
    main()

"""The kernel rejects mutants: one stage of a proved derivation is changed a little, and the proof must break.

The changed stage stands in both steps that touch it, so the chain still meets. A mutant that the kernel accepts must
*equal* the original stage. Equal means: the same value to 50 digits at three random points, by the small evaluator
below, which shares nothing with the kernel. It takes parameters and bound variables for random numbers, writes sums
and products over 1..n out with n = 3, and takes Integral, Density, KL, Entropy, CrossEntropy and Diff for random
functions of the values of their arguments, so that two of them are equal if and only if their arguments are.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import mpmath
import pytest
import sympy
from sympy import Add, Basic, Expr, Indexed, IndexedBase, Integer, Mul, Pow, Rational, Symbol
from sympy.core.symbol import Str

from kl_symbolic.engine import derive
from kl_symbolic.errors import KLError
from kl_symbolic.kernel import prove
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Exp, Factorial, Integral, Log, Product, ProductLaw, Sqrt, Sum, Vector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kl_symbolic.proof.derivation import Derivation

N, D, STANDARD = "normal", "diagonal_normal", "standard_normal"
CLAIMS = [
    Claim("score", N, of="mu"),
    Claim("score", "poisson", of="lambda"),
    Claim("moment", N, of="mean"),
    Claim("moment", N, of="second_moment"),
    Claim("moment", "exponential", of="second_moment"),
    Claim("entropy", N),
    Claim("entropy", N, param="var"),
    Claim("entropy", D),
    Claim("cross_entropy", N, N),
    Claim("decomposition", N, N),
    Claim("asymmetry", N, N),
    Claim("asymmetry", D, D),
    Claim("asymmetry", N, STANDARD, "var", unit="bits"),
    Claim("kl", N, N),
    Claim("kl", N, N, "var"),
    Claim("kl", N, N, "logvar"),
    Claim("kl", N, N, unit="bits"),
    Claim("kl", N, STANDARD, "logvar"),
    Claim("kl", STANDARD, STANDARD),
    Claim("kl", D, D),
    Claim("kl", D, STANDARD, "logvar"),
    Claim("kl", D, STANDARD, "logvar", dim=3),
    Claim("kl", "exponential", "exponential"),
    Claim("kl", "exponential", N),
    Claim("kl", "poisson", "poisson"),
    Claim("kl", "diagonal_poisson", "diagonal_poisson"),
    Claim("gradient", N, N, unit="bits"),
    Claim("gradient", N, STANDARD, "logvar"),
    Claim("gradient", D, STANDARD, "logvar"),
    Claim("gradient", D, D, dim=2),
]
SAMPLE = 4  # mutants of each derivation in the default run; the slow one has them all
SEED = 20240229
BINDERS = (Integral, Sum, Product, ProductLaw)


def mutants(expr: Basic) -> Iterator[Basic]:
    """Yield every expression that differs from `expr` by one small mistake."""
    yield from _swapped(expr)
    yield from _changed(expr)


def _swapped(expr: Basic) -> Iterator[Basic]:
    bound = {b.args[1] for b in expr.atoms(*BINDERS)} | {
        b.args[1].label for b in expr.atoms(Integral) if b.args[1].args
    }
    arrays = expr.atoms(IndexedBase) - bound
    scalars = expr.atoms(Symbol) - {a.label for a in arrays} - bound
    for group in (sorted(arrays, key=str), sorted(scalars, key=str)):
        for index, one in enumerate(group):
            for other in group[index + 1 :]:
                yield expr.xreplace({one: other, other: one})


def _changed(expr: Basic) -> Iterator[Basic]:
    """Change a sign, term, factor, coefficient or exponent, at the top of `expr` or anywhere below."""
    if isinstance(expr, Add):
        for term in expr.args:
            yield expr - term
            yield expr - 2 * term
    if isinstance(expr, Mul):
        for factor in expr.args:
            yield Mul(*(f for f in expr.args if f is not factor))
    if isinstance(expr, Pow):
        yield Pow(expr.base, expr.exp + 1)
        yield Pow(expr.base, -expr.exp)
    if isinstance(expr, Rational):
        yield expr + 1
        yield -expr if expr else expr - 1
    if isinstance(expr, Expr) and not isinstance(expr, Rational | IndexedBase):
        yield 2 * expr if not isinstance(expr, Vector) else Vector(*(2 * a for a in expr.args))
    if isinstance(expr, Indexed | IndexedBase | Symbol | Str):
        return
    last = 1 if isinstance(expr, BINDERS) else len(expr.args)  # neither the bound variable nor the range
    for place, argument in enumerate(expr.args[:last]):
        for changed in _changed(argument):
            yield expr.func(*expr.args[:place], changed, *expr.args[place + 1 :])


def spoiled(derivation: Derivation) -> Iterator[tuple[int, Basic]]:
    """Yield the number of a step and a mutant of the stage in which it ends."""
    for count, step in enumerate(derivation.steps):
        yield from ((count, m) for m in dict.fromkeys(mutants(step.after)) if m != step.after)


def with_stage(derivation: Derivation, count: int, stage: Basic) -> Derivation:
    """Return the derivation with another stage behind the step with this number."""
    steps = list(derivation.steps)
    steps[count] = replace(steps[count], after=stage)
    if count + 1 < len(steps):
        steps[count + 1] = replace(steps[count + 1], before=stage)
    return replace(derivation, steps=tuple(steps))


class Point:
    """Random values for everything that an expression leaves open."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def number(self, *of: object) -> mpmath.mpf:
        """Return a number between 1/2 and 3/2 that depends on nothing but the seed and the arguments."""
        text = "|".join(mpmath.nstr(o, 55) if isinstance(o, mpmath.mpf | mpmath.mpc) else str(o) for o in of)
        digest = hashlib.sha512(f"{self.seed}|{text}".encode()).digest()
        return mpmath.mpf(1) / 2 + mpmath.mpf(int.from_bytes(digest[:32], "big")) / 2**256

    def value(self, expr: Basic, bound: dict[Basic, int] | None = None) -> object:
        bound = bound or {}
        args = expr.args
        match expr:
            case Rational():
                return mpmath.mpf(int(expr.p)) / int(expr.q)
            case sympy.pi:
                return +mpmath.pi
            case Symbol():
                return mpmath.mpf(bound[expr]) if expr in bound else self.number(expr.name)
            case Indexed():
                return self.number(expr.base.label.name, self.value(expr.indices[0], bound))
            case Sum() | Product():
                size = int(args[2]) if isinstance(args[2], Integer) else 3
                parts = [self.value(args[0], bound | {args[1]: c}) for c in range(1, size + 1)]
                return mpmath.fsum(parts) if isinstance(expr, Sum) else mpmath.fprod(parts)
            case ProductLaw():
                return self.value(args[0], bound | {args[1]: 0})
            case Str() | IndexedBase():
                return str(expr)
        values = [self.value(a, bound) for a in args]
        match expr:
            case Add():
                return mpmath.fsum(values)
            case Mul():
                return mpmath.fprod(values)
            case Pow():
                return mpmath.power(*values)
            case Log() | Exp() | Sqrt() | Factorial():
                return getattr(mpmath, type(expr).__name__.lower())(*values)
            case Vector():
                return tuple(values)
        return self.number(type(expr).__name__, *values)


def equal(one: Basic, other: Basic) -> bool:
    """Whether two stages have the same value to 50 digits at three random points."""
    with mpmath.workdps(70):
        for seed in range(3):
            try:
                values = [Point(seed).value(e) for e in (one, other)]
            except (ZeroDivisionError, ValueError):
                return False
            pairs = list(zip(*(v if isinstance(v, tuple) else (v,) for v in values), strict=False))
            if len({isinstance(v, tuple) and len(v) for v in values}) > 1:
                return False
            if any(abs(a - b) > mpmath.mpf(10) ** -50 * (1 + abs(a)) for a, b in pairs):
                return False
    return True


def survivors(derivation: Derivation, tried: list[tuple[int, Basic]]) -> list[str]:
    """Return the mutants that the kernel accepts although they differ from the original."""
    slipped = []
    for count, stage in tried:
        try:
            prove(with_stage(derivation, count, stage))
        except KLError:
            continue
        step = derivation.steps[count]
        if not equal(step.after, stage):
            slipped.append(f"{derivation.name}, step {count + 1} ({step.rule})\n  was: {step.after}\n  now: {stage}")
    return slipped


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.name)
def test_a_sample_of_mutants_is_rejected(claim):
    derivation = derive(claim)
    everything = list(spoiled(derivation))
    tried = random.Random(SEED).sample(everything, min(SAMPLE, len(everything)))
    assert tried
    assert survivors(derivation, tried) == []


@pytest.mark.slow
def test_every_mutant_of_every_step_is_rejected():
    count, slipped = 0, []
    for claim in CLAIMS:
        derivation = derive(claim)
        tried = list(spoiled(derivation))
        assert {c for c, _ in tried} == set(range(len(derivation.steps))), f"a step of {claim.name} has no mutants"
        count += len(tried)
        slipped += survivors(derivation, tried)
    assert slipped == []
    assert count > 4000


def test_the_evaluator_tells_expressions_apart():
    a, b = Symbol("a", positive=True), Symbol("b", positive=True)
    mu, i, n = IndexedBase("mu", real=True), Symbol("i", integer=True, positive=True), Symbol("n", integer=True)
    assert equal((a - b) ** 2, a**2 - 2 * a * b + b**2)
    assert equal(Log(a * b), Log(a) + Log(b))
    assert equal(Sum(2 * mu[i], i, n), 2 * Sum(mu[i], i, n))
    assert equal(Vector(a + b, Exp(a)), Vector(b + a, Exp(2 * a) / Exp(a)))
    assert equal(
        Integral((a - b) ** 2, b, Str("reals"), Integer(1)), Integral((b - a) ** 2, b, Str("reals"), Integer(1))
    )
    assert not equal(Integral(a, b, Str("reals"), Integer(1)), Integral(2 * a, b, Str("reals"), Integer(1)))
    assert not equal(Log(a + b), Log(a) + Log(b))
    assert not equal(a, a + sympy.Rational(1, 10**45))
    assert not equal(Vector(a), Vector(a, b))


def test_every_kind_of_mistake_is_made():
    a, b = Symbol("a"), Symbol("b")
    made = set(mutants(3 * a**2 - Log(b)))
    assert made >= {
        3 * a**2 + Log(b),  # a sign
        3 * a**2,  # a term
        4 * a**2 - Log(b),  # a coefficient
        3 * a**3 - Log(b),  # an exponent
        3 * b**2 - Log(a),  # two symbols
        a**2 - Log(b),  # a factor
    }

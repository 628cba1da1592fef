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
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import mpmath
import pytest

from kl_symbolic.engine import derive
from kl_symbolic.errors import KLError
from kl_symbolic.functions import Domain, find_function
from kl_symbolic.kernel import prove
from kl_symbolic.proof.question import Question
from kl_symbolic.terms import (
    BINDERS,
    COORDINATE,
    DIMENSION,
    Array,
    Integral,
    Namespace,
    Number,
    Sum,
    Symbol,
    Term,
    Vector,
    parts_with,
    substitute,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kl_symbolic.proof.derivation import Derivation

N, D, STANDARD = "normal", "diagonal_normal", "standard_normal"
QUESTIONS = [
    Question("score", N, of="mu"),
    Question("score", "poisson", of="lambda"),
    Question("moment", N, of="mean"),
    Question("moment", N, of="second_moment"),
    Question("moment", "exponential", of="second_moment"),
    Question("entropy", N),
    Question("entropy", N, param_p="var"),
    Question("entropy", D),
    Question("cross_entropy", N, N),
    Question("decomposition", N, N),
    Question("asymmetry", N, N),
    Question("asymmetry", D, D),
    Question("asymmetry", N, STANDARD, "var", "var", unit="bits"),
    Question("kl", N, N),
    Question("kl", N, N, "var", "var"),
    Question("kl", N, N, "logvar", "logvar"),
    Question("kl", N, N, "logvar", "std"),
    Question("kl", "gamma", "gamma", "scale", "rate"),
    Question("kl", N, N, unit="bits"),
    Question("kl", N, STANDARD, "logvar", "logvar"),
    Question("kl", STANDARD, STANDARD),
    Question("kl", D, D),
    Question("kl", D, STANDARD, "logvar", "logvar"),
    Question("kl", D, STANDARD, "logvar", "logvar", dim=3),
    Question("kl", "exponential", "exponential"),
    Question("kl", "exponential", N),
    Question("kl", "bernoulli", "bernoulli"),
    Question("kl", "bernoulli", "bernoulli", "logit", "logit"),
    Question("kl", "bernoulli", "bernoulli", None, "logit"),
    Question("gradient", "bernoulli", "bernoulli", "logit", "logit"),
    Question("stable_gradient", "bernoulli", "bernoulli", "logit", "logit"),
    Question("kl", "poisson", "poisson"),
    Question("kl", "diagonal_poisson", "diagonal_poisson"),
    Question("stable_form", N, N),
    Question("stable_form", N, N, "logvar", "logvar", unit="bits"),
    Question("stable_form", "gamma", "gamma"),
    Question("stable_form", D, STANDARD, "logvar", "logvar"),
    Question("stable_gradient", "poisson", "poisson"),
    Question("gradient", N, N, unit="bits"),
    Question("gradient", N, STANDARD, "logvar", "logvar"),
    Question("gradient", D, STANDARD, "logvar", "logvar"),
    Question("gradient", D, D, dim=2),
]
SAMPLE = 4  # mutants of each derivation in the default run; the slow one has them all
SEED = 20240229
LEAVES = ("Symbol", "Text", "Array", "Indexed")


def mutants(term: Term) -> Iterator[Term]:
    """Yield every term that differs from `term` by one small mistake."""
    yield from _swapped(term)
    yield from _changed(term)


def _swapped(term: Term) -> Iterator[Term]:
    bound = {binder.args[1] for binder in parts_with(term, *BINDERS)}
    arrays = set(parts_with(term, "Array")) - bound
    labels = {array.args[0] for array in parts_with(term, "Array")}
    scalars = set(parts_with(term, "Symbol")) - labels - bound
    for group in (sorted(arrays, key=str), sorted(scalars, key=str)):
        for index, one in enumerate(group):
            for other in group[index + 1 :]:
                yield substitute(term, {one: other, other: one})


def _changed(term: Term) -> Iterator[Term]:
    """Change a sign, term, factor, coefficient or exponent, at the top of `term` or anywhere below."""
    match term:
        case Term("Add", terms):
            for place, part in enumerate(terms):
                yield _without(term, place)
                yield Term("Add", *terms[:place], -part, *terms[place + 1 :])
        case Term("Mul", factors):
            for place in range(len(factors)):
                yield _without(term, place)
        case Term("pow", (base, exponent)):
            yield base ** (exponent + 1)
            yield base**-exponent
        case Number(value):
            yield Number(value + 1)
            yield Number(-value if value else -1)
        case Term("Vector", entries):
            yield Vector(*(2 * entry for entry in entries))
    if term.head not in ("Number", "Text", "Array", "Law", "ProductLaw", "Vector"):
        yield 2 * term
    if term.head in LEAVES:
        return
    last = 1 if term.head in BINDERS else len(term.args)  # neither the bound variable nor the range
    for place, argument in enumerate(term.args[:last]):
        for changed in _changed(argument):
            yield Term(term.head, *term.args[:place], changed, *term.args[place + 1 :])


def _without(term: Term, place: int) -> Term:
    """Return a sum or a product without one of its parts."""
    left = term.args[:place] + term.args[place + 1 :]
    return Term(term.head, *left) if len(left) > 1 else left[0]


def spoiled(derivation: Derivation) -> Iterator[tuple[int, Term]]:
    """Yield the number of a step and a mutant of the stage in which it ends."""
    for count, step in enumerate(derivation.steps):
        yield from ((count, m) for m in dict.fromkeys(mutants(step.after)) if m != step.after)


def with_stage(derivation: Derivation, count: int, stage: Term) -> Derivation:
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

    def value(self, term: Term, bound: dict[Term, int] | None = None) -> object:
        bound = bound or {}
        match term:
            case Number(value):
                return mpmath.mpf(value.numerator) / value.denominator
            case Symbol(name, _):
                return mpmath.mpf(bound[term]) if term in bound else self.number(name)
            case Term("Indexed", (Term("Array", (Symbol(name, _),)), index)):
                return self.number(name, self.value(index, bound))
            case Term("Sum" | "Product", (body, i, size)):
                last = int(size.value) if isinstance(size, Number) else 3
                values = [self.value(body, bound | {i: c}) for c in range(1, last + 1)]
                return mpmath.fsum(values) if term.head == "Sum" else mpmath.fprod(values)
            case Term("ProductLaw", (law, i, _)):
                return self.value(law, bound | {i: 0})
            case Term("Text" | "Array", _):
                return str(term)
        values = [self.value(a, bound) for a in term.args]
        match term.head:
            case "Add":
                return mpmath.fsum(values)
            case "Mul":
                return mpmath.fprod(values)
            case "Vector":
                return tuple(values)
        function = find_function(term.head)
        if function is None:
            return self.number(term.head, *values)
        if function.definition:
            return self.value(function.definition(Namespace(), *term.args))
        named = getattr(mpmath, function.names["mpmath"])
        return named(*values) if values else +named


def equal(one: Term, other: Term) -> bool:
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


def survivors(derivation: Derivation, tried: list[tuple[int, Term]]) -> list[str]:
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


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda c: c.name)
def test_a_sample_of_mutants_is_rejected(question):
    derivation = derive(question)
    everything = list(spoiled(derivation))
    tried = random.Random(SEED).sample(everything, min(SAMPLE, len(everything)))
    assert tried
    assert survivors(derivation, tried) == []


@pytest.mark.slow
def test_every_mutant_of_every_step_is_rejected():
    count, slipped = 0, []
    for question in QUESTIONS:
        derivation = derive(question)
        tried = list(spoiled(derivation))
        assert {c for c, _ in tried} == set(range(len(derivation.steps))), f"a step of {question.name} has no mutants"
        count += len(tried)
        slipped += survivors(derivation, tried)
    assert slipped == []
    assert count > 5500


log, exp = (partial(Term, name) for name in ("log", "exp"))
a, b = Symbol("a", Domain.POSITIVE), Symbol("b", Domain.POSITIVE)
mu, i, n = Array(Symbol("mu")), COORDINATE, DIMENSION


def test_the_evaluator_tells_terms_apart():
    assert equal((a - b) ** 2, a**2 - 2 * a * b + b**2)
    assert equal(log(a * b), log(a) + log(b))
    assert equal(Sum(2 * mu[i], i, n), 2 * Sum(mu[i], i, n))
    assert equal(Vector(a + b, exp(a)), Vector(b + a, exp(2 * a) / exp(a)))
    assert equal(Term("sqrt", 4 * Term("pi") ** 2), 2 * Term("pi"))
    assert equal(Integral((a - b) ** 2, b, "reals", 1), Integral((b - a) ** 2, b, "reals", 1))
    assert not equal(Integral(a, b, "reals", 1), Integral(2 * a, b, "reals", 1))
    assert not equal(log(a + b), log(a) + log(b))
    assert not equal(a, a + Fraction(1, 10**45))
    assert not equal(Vector(a), Vector(a, b))


def test_every_kind_of_mistake_is_made():
    made = set(mutants(3 * a**2 - log(b)))
    assert made >= {
        3 * a**2 + log(b),  # a sign
        3 * a**2,  # a term
        4 * a**2 - log(b),  # a coefficient
        3 * a**3 - log(b),  # an exponent
        3 * b**2 - log(a),  # two symbols
        a**2 - log(b),  # a factor
    }
    nu = Array(Symbol("nu"))
    assert Sum(nu[i], i, n) - mu[1] in set(mutants(Sum(mu[i], i, n) - nu[1]))  # two arrays
    assert Sum(mu[i], i, n) not in set(mutants(Sum(mu[i], i, n)))

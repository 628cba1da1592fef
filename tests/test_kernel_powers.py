"""Powers and roots: the kernel proves their laws where both sides have a value, and nothing else.

Each case is one step. `MUTANTS` take one side condition of a law away; the step that it would let through is false, or
speaks of something without a value.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import pytest
from kernel_steps import ONE, TWO, a, b, exp, log, sqrt, u, v

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel import arithmetic, canon, has_value, positivity, prove_step
from kl_symbolic.proof.derivation import Step
from kl_symbolic.terms import Number, Term

ZERO = Number(0)
raised = partial(Term, "pow")


def over(top, bottom):
    return Term("Mul", top, raised(bottom, -1))


ACCEPTED = {
    "a negative number below": (over(u, Number(-2)), -u / 2),
    "minus something positive below": (over(u, -(a**2)), -u / a**2),
    "an odd power of something negative": (raised(-a, -3), -1 / a**3),
    "an even power of something negative": (raised(-a - b, -2), 1 / (a + b) ** 2),
    "a sum of negative things below": (over(ONE, -a - u**2), -1 / (a + u**2)),
    "a power of 0 of something positive": (raised(a + b, ZERO), ONE),
    "a power of 0 of something negative": (raised(-a, ZERO), ONE),
    "the square of a root": (raised(sqrt(u**2), TWO), u**2),
    "the square of a root of a sum": (raised(sqrt(u**2 + v**4), TWO), u**2 + v**4),
    "the fourth power of a root": (raised(sqrt(u**2), 4), u**4),
    "the root of a fourth power": (sqrt(u**4), u**2),
    "a root of a root": (sqrt(sqrt(raised(u, 4))), sqrt(u**2)),
    "the square of a root of a root": (raised(sqrt(sqrt(u**2)), TWO), sqrt(u**2)),
    "a factor leaves a root": (sqrt(4 * a**3 * u**2), 2 * a * sqrt(a) * sqrt(u**2)),
    "a root of a product of squares": (sqrt(u**2 * v**2), sqrt(u**2) * sqrt(v**2)),
    "the root of 0": (sqrt(Term("Add", u, -u)), ZERO),
    "what holds a root is positive": (log(exp(log(sqrt(u**2) + 1))), log(1 + sqrt(u**2))),
    "two roots that cancel": (Term("Add", sqrt(u**2), -sqrt(u**2)), ZERO),
}

REJECTED = {
    "a root that loses a sign": (sqrt(u**2), u),
    "a root of a product of reals": (sqrt(u * v), sqrt(u) * sqrt(v)),
    "a root of a sum": (sqrt(u**2 + v**2), sqrt(u**2) + sqrt(v**2)),
    "a root of what may be negative": (raised(sqrt(u), TWO), u),
    "a root of what is negative": (raised(sqrt(-a), TWO), -a),
    "a root of a difference": (raised(sqrt(a - b), TWO), a - b),
    "a root of an odd power": (sqrt(u**6), u**3),
    "a root below, which may be 0": (over(sqrt(u**2), sqrt(u**2)), ONE),
    "a square below, which may be 0": (over(u**2, u**2), ONE),
    "a difference below, which may be 0": (over(u - v, u - v), ONE),
    "0 over what may be 0": (over(ZERO, u), ZERO),
    "0 over 0": (over(ZERO, Term("Add", u, -u)), ZERO),
    "a power of 0 of what may be 0": (raised(u, ZERO), ONE),
    "a power of 0 of 0": (raised(Term("Add", u, -u), ZERO), ONE),
    "an odd power that loses the sign": (raised(-a, -3), 1 / a**3),
    "an even power that keeps the sign": (raised(-a, -2), -1 / a**2),
    "a root of something negative to a fraction": (raised(-a, Fraction(2, 3)), raised(a, Fraction(2, 3))),
    "a symbolic power of something negative": (raised(Number(-2), u), raised(TWO, u)),
    "a logarithm of a root that may be 0": (log(sqrt(u**2)), log(u**2) / 2),
    "0 times a logarithm of 0": (Term("Mul", 0, log(ZERO)), ZERO),
    "0 times a logarithm of what may be negative": (Term("Mul", 0, log(u)), ZERO),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_kernel_accepts(case):
    before, after = ACCEPTED[case]
    prove_step(Step("collect", before, after))
    assert has_value(before)


@pytest.mark.parametrize("case", REJECTED)
def test_the_kernel_rejects(case):
    with pytest.raises(ProofError):
        prove_step(Step("collect", *REJECTED[case]))


def _yes(*_):
    return True


# A side condition, and what would be proved without it.
MUTANTS = {
    "roots need nothing": ("is_nonnegative", _yes, REJECTED["a root of what may be negative"]),
    "bases need nothing": ("is_positive", _yes, REJECTED["a difference below, which may be 0"]),
    "roots are positive": ("ALWAYS_POSITIVE", {"Root", "number"}, REJECTED["a root below, which may be 0"]),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_each_side_condition_is_needed(name, monkeypatch):
    attribute, value, step = MUTANTS[name]
    positivity._look.cache_clear()
    for module in (arithmetic, canon, positivity):  # what stands under a root is looked at in each
        monkeypatch.setattr(module, attribute, value, raising=False)
    prove_step(Step("collect", *step))
    monkeypatch.undo()
    positivity._look.cache_clear()
    with pytest.raises(ProofError):
        prove_step(Step("collect", *step))

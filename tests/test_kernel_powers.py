"""Powers and roots: the kernel proves their laws where both sides have a value, and nothing else.

Each case is one step. `MUTANTS` take one side condition of a law away; the step that it would let through is false, or
speaks of something without a value.
"""

from __future__ import annotations

import pytest
from kernel_steps import ONE, TWO, a, b, u, v
from sympy import Add, Integer, Mul, Pow, Rational

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel import has_value, polynomial, prove_step
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.language import Exp, Log, Sqrt

ZERO, MINUS = Integer(0), Integer(-1)


def raised(base, exponent):
    return Pow(base, exponent, evaluate=False)


def over(top, bottom):
    return Mul(top, raised(bottom, MINUS), evaluate=False)


ACCEPTED = {
    "a negative number below": (over(u, Integer(-2)), -u / 2),
    "minus something positive below": (over(u, -(a**2)), -u / a**2),
    "an odd power of something negative": (raised(-a, Integer(-3)), -1 / a**3),
    "an even power of something negative": (raised(-a - b, Integer(-2)), 1 / (a + b) ** 2),
    "a sum of negative things below": (over(ONE, -a - u**2), -1 / (a + u**2)),
    "a power of 0 of something positive": (raised(a + b, ZERO), ONE),
    "a power of 0 of something negative": (raised(-a, ZERO), ONE),
    "the square of a root": (raised(Sqrt(u**2), TWO), u**2),
    "the square of a root of a sum": (raised(Sqrt(u**2 + v**4), TWO), u**2 + v**4),
    "the fourth power of a root": (raised(Sqrt(u**2), Integer(4)), u**4),
    "the root of a fourth power": (Sqrt(u**4), u**2),
    "a root of a root": (Sqrt(Sqrt(raised(u, Integer(4)))), Sqrt(u**2)),
    "the square of a root of a root": (raised(Sqrt(Sqrt(u**2)), TWO), Sqrt(u**2)),
    "a factor leaves a root": (Sqrt(4 * a**3 * u**2), 2 * a * Sqrt(a) * Sqrt(u**2)),
    "a root of a product of squares": (Sqrt(u**2 * v**2), Sqrt(u**2) * Sqrt(v**2)),
    "the root of 0": (Sqrt(Add(u, -u, evaluate=False)), ZERO),
    "what holds a root is positive": (Log(Exp(Log(Sqrt(u**2) + 1))), Log(1 + Sqrt(u**2))),
    "two roots that cancel": (Add(Sqrt(u**2), -Sqrt(u**2), evaluate=False), ZERO),
}

REJECTED = {
    "a root that loses a sign": (Sqrt(u**2), u),
    "a root of a product of reals": (Sqrt(u * v), Sqrt(u) * Sqrt(v)),
    "a root of a sum": (Sqrt(u**2 + v**2), Sqrt(u**2) + Sqrt(v**2)),
    "a root of what may be negative": (raised(Sqrt(u), TWO), u),
    "a root of what is negative": (raised(Sqrt(-a), TWO), -a),
    "a root of a difference": (raised(Sqrt(a - b), TWO), a - b),
    "a root of an odd power": (Sqrt(u**6), u**3),
    "a root below, which may be 0": (over(Sqrt(u**2), Sqrt(u**2)), ONE),
    "a square below, which may be 0": (over(u**2, u**2), ONE),
    "a difference below, which may be 0": (over(u - v, u - v), ONE),
    "0 over what may be 0": (over(ZERO, u), ZERO),
    "0 over 0": (over(ZERO, Add(u, -u, evaluate=False)), ZERO),
    "a power of 0 of what may be 0": (raised(u, ZERO), ONE),
    "a power of 0 of 0": (raised(Add(u, -u, evaluate=False), ZERO), ONE),
    "an odd power that loses the sign": (raised(-a, Integer(-3)), 1 / a**3),
    "an even power that keeps the sign": (raised(-a, Integer(-2)), -1 / a**2),
    "a root of something negative to a fraction": (raised(-a, Rational(2, 3)), raised(a, Rational(2, 3))),
    "a symbolic power of something negative": (raised(Integer(-2), u), raised(TWO, u)),
    "a logarithm of a root that may be 0": (Log(Sqrt(u**2)), Log(u**2) / 2),
    "0 times a logarithm of 0": (Mul(ZERO, Log(ZERO), evaluate=False), ZERO),
    "0 times a logarithm of what may be negative": (Mul(ZERO, Log(u), evaluate=False), ZERO),
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


def _yes(_):
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
    polynomial.is_positive.cache_clear()
    monkeypatch.setattr(polynomial, attribute, value)
    prove_step(Step("collect", *step))
    monkeypatch.undo()
    getattr(polynomial.is_positive, "cache_clear", lambda: None)()
    with pytest.raises(ProofError):
        prove_step(Step("collect", *step))

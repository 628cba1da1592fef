"""Bounds of symbols: what means something by a bound means nothing by another one."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import pytest
from kernel_steps import COUNT, b, exponential, forged, i, j, log, n, sqrt, t, u, x
from more_laws import COIN, with_laws

from kl_symbolic.errors import ProofError
from kl_symbolic.functions import Domain
from kl_symbolic.kernel import has_value, prove_step
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.where import ContradictionError, Declared, symbols_where
from kl_symbolic.terms import KL, Array, Density, Number, Product, Sum, Symbol, Term

THIRD, HALF = Fraction(1, 3), Fraction(1, 2)
coin = partial(Term, "Law", "coin")
low = Symbol("low")
p, q = Symbol("p", Domain.UNIT), Symbol("q", Domain.UNIT)


def above(name: str, bound: object, domain: Domain = Domain.POSITIVE) -> Symbol:
    return Symbol(name, domain, above=Number(bound) if isinstance(bound, int | Fraction) else bound)


def reads(term: Term) -> Step:
    """Return a step that holds if a term means something."""
    return Step("algebra", Term("Add", term, u), Term("Add", u, term))


alpha = above("alpha", 1)
BY_A_BOUND = {
    "a logarithm": (lambda s: log(s - 1), alpha),
    "a root": (lambda s: sqrt(s - 1), alpha),
    "a denominator": (lambda s: 1 / (s - 1), alpha),
    "a symbolic power": (lambda s: (s - 1) ** u, alpha),
    "a gamma function": (lambda s: Term("gamma", s - 1), alpha),
    "a law": (lambda s: log(Density(exponential(s - 1), x)), alpha),
    "a divergence": (lambda s: KL(exponential(s - 1), exponential(b)), alpha),
    "a power of one": (lambda s: log(s**3 - s), alpha),
}
OTHER_BOUNDS = {
    "a lower one": above("alpha", HALF),
    "nothing": above("alpha", 0),
    "none": Symbol("alpha", Domain.POSITIVE),
    "a negative one": above("alpha", -1, Domain.REAL),
    "one of which nothing is known": above("alpha", u, Domain.REAL),
    "one that is positive": above("alpha", b),
    "one that lies above nothing": above("alpha", above("beta", 0)),
}


@pytest.mark.parametrize("case", BY_A_BOUND)
def test_a_bound_gives_a_meaning(case):
    make, symbol = BY_A_BOUND[case]
    prove_step(reads(make(symbol)))
    for higher_bound in (2, above("beta", 1), above("beta", above("gamma", 3))):
        prove_step(reads(make(above("alpha", higher_bound))))


@pytest.mark.parametrize("bound", OTHER_BOUNDS)
@pytest.mark.parametrize("case", BY_A_BOUND)
def test_another_bound_gives_none(case, bound):
    with pytest.raises(ProofError, match=r"no meaning|cannot show|needs a positive"):
        prove_step(reads(BY_A_BOUND[case][0](OTHER_BOUNDS[bound])))


@pytest.mark.parametrize("bound", [x, t, COUNT, i, j, n, Symbol("x", Domain.UNIT)], ids=str)
def test_what_varies_bounds_nothing(bound):
    one = Symbol("one", above=bound)
    for symbol in (one, Symbol("two", above=one), Symbol("three", above=Symbol("two", above=one))):
        for term in (symbol - bound, Array(symbol)[j] - Array(bound)[j], Sum(Array(symbol)[i], i, n)):
            with pytest.raises(ProofError, match="Symbol has no meaning"):
                prove_step(reads(term))


def test_symbols_of_one_name_and_two_bounds_are_two():
    one, two = above("alpha", 1), above("alpha", 2)
    with pytest.raises(ProofError, match="not equal"):
        prove_step(Step("algebra", one - two + u, u))
    prove_step(reads(log(one - 1) + log(two - 2)))
    with pytest.raises(ProofError, match="no meaning"):
        prove_step(reads(log(one - 1) + log(one - 2)))


BETWEEN = {
    "one minus it": (log(1 - above("p", THIRD, Domain.UNIT)), True),
    "it minus its bound": (log(above("p", THIRD, Domain.UNIT) - THIRD), True),
    "it above another one": (log(above("p", q, Domain.UNIT) - q) + log(1 - above("p", q, Domain.UNIT)), True),
    "one minus both": (log(1 - above("p", q, Domain.UNIT) * q), True),
    "more than its bound": (log(above("p", THIRD, Domain.UNIT) - HALF), False),
    "less than its bound": (log(HALF - above("p", THIRD, Domain.UNIT)), False),
    "the other way round": (log(q - above("p", q, Domain.UNIT)), False),
    "one minus their sum": (log(1 - above("p", q, Domain.UNIT) - q), False),
    "above what may be more than 1": (log(above("p", b, Domain.UNIT) - b), True),
    "above what is more than 1": (log(above("p", 2, Domain.UNIT) - 2), True),
    "above what may be more than 1, and less than 1": (log(1 - above("p", b, Domain.UNIT)), False),
}


@pytest.mark.parametrize("case", BETWEEN)
def test_a_bound_and_the_number_one(case):
    term, known = BETWEEN[case]
    assert has_value(term) == known


def test_a_bound_is_checked_as_any_other_part():
    """It is no argument of its symbol, so that nobody meets it on the way."""
    circle = forged(Symbol, name="c", domain=Domain.REAL, above=None)
    object.__setattr__(circle, "above", forged(Symbol, name="d", domain=Domain.REAL, above=circle))
    for bound in (forged(Number, value=Fraction(5)), forged(Number, value=5), circle, forged(Symbol, name="c")):
        for symbol in (Symbol("s", above=bound), Symbol("r", above=Symbol("s", above=bound))):
            with pytest.raises(ProofError, match="that its constructor did not make"):
                prove_step(reads(log(symbol - 4)))


def test_long_chains_of_bounds_and_hard_questions_are_refused_at_once():
    chain = low
    for k in range(5000):
        chain = Symbol(f"s{k % 9}", above=chain)
    with pytest.raises(ProofError):
        prove_step(reads(log(chain - low)))
    for head in (lambda body: body, lambda body: Product(body, i, n)):
        hard = Term("Add", *(log(head(Number(c) - p**8 * q**8)) for c in range(5, 500)))
        with pytest.raises(ProofError, match="too large"):
            prove_step(reads(hard))


def test_a_law_takes_a_number_between_a_bound_and_one():
    with with_laws(COIN):
        for bound in (HALF, q, Fraction(-1)):
            prove_step(reads(log(Density(coin(above("p", bound, Domain.UNIT)), COUNT))))
        with pytest.raises(ProofError, match="Law has no meaning"):
            prove_step(reads(log(Density(coin(above("p", HALF)), COUNT))))


@pytest.mark.parametrize("where", [["p > 1"], ["p > 2"], ["p > q", "q > 1"], ["p > r", "r > 1"]], ids=str)
def test_no_number_lies_above_one_and_below(where):
    declared = {"p": Declared(Domain.UNIT), "q": Declared(Domain.UNIT), "r": Declared(Domain.POSITIVE)}
    with pytest.raises(ContradictionError, match="must be between 0 and 1"):
        symbols_where(declared, where)
    assert symbols_where(declared, ["p > q", "q > 1/2", "r > 1"])["p"].above.above is Number(HALF)

"""Values lie in the domains of the parameters and arguments whose places they take, whatever the domain is."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kl_symbolic import families
from kl_symbolic.engine import derive
from kl_symbolic.errors import ProofError
from kl_symbolic.families import Family, Moment, Parameter, Support
from kl_symbolic.functions import Domain
from kl_symbolic.kernel import has_value, prove, prove_step, specialise
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import Namespace, Number, Symbol

M = Namespace()
MANY = 1500  # addends: twice as many take four times as long, and the budget sees it

# The law of the smallest of `shape` exponential variables: a parameter that counts.
SMALLEST = Family(
    name="smallest",
    title="law of the smallest of several exponential variables",
    default="rate",
    parameters=(
        Parameter("shape", Domain.INDEX, "number", (Fraction(1), Fraction(4)), "m"),
        Parameter("lambda", Domain.POSITIVE, "rate", (Fraction(1, 4), Fraction(4)), r"\lambda"),
    ),
    support=Support.POSITIVE_REALS,
    density=lambda m, x, shape, rate: shape * rate * m.exp(-shape * rate * x),
    moments=(Moment("mean", statistic=lambda m, x: x, parameter="lambda", weight=lambda m, x: 1),),
    scale=lambda m, shape, rate: (0, 1 / (shape * rate)),
)


@pytest.fixture
def proof(monkeypatch):
    monkeypatch.setitem(families.all_families(), "smallest", SMALLEST)
    families._members.cache_clear()
    yield prove(derive(Question("entropy", "smallest")))
    monkeypatch.undo()
    families._members.cache_clear()


@pytest.mark.parametrize("value", [1, 7])
def test_a_number_of_a_parameter_that_counts_is_put_in(proof, value):
    shape, _ = laws(proof.question).parameters
    assert shape not in specialise(proof, [(shape, Number(value))]).statement.right.free


@pytest.mark.parametrize("value", [0, -1, Fraction(1, 2)])
def test_what_is_no_number_of_a_parameter_that_counts_is_refused(proof, value):
    shape, _ = laws(proof.question).parameters
    with pytest.raises(ProofError, match=r"cannot show that shape := .* is one of 1, 2, "):
        specialise(proof, [(shape, Number(value))])


@pytest.mark.parametrize(
    ("domain", "seen"),
    [(Domain.NONNEGATIVE, True), (Domain.NATURAL, True), (Domain.POSITIVE, True), (Domain.REAL, False)],
)
def test_a_root_is_taken_of_a_symbol_that_is_not_negative(domain, seen):
    assert has_value(M.sqrt(Symbol("c", domain))) is seen


@pytest.mark.parametrize("domain", [Domain.NONNEGATIVE, Domain.NATURAL])
def test_what_may_be_zero_has_no_logarithm_and_no_inverse(domain):
    c = Symbol("c", domain)
    assert not has_value(M.log(c))
    assert not has_value(1 / c)
    assert has_value(M.log(c + 1))


@pytest.mark.parametrize(("value", "seen"), [(0, True), (3, True), (-1, False), (Fraction(1, 2), False)])
def test_a_factorial_is_of_whole_numbers(value, seen):
    assert has_value(M.factorial(Number(value))) is seen


def test_densities_in_many_nested_logarithms_are_bounded_by_the_budget():
    a = Symbol("a", Domain.POSITIVE)
    inner = M.log(1 + sum((k * a for k in range(2, MANY)), a))
    wide = sum((M.log((k + 1) * (inner + 1)) for k in range(1, MANY)), M.log(inner + 1))
    with pytest.raises(ProofError):
        prove_step(Step("density", wide, wide + 1), budget=MANY)


def test_a_number_of_many_digits_is_refused_in_one_short_message():
    giant = Number(10**5000)
    with pytest.raises(ProofError) as caught:
        prove_step(Step("algebra", giant * Symbol("a"), giant + Symbol("a")))
    assert len(str(caught.value)) < 2000

"""Attacks on the kernel that once succeeded, each with its kind."""

from __future__ import annotations

import gc
import threading
import weakref
from dataclasses import replace
from fractions import Fraction

import pytest
from kernel_steps import SCORE, X, a, exp, exponential, i, j, log, mu, n, rate, u, x

from kl_symbolic.engine import derive
from kl_symbolic.errors import ProofError, ProofFileError
from kl_symbolic.kernel import has_value, prove, prove_step, specialise
from kl_symbolic.proof.codec import from_json, to_json
from kl_symbolic.proof.derivation import Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import (
    KL,
    Array,
    Density,
    Entropy,
    Integral,
    Namespace,
    Number,
    ProductLaw,
    Sum,
    Symbol,
    Term,
    substitute,
)

M = Namespace()
P = exponential(rate[i])
PRIME = (1 << 61) - 1  # numbers that differ by it have one hash


def joint(index, size, of=None):
    """Return the expectation of a coordinate under a product law, over so many coordinates."""
    return Integral(X[index] * Density(ProductLaw(P, i, of or size), X), X, "positive_reals", size)


# Coordinates lie within the dimension of their integral.

OUTSIDE = {
    "a sum that runs further": Sum(joint(i, 2), i, 9),
    "a sum that runs to n": Sum(joint(i, 2), i, n),
    "a sum that is shorter": Sum(joint(i, 9), i, 2),
    "a number that is too large": joint(3, 2),
    "a number where the dimension is n": joint(3, n),
    "a free index where the dimension is a number": joint(i, 2),
    "another free index": joint(j, 2),
    "a density of other coordinates": joint(1, 2, of=3),
    "a product that runs further": log(Term("Product", exp(joint(i, 2)), i, 3)),
}
WITHIN = {
    "each of them": Sum(joint(i, 2), i, 2),
    "each of n": Sum(joint(i, n), i, n),
    "one of n": joint(i, n),
    "another one of n": joint(j, n),
    "the last": joint(2, 2),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_a_coordinate_outside_of_its_integral_means_nothing(case):
    with pytest.raises(ProofError, match="is outside of an integral"):
        prove_step(Step("algebra", OUTSIDE[case] + u, u + OUTSIDE[case]))


@pytest.mark.parametrize("case", WITHIN)
def test_a_coordinate_within_its_integral_means_something(case):
    prove_step(Step("algebra", WITHIN[case] + u, u + WITHIN[case]))


def test_fubini_takes_no_expectation_of_a_coordinate_that_is_not_there():
    one = Sum(Integral(x * Density(P, x), x, "positive_reals", 1), i, 9)
    with pytest.raises(ProofError, match="outside"):
        prove_step(Step("fubini", Sum(joint(i, 2), i, 9), one))


# Two derivations of one name.


def test_a_lemma_cannot_take_the_place_of_the_theorem():
    honest = derive(Question("kl", "normal", "normal"))
    twin = Derivation(honest.question, honest.steps, honest.lemmas)
    other = derive(Question("score", "poisson", of="lambda"))
    with pytest.raises(ProofError, match="two derivations are called"):
        prove(Derivation(honest.question, honest.steps, (twin, other)))


# Numbers are numbers.


class Evil(int):
    numerator = property(lambda self: self)
    denominator = property(lambda self: 1)

    def __hash__(self):
        return hash(7)

    def __eq__(self, other):
        return other == 7 or int.__eq__(self, other)


@pytest.mark.parametrize("value", [Evil(1), Fraction(Evil(1)), True, 1.0])
def test_what_is_not_exactly_a_number_makes_none(value):
    with pytest.raises(TypeError, match="no exact number"):
        Number(value)
    assert str(Number(7)) == "7"


# Names of arrays are no symbols.


def test_an_array_keeps_its_name():
    assert substitute(mu[1] * Symbol("mu"), {Symbol("mu"): a}) is mu[1] * a


def test_a_right_side_does_not_speak_of_an_array_that_is_called_like_a_parameter():
    record = derive(Question("kl", "normal", "normal"))
    mean = Array(laws(record.question).parameters[0])
    end = record.statement.right
    idle = Step("algebra", end, Term("Add", end, mean[1], Term("Mul", -1, mean[1])))
    with pytest.raises(ProofError, match="does not speak of mu_1"):
        prove(replace(record, steps=(*record.steps, idle)))


# What means nothing.


def test_a_density_has_its_point_in_the_support():
    outside = log(Density(exponential(a), Number(-5)))
    with pytest.raises(ProofError, match="Density has no meaning here"):
        prove_step(Step("density", outside, log(a * exp(5 * a))))
    prove_step(Step("density", log(Density(exponential(a), Number(5))), log(a * exp(-5 * a))))


@pytest.mark.parametrize(
    "term",
    [
        KL(Term("Law", "normal", u, a), exponential(a)),
        Integral(exp(x), x, "positive_reals", 1),
        Term("Diff", a**2, a),
    ],
)
def test_what_is_no_closed_form_is_not_said_to_have_a_value(term):
    assert not has_value(term)


def test_a_chain_starts_from_the_statement_itself_but_for_an_order():
    record = derive(Question("kl", "poisson", "poisson"))
    first = record.steps[0]
    idle = replace(first, before=Term("Add", first.before, u, Term("Mul", -1, u)))
    with pytest.raises(ProofError, match="does not start from the statement"):
        prove(replace(record, steps=(idle, *record.steps[1:])))


# Work is bounded, and counted.


def test_numbers_with_one_hash_cost_no_more_than_others():
    """Numbers that were chosen so that hashes meet have different ones here, whatever they stand in."""
    chosen = [Number(5 + k * PRIME) for k in range(50)]
    assert len({hash(number.value) for number in chosen}) == 1
    from kl_symbolic.kernel.polynomial import number, prime

    assert len({hash(number(one.value)) for one in chosen}) > 40
    assert len({hash(prime(int(one.value))) for one in chosen if one.value > 5}) > 40


def test_a_file_has_few_symbols():
    one = derive(Question("kl", "poisson", "poisson"))
    end = one.statement.right
    many = sum((Symbol(f"s_{k}") for k in range(60)), end)
    with pytest.raises(ProofFileError, match="symbols"):
        from_json(to_json(replace(one, steps=(*one.steps, Step("algebra", end, many)))))


def doubled(term, times):
    for _ in range(times):
        term = Term("Add", term, term)
    return term


@pytest.mark.parametrize("wrap", [lambda t: t, lambda t: Entropy(exponential(t))])
def test_a_term_of_many_parts_is_printed_in_short(wrap):
    with pytest.raises(ProofError) as caught:
        prove_step(Step("definition", wrap(doubled(a, 60)), u))
    assert len(str(caught.value)) < 2000
    assert len(str(wrap(doubled(a, 60)))) < 200


@pytest.mark.parametrize(
    "term",
    [
        M.sqrt(Number(2**300_000)),
        a ** Number(10**5000),
        Sum(u, i, Number(10**5000)),
        log(Number(3**20_000)),
    ],
)
@pytest.mark.parametrize("rule", ["algebra", "collect", "write_out"])
def test_long_numbers_are_refused_at_once(term, rule):
    with pytest.raises(ProofError):
        prove_step(Step(rule, term, u))


def test_renaming_is_counted():
    shared = log(1 + sum((k * a**k for k in range(2, 200)), a))
    wide = sum(
        (joint(i, n) * k for k in range(2, 100)),
        Integral(shared * X[i] * Density(ProductLaw(P, i, n), X), X, "positive_reals", n),
    )
    with pytest.raises(ProofError, match="too large"):
        prove_step(Step("fubini", wide, u), budget=2_000)


def test_a_finaliser_that_makes_a_term_does_not_wait_for_ever():
    class Made:
        """Something that makes a term when it is collected."""

    done = []

    def make():
        for k in range(2000):
            thing = Made()
            thing.self = thing
            weakref.finalize(thing, lambda: done.append(Symbol("made_by_a_finaliser")))
            Symbol(f"another_{k}") + k

    worker = threading.Thread(target=make, daemon=True)
    before = gc.get_threshold()
    gc.set_threshold(5)
    try:
        worker.start()
        worker.join(60)
    finally:
        gc.set_threshold(*before)
    assert not worker.is_alive()
    assert len({id(symbol) for symbol in done}) == 1


# Errors are those that are promised.


def test_a_divergence_that_is_infinite_is_not_proved_in_a_step():
    with pytest.raises(ProofError, match="infinite"):
        prove_step(Step("definition", KL(Term("Law", "normal", u, a), exponential(a)), u))


@pytest.mark.parametrize("where", [[(SCORE,)], [1], ["ab"], [(a, a, a)]])
def test_values_that_are_no_pairs_are_refused(where):
    with pytest.raises(ProofError):
        specialise(prove(derive(Question("kl", "poisson", "poisson"))), where)

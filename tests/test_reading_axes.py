"""Sums and means of arrays: over coordinates they are part of the formula, over samples they may be left out."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.axes import plain_sums
from kl_symbolic.reading.grammar import tree
from kl_symbolic.reading.syntax import (
    Call,
    Inverse,
    Name,
    Negative,
    Number,
    Plus,
    Power,
    Reduction,
    Samples,
    Size,
    Times,
    Total,
)

MU, VAR = Name("mu", "mu"), Name("var", "var")
TERM = Plus((Power(MU, Number(Fraction(2))), VAR))
HALF, ONE = Number(Fraction(1, 2)), Number(Fraction(1))
BATCH = Samples("batch_size")
OVER_N = Times((Inverse(Size()), Total(TERM)))


def summed(body, *axes):
    return Reduction("sum", body, axes or None)


def mean(body, *axes):
    return Reduction("mean", body, axes or None)


def read(node, *, product=True):
    return plain_sums(node, lambda name: name.spelling in {"mu", "var"}, product=product)


@pytest.mark.parametrize(
    ("node", "plain"),
    [
        (summed(TERM, 1), Total(TERM)),
        (summed(TERM, -1), Total(TERM)),
        (summed(TERM, 1, 2, 3), Total(TERM)),
        (summed(TERM), Total(TERM)),
        (summed(TERM, 0), Total(TERM)),  # a vector
        (mean(summed(TERM, 1)), Total(TERM)),
        (mean(summed(TERM, 1), 0), Total(TERM)),
        (summed(mean(TERM, 0)), Total(TERM)),
        (summed(summed(TERM, 1)), Total(TERM)),
        (mean(TERM), OVER_N),
        (mean(TERM, -1), OVER_N),
        (mean(mean(TERM, 1)), OVER_N),
        (mean(mean(TERM, -1, -2, -3)), OVER_N),
        (Times((summed(TERM), Inverse(BATCH))), Times((Total(TERM), Inverse(ONE)))),
        (summed(Times((TERM, Inverse(BATCH)))), Total(Times((TERM, Inverse(ONE))))),
        (Times((summed(TERM), Inverse(Times((BATCH, Number(Fraction(784))))))), None),
        (Times((HALF, mean(Plus((summed(TERM, 1), Negative(Size())))))), None),
        (Plus((mean(summed(TERM, 1)), Negative(HALF))), Plus((Total(TERM), Negative(HALF)))),
        (Plus((summed(TERM, 1), Negative(Size()))), Plus((Total(TERM), Negative(Size())))),
        (Call("log", summed(TERM, 1)), Call("log", Total(TERM))),
        (Plus((summed(MU), Negative(Size()))), Plus((Total(MU), Negative(Size())))),  # of one sample
    ],
)
def test_what_is_left_is_the_formula_of_one_sample(node, plain):
    found = read(node)
    assert plain is None or found.node == plain
    assert found.notes
    assert all("\n" not in note for note in found.notes)


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (Call("log", mean(summed(TERM, 1))), "an argument of log"),
        (Power(mean(summed(TERM, 1)), HALF), "an argument of a power"),
        (Inverse(mean(summed(TERM, 1))), "divided by"),
        (Times((mean(summed(MU, 1)), mean(summed(VAR, 1)))), "is multiplied by what differs"),
        (Times((mean(summed(MU, 1)), summed(VAR, 1))), "is multiplied by what differs"),
        (Plus((mean(summed(MU, 1)), summed(VAR, 1))), "something is added that is none"),
        (Plus((summed(summed(MU, 1)), mean(summed(VAR, 1)))), "something is added that is none"),
        (Times((summed(TERM, 1), Inverse(BATCH))), "divided by the number of samples, and is no sum"),
        (Times((mean(summed(TERM, 1)), Inverse(BATCH))), "divided by the number of samples"),
        (Times((summed(TERM, 1), BATCH)), "multiplied by the number of samples"),
        (Call("log", Plus((summed(TERM, 1), BATCH))), "the number of samples stands for more"),
        (Plus((summed(summed(TERM, 1)), Negative(HALF))), "something is added that is none"),
        (Plus((summed(MU, 1), summed(VAR, 0))), "something is added that is none"),
        (Plus((summed(MU, 1), summed(VAR))), "something is added that is none"),
        (Times((summed(TERM), Inverse(Name("N", "N")))), "N may count the samples or the coordinates"),
        (Plus((summed(TERM, 1), MU)), "still a value for each coordinate"),
    ],
)
def test_what_is_more_than_a_scale_is_refused(node, reason):
    with pytest.raises(RequestError, match=reason):
        read(node)


def test_what_makes_sense_for_one_sample_alone_says_so():
    found = read(Plus((summed(TERM), Negative(HALF))))
    assert found.node == Plus((Total(TERM), Negative(HALF)))
    assert found.notes == ("the arrays are read as vectors of one sample", "sum: over the coordinates")


@pytest.mark.parametrize("written", ["mu.size(0)", "len(mu)", "mu.shape[0]"])
def test_the_length_of_a_vector_is_the_dimension(written):
    node = Plus((summed(TERM), Negative(Samples(written))))
    assert read(node).node == Plus((Total(TERM), Negative(Size())))
    with pytest.raises(RequestError):
        read(Plus((summed(TERM), Negative(BATCH))))


def test_a_formula_without_sums_of_arrays_is_left_alone():
    node = tree("sum(mu^2) - 1")
    assert read(node) == (node, ())


def test_laws_without_coordinates_have_only_samples():
    assert read(mean(TERM), product=False).node == TERM
    assert read(summed(TERM), product=False).node == TERM

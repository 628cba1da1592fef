"""Supports: whether one lies within another has three answers, and "not known" never proves that KL is infinite."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from kl_symbolic import derive, families, prove
from kl_symbolic.errors import InfiniteDivergenceError, NoClosedFormError
from kl_symbolic.families import Containment, Support, find
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import definition, laws
from kl_symbolic.terms import KL, CrossEntropy, has

REALS, POSITIVE, NATURALS = Support.REALS, Support.POSITIVE_REALS, Support.NATURALS
INTEGERS = "intervals without integers, Q gives none"
POINTS = "single points, Q gives none"
KNOWN = {
    (REALS, REALS): None,
    (REALS, POSITIVE): "x <= 0, where q(x) = 0",
    (REALS, NATURALS): INTEGERS,
    (POSITIVE, REALS): None,
    (POSITIVE, POSITIVE): None,
    (POSITIVE, NATURALS): INTEGERS,
    (NATURALS, REALS): POINTS,
    (NATURALS, POSITIVE): POINTS,
    (NATURALS, NATURALS): None,
}


def new_support():
    """Make a support of which nothing is said, as if a line had been added to the enumeration."""
    made = object.__new__(Support)
    made._name_, made._value_ = "INTERVAL", "interval"
    return made


@pytest.fixture
def bounded(monkeypatch):
    """Return the name of a family on a support of which nothing is said."""
    family = replace(find("normal").family, name="bounded", support=new_support(), members={})
    monkeypatch.setitem(families.all_families(), "bounded", family)
    monkeypatch.setitem(families._members(), "bounded", families.Member("bounded", family))
    monkeypatch.setitem(
        families._members(), "diagonal_bounded", families.Member("diagonal_bounded", family, product=True)
    )
    return "bounded"


def test_every_pair_of_supports_has_an_answer():
    assert set(KNOWN) == set(itertools.product(Support, repeat=2))


@pytest.mark.parametrize(("pair", "reason"), KNOWN.items(), ids=str)
def test_known_supports_lie_inside_or_outside_and_the_reason_is_that_of_the_pair(pair, reason):
    p, q = pair
    assert p.within(q) is (Containment.INSIDE if reason is None else Containment.OUTSIDE)
    assert p.reason_not_within(q) == (
        "nowhere does P give positive probability where Q gives none"
        if reason is None
        else f"P gives positive probability to {reason}"
    )


@pytest.mark.parametrize("known", Support)
def test_of_a_new_support_nothing_is_claimed(known):
    new = new_support()
    for p, q in ((new, known), (known, new), (new, new_support())):
        assert p.within(q) is Containment.DEPENDS
        assert p.reason_not_within(q).startswith("it is not known whether Q, on the ")


def test_three_answers_are_not_taken_for_two():
    with pytest.raises(TypeError, match="three values"):
        bool(REALS.within(POSITIVE))


@pytest.mark.parametrize("quantity", ["kl", "cross_entropy", "decomposition", "asymmetry", "gradient"])
@pytest.mark.parametrize("known", ["normal", "exponential", "poisson"])
def test_no_divergence_between_unknown_supports_is_claimed(bounded, known, quantity):
    for p, q in ((bounded, known), (known, bounded), (f"diagonal_{bounded}", f"diagonal_{known}")):
        with pytest.raises(NoClosedFormError) as caught:
            derive(p, q, quantity=quantity)
        assert not isinstance(caught.value, InfiniteDivergenceError)
        assert str(caught.value).startswith(f"no closed form for KL({p} || {q}): it is not known whether Q")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("head", [KL, CrossEntropy], ids=["KL", "CrossEntropy"])
def test_a_definition_unfolds_only_where_p_lies_inside(bounded, head):
    normal, exponential, unknown = (laws(Question("entropy", name)).p for name in ("normal", "exponential", bounded))
    assert has(definition(head(exponential, normal)), exponential, normal)
    with pytest.raises(InfiniteDivergenceError, match="is infinite: P gives positive probability to x <= 0"):
        definition(head(normal, exponential))
    for pair in ((unknown, normal), (normal, unknown)):
        with pytest.raises(NoClosedFormError, match=r"no closed form for .*: it is not known") as caught:
            definition(head(*pair))
        assert not isinstance(caught.value, InfiniteDivergenceError)


def test_an_infinite_divergence_is_still_said_to_be_one():
    with pytest.raises(InfiniteDivergenceError, match="is infinite"):
        derive("normal", "exponential")
    with pytest.raises(InfiniteDivergenceError, match="is infinite"):
        derive("exponential", "normal", quantity="asymmetry")
    prove(derive("exponential", "normal"))

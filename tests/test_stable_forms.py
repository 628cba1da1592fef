"""Stable forms are theorems: each family has its own, and a wrong one is refused by the kernel."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import mpmath
import pytest
from more_laws import with_laws

from kl_symbolic import NoClosedFormError, ProofError, closed_form, derive, families, prove
from kl_symbolic.families import StableForm, all_families
from kl_symbolic.functions import Domain, find_function
from kl_symbolic.proof.stable import edge_values
from kl_symbolic.terms import Number, Symbol, Term, addends

FORMATS = ("text", "latex", "html", "markdown")
PARAMETERISED = [(name, param) for name, family in all_families().items() for param in family.param_names]
PAIRS = [
    (*pair, param)
    for name, param in PARAMETERISED
    for pair in ((name, name), *(one for m in all_families()[name].members for one in permutations((name, m))))
]


class Numbers:
    """The namespace in which a formula of a family is computed with mpmath."""

    def __getattr__(self, name):
        return getattr(mpmath, find_function(name).names["mpmath"])


@pytest.mark.parametrize(("p", "q", "param"), PAIRS)
@pytest.mark.parametrize("quantity", ["stable_form", "stable_gradient"])
def test_each_family_has_one_with_itself_and_its_members(p, q, param, quantity):
    derivation = derive(p, q, quantity=quantity, param=param)
    assert prove(derivation).computed == ()


def is_positive(term):
    """Whether it is positive, as a product of numbers, parameters and powers of them."""
    match term:
        case Number(value):
            return value > 0
        case Symbol(_, domain, _):
            return domain.positive
        case Term("pow", (base, _)):
            return is_positive(base)
        case Term("Mul", parts):
            return all(map(is_positive, parts))
    function = find_function(term.head)
    return function is not None and function.value.positive


def is_nonnegative(term):
    """Whether it is a square or a remainder, times something positive."""
    match term:
        case Term("pow", (_, Number(value))) if value % 2 == 0:
            return True
        case Term("Mul", parts):
            return all(map(is_nonnegative, parts))
    function = find_function(term.head)
    return is_positive(term) or (function is not None and function.value is Domain.NONNEGATIVE)


@pytest.mark.parametrize(("p", "q", "param"), PAIRS)
def test_no_term_of_it_is_negative(p, q, param):
    assert all(map(is_nonnegative, addends(derive(p, q, quantity="stable_form", param=param).record.statement.right)))


@pytest.mark.parametrize("power", [1, 3, -1])
def test_a_term_that_may_be_negative_is_told(power):
    x = Symbol("x", Domain.REAL)
    assert not is_nonnegative(x**power)
    assert not is_nonnegative(-1 * x**2)


@pytest.mark.parametrize(("name", "param"), PARAMETERISED)
def test_members_are_the_same_law_in_each_parameterisation(name, param):
    family = all_families()[name]
    for member in family.members:
        values = family.member_in(member, param)
        if values is not None and param != family.default:
            assert family.parameterisations[param].to_default(Numbers(), *values) == family.members[member]
        assert values is not None


@pytest.mark.parametrize(("name", "param"), PARAMETERISED)
def test_an_edge_is_the_limit(name, param):
    form = closed_form(name, name, param=param)
    for parameter, ends in edge_values(form.derivation.question).items():
        others = {one: Fraction(1, 3) for one in form.parameters}
        for at in ends:
            near = abs(at - Fraction(1, 10**60))
            edge, limit = (form.evaluate(30, **others | {parameter.name: value}) for value in (at, near))
            assert abs(edge - limit) < 1e-25


WRONG = {
    "a factor": lambda m, p, q: 2 * m.itakura_saito(q, p),
    "exchanged": lambda m, p, q: m.itakura_saito(p, q),
    "more": lambda m, p, q: m.itakura_saito(q, p) + (p - q) ** 2,
    # right where both laws are equal, and to the second order around that
    "only near": lambda m, p, q: ((q - p) / p) ** 2 / 2,
    # right wherever p is 1
    "only sometimes": lambda m, p, q: m.itakura_saito(q, p) * p,
    "another function": lambda m, p, q: m.expm1mx(q / p - 1),
}


@pytest.mark.parametrize("form", WRONG.values(), ids=WRONG)
def test_a_wrong_form_is_refused(form):
    wrong = replace(all_families()["exponential"], stable_forms=(StableForm(form),))
    with with_laws(wrong):
        with pytest.raises(ProofError):
            prove(derive("exponential", "exponential", quantity="stable_form"))
        assert families.find("exponential").family is wrong


WRONG_GRADIENTS = {
    "a sign": lambda m, p, q: ((q - p) / p**2, (q - p) / (p * q)),
    "exchanged": lambda m, p, q: ((q - p) / (p * q), -(q - p) / p**2),
    "of one alone": lambda m, p, q: (-(q - p) / p**2, 0),
    "only near": lambda m, p, q: (-(q - p) / p**2, (q - p) / p**2),
}


@pytest.mark.parametrize("gradient", WRONG_GRADIENTS.values(), ids=WRONG_GRADIENTS)
def test_a_wrong_gradient_is_refused(gradient):
    right = all_families()["exponential"].stable_forms[0]
    with with_laws(replace(all_families()["exponential"], stable_forms=(replace(right, gradient=gradient),))):
        prove(derive("exponential", "exponential", quantity="stable_form"))
        with pytest.raises(ProofError):
            prove(derive("exponential", "exponential", quantity="stable_gradient"))


def test_the_right_gradient_is_not():
    right = all_families()["exponential"].stable_forms[0]
    stated = replace(right, gradient=lambda m, p, q: (-(q - p) / p**2, (q - p) / (p * q)))
    with with_laws(replace(all_families()["exponential"], stable_forms=(stated,))):
        prove(derive("exponential", "exponential", quantity="stable_gradient"))


@pytest.mark.parametrize("form", FORMATS)
def test_it_is_printed_with_what_its_functions_stand_for(form):
    derivation = derive("gamma", "gamma", quantity="stable_form")
    printed = getattr(derivation, f"to_{form}")()
    assert "Here" in printed
    assert printed.count("IS") >= 2  # in the theorem, and where it is said what it is


def test_what_has_none_says_so():
    with pytest.raises(NoClosedFormError, match="no stable form"):
        derive("gamma", "normal", quantity="stable_form")
    assert closed_form("gamma", "normal").stable is None


@pytest.mark.parametrize(
    ("laws", "stable"),
    [
        (("normal(0, 1)", "normal(1, 2)"), "itakura_saito(1, 2) + 1/4"),
        (("normal(0, s)", "normal(1, s)"), "1/(2*s**2)"),
        (("exponential(l)", "exponential(l)"), "0"),
    ],
)
def test_of_a_special_case_it_is_short(laws, stable):
    form = closed_form(*laws)
    assert str(form.stable) == stable
    assert form.stable_proof is not None

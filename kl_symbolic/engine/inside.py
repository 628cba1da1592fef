"""Where a divergence is finite, as far as the engine sees; the kernel believes none of it."""

from __future__ import annotations

from dataclasses import replace

import sympy

from kl_symbolic.errors import InfiniteDivergenceError, NoClosedFormError
from kl_symbolic.proof.derivation import Derivation, Step
from kl_symbolic.proof.parameters import bound_of, symbol_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws, left_side, quantity_of
from kl_symbolic.proof.supports import Containment, inclusion
from kl_symbolic.proof.where import Relation
from kl_symbolic.terms import INFINITY, Number, Term, parts_with
from kl_symbolic.terms.sympy import inert

PARAMETERS = ("Symbol", "Indexed")


class ConditionNeededError(NoClosedFormError):
    """There is a closed form where one thing lies above another.

    Attributes
    ----------
    relation
        What is needed, of the parameters of the question; None if it is no relation of two.
    """

    def __init__(self, message: str, larger: Term, smaller: Term) -> None:
        super().__init__(message)
        self.relation = relation_of(larger, smaller)


def relation_of(larger: Term, smaller: Term) -> Relation | None:
    """Return that one thing lies above another, as a condition on a parameter."""
    if larger.head not in PARAMETERS:
        return None
    name = symbol_of(larger).name
    if isinstance(smaller, Number):
        return Relation(name, ">", smaller.value)
    same = smaller.head == larger.head and larger.args[1:] == smaller.args[1:]  # the same coordinate of both
    return Relation(name, ">", symbol_of(smaller).name) if same else None


def seen_positive(term: Term) -> bool:
    """Whether SymPy sees that a term is positive, with each bounded symbol as its bound and something positive."""
    return bool(_opened(term).is_positive)


def seen_nonnegative(term: Term) -> bool:
    """Whether SymPy sees that a term is not negative."""
    return bool(_opened(term).is_nonnegative)


def _opened(term: Term) -> sympy.Expr:
    bounded = {p: _excess(p) for p in parts_with(term, *PARAMETERS) if bound_of(p) is not None}
    return sympy.expand(inert(term, evaluate=True, known=dict(bounded)))


def _excess(parameter: Term) -> sympy.Expr:
    """Return a parameter as the sum of what it lies above, and something positive."""
    low = bound_of(parameter) if parameter.head in PARAMETERS else None
    if low is None:
        return inert(parameter)
    return _excess(low) + sympy.Symbol(f"{parameter} above {low}", positive=True)


def require_finite(question: Question, p: Term, q: Term) -> None:
    """Refuse the divergence of the two laws of a question unless it is seen that P has no mass where Q has none.

    Raises
    ------
    InfiniteDivergenceError
        If P has some; with the derivation.
    ConditionNeededError
        If that depends on the parameters.
    """
    found = inclusion(p, q, seen_positive, seen_nonnegative)
    divergence = f"KL({question.p} || {question.q})"
    if found.answer is Containment.OUTSIDE:
        infinite = replace(question, quantity=quantity_of("KL"), unit="nats", of=None)
        step = Step("support", left_side(infinite), INFINITY)
        raise InfiniteDivergenceError(f"{divergence} is infinite: {found.reason}", Derivation(infinite, (step,)))
    if found.answer is Containment.DEPENDS:
        gap = found.unknown[0]
        raise ConditionNeededError(f"no closed form for {divergence}: {found.reason}", gap.larger, gap.smaller)


def require_conditions(lemma: Question, values: dict[str, Term]) -> None:
    """Refuse to cite an equation whose conditions are not seen to hold where parameters have other values.

    Raises
    ------
    ConditionNeededError
        With the first condition that does not.
    """
    for parameter in laws(lemma).parameters:
        low = bound_of(parameter)
        if low is None:
            continue
        value = values[symbol_of(parameter).name]
        bound = low if isinstance(low, Number) else values[symbol_of(low).name]
        if not seen_positive(value - bound):
            raise ConditionNeededError(
                f"{lemma.name} is cited, and it is not seen that {value} > {bound}", value, bound
            )

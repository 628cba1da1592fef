"""What else a formula of two laws may be: the closed forms beside the one that was asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

from kl_symbolic import engine, kernel, render
from kl_symbolic.errors import KLError
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.parameters import base_of, free_laws
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.render.printer import Printer
from kl_symbolic.terms import Term, add, substitute

DIVERGENCE = "the divergence KL(P ‖ Q)"
REVERSE = "the reverse divergence KL(Q ‖ P)"
WORDS = {
    "kl": DIVERGENCE,
    "entropy": "the entropy H(P)",
    "cross_entropy": "the cross-entropy H(P, Q)",
    "asymmetry": "the difference KL(P ‖ Q) - KL(Q ‖ P)",
    "gradient": "the gradient of KL(P ‖ Q)",
}


class Quantity(NamedTuple):
    """A quantity in words, its closed form, and the question in whose parameters it is.

    `made_of` are the questions from whose derivations it was put together. To prove them takes much longer than to
    derive them, so that is left to who is about to say something of them. `called` are the names of the user's own by
    ours.
    """

    words: str
    expression: Term
    question: Question
    made_of: tuple[Question, ...] = ()
    called: tuple[tuple[str, str], ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether the kernel proves what it is made of."""
        return all(map(_is_proved, self.made_of))

    @property
    def by_coordinate(self) -> bool:
        """Whether it is a sum over coordinates whose number is open."""
        return laws(self.question).p.head == "ProductLaw" and self.question.dim is None

    def written(self, part: Term) -> str:
        """Return a part of the expression, or one beside it, as text."""
        symbols = {ours: render.tex_of_name(own) for ours, own in self.called}
        return render.text(Printer(render.Notation(symbols=symbols), laws(self.question)).expression(part))

    def name(self, parameter: Term) -> str:
        """Return the name of a parameter."""
        ours = str(base_of(parameter))
        return dict(self.called).get(ours, ours)


def quantities(derivation: Derivation) -> list[Quantity]:
    """Return the quantity of a derivation, which is taken for proved, then the others that it may be taken for.

    Examples
    --------
    >>> [quantity.words for quantity in quantities(engine.derive(Question("kl", "poisson", "poisson"), None))][:2]
    ['the divergence KL(P ‖ Q)', 'the reverse divergence KL(Q ‖ P)']
    """
    question, right = derivation.question, derivation.statement.right
    found = [Quantity(WORDS.get(question.quantity, f"the {question.quantity}"), right, question)]
    if question.q is None or question.quantity == "gradient":
        return found
    known: dict[Question, Term | None] = {question: right}  # laws of one family: the same questions both ways
    for words, other, swap in (
        (DIVERGENCE, replace(question, quantity="kl"), False),
        (REVERSE, replace(question, quantity="kl", p=question.q, q=question.p), True),
        ("the cross-entropy H(P, Q)", replace(question, quantity="cross_entropy"), False),
        ("the cross-entropy H(Q, P)", replace(question, quantity="cross_entropy", p=question.q, q=question.p), True),
        ("the entropy H(P)", replace(question, quantity="entropy", q=None), False),
        ("the entropy H(Q)", replace(question, quantity="entropy", p=question.q, q=None), True),
    ):
        if words == found[0].words:
            continue
        if other not in known:
            known[other] = _closed_form(other)
        form = known[other]
        renamed = None if form is None else _renamed(other, question, swapped=swap)
        if form is not None and renamed is not None:
            found.append(Quantity(words, engine.worked_out(substitute(form, renamed)), question, (other,)))
    both = [quantity for quantity in found if quantity.words in (DIVERGENCE, REVERSE)]
    if len(both) > 1:
        jeffreys = engine.worked_out(add(*(quantity.expression for quantity in both)))
        parts = tuple(one for quantity in both for one in quantity.made_of)
        found.append(Quantity("Jeffreys' divergence KL(P ‖ Q) + KL(Q ‖ P)", jeffreys, question, parts))
        mean = engine.worked_out(jeffreys / 2)
        found.append(Quantity("the mean of KL(P ‖ Q) and KL(Q ‖ P)", mean, question, parts))
    return found


@cache
def _derived(question: Question) -> Derivation | None:
    try:
        return engine.derive(question, None)
    except KLError:
        return None


def _closed_form(question: Question) -> Term | None:
    derivation = _derived(question)
    return None if derivation is None else derivation.statement.right


@cache
def _is_proved(question: Question) -> bool:
    derivation = _derived(question)
    try:
        return derivation is not None and bool(kernel.prove(derivation))
    except KLError:
        return False


def _renamed(other: Question, question: Question, *, swapped: bool) -> dict[Term, Term] | None:
    """Return what to write for the parameters of one question to speak of the laws of another; None if they differ."""
    mine, theirs = laws(question).parameters, laws(other).parameters
    count = len(mine) // len(free_laws(question)) if mine else 0
    first, second = mine[:count], mine[count:]
    if other.q is None:
        target = (second or first) if swapped else first
        if len(target) != len(theirs):
            return None
    else:
        target = (*second, *first) if swapped else mine
    pairs = zip((base_of(s) for s in theirs), (base_of(s) for s in target), strict=True)
    return {a: b for a, b in pairs if a != b}

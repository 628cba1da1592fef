"""What else a formula of two laws may be: the closed forms beside the one that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from typing import Any, NamedTuple

from kl_symbolic import engine, kernel, render
from kl_symbolic.divergences import all_quantities, find_quantity
from kl_symbolic.errors import KLError, NoClosedFormError
from kl_symbolic.functions import Formula
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.parameters import base_of, records_by_law, symbol_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws, quantity_of
from kl_symbolic.render.printer import Printer
from kl_symbolic.terms import DEFINED_HEADS, Namespace, Term, substitute


class Candidate(NamedTuple):
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


def quantities(derivation: Derivation) -> list[Candidate]:
    """Return the quantity of a derivation, which is taken for proved, then the others that it may be taken for.

    Examples
    --------
    >>> [quantity.words for quantity in quantities(engine.derive(Question("kl", "poisson", "poisson"), None))][:2]
    ['the divergence KL(P ‖ Q)', 'the reverse divergence KL(Q ‖ P)']
    """
    question, right = derivation.question, derivation.statement.right
    own = find_quantity(question.quantity)
    found = {own.words: Candidate(own.words, right, question)}
    if question.q is None or not own.is_number:
        return list(found.values())
    known: dict[Question, Term | None] = {question: right}  # laws of one family: the same questions both ways
    for words, formula, places in _alternatives():
        forms = _ClosedForms(question, known)
        with suppress(NoClosedFormError):
            expression = engine.worked_out(formula(forms, *places))
            found.setdefault(words, Candidate(words, expression, question, tuple(forms.made_of)))
    return list(found.values())


def _alternatives() -> Iterator[tuple[str, Formula, tuple[int, ...]]]:
    """Yield what a formula of two laws may be: in words, and as a formula of the laws in some places, 1 for P."""
    numbers = [one for one in all_quantities().values() if one.is_number]
    numbers.sort(key=lambda one: (not one.is_divergence, one.plan == "combination"))  # the simplest first
    for one in numbers:
        yield one.words, one.left, (1, 2)[: one.laws]
        if one.reverse:
            yield one.reverse, one.left, (2, 1)[: one.laws]
    yield from ((words, formula, (1, 2)) for one in numbers for words, formula in one.besides)


class _ClosedForms(Namespace):
    """The namespace in which divergences and entropies are closed forms in the parameters of a question.

    Laws are given by their places. `made_of` are the questions that were derived.
    """

    def __init__(self, question: Question, known: dict[Question, Term | None]) -> None:
        self.question, self.known = question, known
        self.made_of: list[Question] = []

    def __getattr__(self, name: str) -> Any:
        return partial(self._form, quantity_of(name)) if name in DEFINED_HEADS else super().__getattr__(name)

    def _form(self, quantity: str, *places: int) -> Term:
        first = self.question if places[0] == 1 else self.question.exchanged
        other = first.of_one_law(quantity) if len(places) == 1 else replace(first, quantity=quantity)
        if other not in self.known:
            self.known[other] = _closed_form(other)
        form = self.known[other]
        renamed = None if form is None else _renamed(other, self.question, places)
        if form is None or renamed is None:
            raise NoClosedFormError(f"{other.name} has no closed form in the parameters of {self.question.name}")
        self.made_of.append(other)
        return substitute(form, renamed)


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


def _bases_by_law(question: Question) -> dict[int, list[Term | None]]:
    """Return the parameters of each law; None for one in whose place another one stands."""
    bases = {symbol_of(s).name: base_of(s) for s in laws(question).parameters}
    return {place: [bases.get(name) for name in records] for place, records in records_by_law(question).items()}


def _renamed(other: Question, question: Question, places: tuple[int, ...]) -> dict[Term, Term] | None:
    """Return what to write for the parameters of one question to speak of the laws of another in some places.

    None if those are other laws, as a standard law is of one coordinate beside a product, and of one alone.
    """
    mine, own = _bases_by_law(question), _bases_by_law(other)
    target = [base for place in places for base in mine.get(place, ())]
    given = [base for bases in own.values() for base in bases]
    if None in (*target, *given) or len(target) != len(given):
        return None  # conditions make some of them equal
    theirs = laws(other)
    renamed = {a: b for a, b in zip(given, target, strict=True) if a is not None and b is not None and a != b}
    ours = (laws(question).p, laws(question).q)
    pairs_of_laws = zip((theirs.p, theirs.q), places, strict=False)
    same = all(law is not None and substitute(law, renamed) == ours[place - 1] for law, place in pairs_of_laws)
    return renamed if same else None

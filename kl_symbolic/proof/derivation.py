"""Derivations as plain data: a question, steps from its left-hand side to a closed form, and what they cite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kl_symbolic.proof.question import Question
from kl_symbolic.terms import Term


@dataclass(frozen=True)
class Citation:
    """The equation that another derivation proves, with expressions in place of its parameters."""

    name: str
    substitution: tuple[tuple[Term, Term], ...] = ()


@dataclass(frozen=True)
class Step:
    """One equality, and the rule by which it holds."""

    rule: str
    before: Term
    after: Term
    cites: tuple[Citation, ...] = ()


class Equation(NamedTuple):
    """An equality of two expressions."""

    left: Term
    right: Term


@dataclass(frozen=True)
class Derivation:
    """A chain of equal expressions, together with the derivations that it cites."""

    question: Question
    steps: tuple[Step, ...]
    lemmas: tuple[Derivation, ...] = ()

    @property
    def name(self) -> str:
        """The name of the question."""
        return self.question.name

    @property
    def statement(self) -> Equation:
        """The equality that the steps add up to."""
        return Equation(self.steps[0].before, self.steps[-1].after)

    def with_lemmas(self) -> Iterator[Derivation]:
        """Yield every derivation this one rests on, each once, before those that cite it, and itself last."""
        seen: dict[str, Derivation] = {}

        def visit(derivation: Derivation) -> None:
            if derivation.name not in seen:
                for lemma in derivation.lemmas:
                    visit(lemma)
                seen.setdefault(derivation.name, derivation)

        visit(self)
        yield from seen.values()

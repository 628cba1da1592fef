"""Values of formulas at a few points of a question, to pick candidates and find counterexamples."""

from __future__ import annotations

from dataclasses import dataclass, field

import mpmath

from kl_symbolic.errors import KLError
from kl_symbolic.numbers import (
    DIMENSION_FOR_SYMBOLIC_N,
    Ball,
    Evaluator,
    Point,
    UnresolvedError,
    compare,
    draw,
)
from kl_symbolic.numbers.instantiate import Known, instantiate
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import Number, Term, length

DIGITS, POINTS = 40, 5
ENOUGH = 3  # points at which a quotient must have a value: where P = Q it has none
MOST_PARTS = 50_000  # of sums that are written out


def components(term: Term) -> tuple[Term, ...]:
    """Return the formulas of a gradient, or the only one."""
    return term.args if term.head == "Vector" else (term,)


@dataclass
class Values:
    """Values at random exact points of a question, always the same ones.

    Parameters
    ----------
    question
        Whose parameters are drawn.
    dimension
        What stands for a symbolic n.
    """

    question: Question
    dimension: int = DIMENSION_FOR_SYMBOLIC_N
    ctx: mpmath.MPContext = field(default_factory=mpmath.MPContext)
    points: tuple[Point, ...] = ()
    known: dict[tuple[Term, int], Ball | None] = field(default_factory=dict)
    written_out: Known = field(default_factory=dict)
    lengths: dict[Term, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.points = draw(self.question, POINTS, 0, self.size or None)
        self.evaluators = [Evaluator(self.ctx, DIGITS, point.values) for point in self.points]

    @property
    def size(self) -> int:
        """The number of coordinates that stands for a symbolic n; 0 for scalar laws and a number."""
        product = laws(self.question).p.head == "ProductLaw"
        return self.dimension if product and self.question.dim is None else 0

    def at(self, term: Term, k: int) -> Ball | None:
        """Return the value at a point, or None where there is none."""
        if (term, k) not in self.known:
            try:
                if self._length_of_sums(term) > MOST_PARTS:
                    raise UnresolvedError(f"a sum has more than {MOST_PARTS} parts when it is written out")
                value = self.evaluators[k].value(instantiate(term, self.points[k].integers, self.written_out))
                self.known[term, k] = value if self.ctx.isfinite(value.mid) else None
            except (KLError, ArithmeticError, ValueError, RecursionError):
                self.known[term, k] = None
        return self.known[term, k]

    def _length_of_sums(self, term: Term) -> int:
        """Return how many parts the sums in a formula have when they are written out."""
        if term not in self.lengths:
            found = sum(map(self._length_of_sums, term.args))
            if term.head == "Sum":
                body, _, size = term.args
                count = int(size.value) if isinstance(size, Number) else self.points[0].integers[size]
                found = count * (length(body) + found)
            self.lengths[term] = found
        return self.lengths[term]

    def status(self, one: Term, other: Term, k: int) -> str:
        """Return whether two formulas agree at a point: agree, disagree or unknown."""
        found = []
        for a, b in zip(components(one), components(other), strict=True):
            left = self.at(a, k)
            right = None if left is None else self.at(b, k)
            found.append("unknown" if left is None or right is None else compare(self.ctx, left, right, DIGITS).status)
        return "disagree" if "disagree" in found else "unknown" if "unknown" in found else "agree"

    def agree(self, one: Term, other: Term) -> bool:
        """Return whether two formulas agree at all points."""
        if len(components(one)) != len(components(other)):
            return False
        return all(self.status(one, other, k) == "agree" for k in range(len(self.points)))

    def constant(self, term: Term) -> mpmath.mpf | None:
        """Return the value of a formula if it is the same, and not 0, at all points where it has one."""
        if term.head == "Vector":
            return None
        found: list[Ball] = []
        for k in range(len(self.points)):
            value = self.at(term, k)
            if value is None:
                continue
            found.append(value)
            if compare(self.ctx, found[0], value, DIGITS - 5).status != "agree":
                return None
        if len(found) < ENOUGH or abs(found[0].mid) < mpmath.mpf(10) ** -DIGITS:
            return None
        return found[0].mid

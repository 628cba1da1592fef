"""Values of formulas at a few points of a claim, to pick candidates and find counterexamples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import mpmath
from sympy import Add, Basic, Expr, Mul, Pow, preorder_traversal

from kl_symbolic.errors import KLError
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Exp, Log, ProductLaw, Sqrt, Sum, Vector
from kl_symbolic.proof.statement import laws
from kl_symbolic.verification.balls import Ball, UnresolvedError
from kl_symbolic.verification.compare import compare
from kl_symbolic.verification.evaluate import Evaluator
from kl_symbolic.verification.instantiate import instantiate
from kl_symbolic.verification.points import DIMENSION_FOR_SYMBOLIC_N, Point, draw

DIGITS, POINTS = 40, 5
ENOUGH = 3  # points at which a quotient must have a value: where P = Q it has none
MOST_PARTS = 50_000  # of sums that are written out


def components(expr: Expr) -> tuple[Expr, ...]:
    """Return the formulas of a gradient, or the only one."""
    return expr.args if isinstance(expr, Vector) else (expr,)


@dataclass
class Values:
    """Values at random exact points of a claim, always the same ones.

    Parameters
    ----------
    claim
        Whose parameters are drawn.
    dimension
        What stands for a symbolic n.
    """

    claim: Claim
    dimension: int = DIMENSION_FOR_SYMBOLIC_N
    ctx: mpmath.MPContext = field(default_factory=mpmath.MPContext)
    points: tuple[Point, ...] = ()
    known: dict[tuple[Expr, int], Ball | None] = field(default_factory=dict)
    written_out: dict[object, Basic] = field(default_factory=dict)
    parts: dict[object, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.points = draw(self.claim, POINTS, 0, self.size or None)
        self.evaluators = [Evaluator(self.ctx, DIGITS, point.values) for point in self.points]

    @property
    def size(self) -> int:
        """The number of coordinates that stands for a symbolic n; 0 for scalar laws and a number."""
        product = isinstance(laws(self.claim).p, ProductLaw)
        return self.dimension if product and self.claim.dim is None else 0

    def at(self, expr: Expr, k: int) -> Ball | None:
        """Return the value at a point, or None where there is none."""
        if (expr, k) not in self.known:
            try:
                self._require_small(expr, k)
                value = self.evaluators[k].value(self._written_out(expr, self.points[k].integers))
                self.known[expr, k] = value if self.ctx.isfinite(value.mid) else None
            except (KLError, ArithmeticError, ValueError, RecursionError):
                self.known[expr, k] = None
        return self.known[expr, k]

    def _require_small(self, expr: Basic, k: int) -> None:
        """Refuse a formula with sums that would be too long when they are written out."""
        if self._parts(expr, k) > MOST_PARTS:
            raise UnresolvedError(f"a sum has more than {MOST_PARTS} parts when it is written out")

    def _parts(self, expr: Basic, k: int) -> int:
        """Return how many parts the sums in a formula have when they are written out; kept as `_written_out` does."""
        integers = self.points[k].integers
        key = expr, tuple(integers.items())
        if key not in self.parts:
            if isinstance(expr, Add | Mul | Pow):
                self.parts[key] = sum(self._parts(part, k) for part in expr.args)
            else:
                sums = (part for part in preorder_traversal(expr) if isinstance(part, Sum))
                self.parts[key] = sum(
                    int(integers.get(s.args[2], s.args[2])) * sum(1 for _ in preorder_traversal(s.args[0]))
                    for s in sums
                )
        return self.parts[key]

    def _written_out(self, expr: Basic, integers: Mapping[Basic, int]) -> Basic:
        """Return a formula without sums, as `instantiate` does; what formulas have in common is written out once."""
        key = expr, tuple(integers.items())
        if key not in self.written_out:
            if isinstance(expr, Sum):
                body, index, size = expr.args
                each = range(1, int(integers.get(size, size)) + 1)
                terms = [self._written_out(body, {**integers, index: k}) for k in each]
                made = Add(*terms, evaluate=False) if len(terms) > 1 else terms[0]
            elif isinstance(expr, Add | Mul | Pow):
                made = expr.func(*(self._written_out(part, integers) for part in expr.args), evaluate=False)
            elif isinstance(expr, Log | Exp | Sqrt):
                made = expr.func(*(self._written_out(part, integers) for part in expr.args))
            else:
                made = instantiate(expr, integers)
            self.written_out[key] = made
        return self.written_out[key]

    def status(self, one: Expr, other: Expr, k: int) -> str:
        """Return whether two formulas agree at a point: agree, disagree or unknown."""
        found = []
        for a, b in zip(components(one), components(other), strict=True):
            left = self.at(a, k)
            right = None if left is None else self.at(b, k)
            found.append("unknown" if left is None or right is None else compare(self.ctx, left, right, DIGITS).status)
        return "disagree" if "disagree" in found else "unknown" if "unknown" in found else "agree"

    def agree(self, one: Expr, other: Expr) -> bool:
        """Return whether two formulas agree at all points."""
        if len(components(one)) != len(components(other)):
            return False
        return all(self.status(one, other, k) == "agree" for k in range(len(self.points)))

    def constant(self, expr: Expr) -> mpmath.mpf | None:
        """Return the value of a formula if it is the same, and not 0, at all points where it has one."""
        if isinstance(expr, Vector):
            return None
        found: list[Ball] = []
        for k in range(len(self.points)):
            value = self.at(expr, k)
            if value is None:
                continue
            found.append(value)
            if compare(self.ctx, found[0], value, DIGITS - 5).status != "agree":
                return None
        if len(found) < ENOUGH or abs(found[0].mid) < mpmath.mpf(10) ** -DIGITS:
            return None
        return found[0].mid

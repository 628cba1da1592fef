"""Values of terms with their error, and whether two values agree: a question with three answers.

One evaluator (`arithmetic`) knows how a term is put together; the kinds of numbers know how to compute: floating point,
intervals, and balls, whose radius is an estimate. `Evaluator` adds integrals, sums and derivatives, with its own
quadratures. Nothing is known here of how derivations are written or proved.
"""

from kl_symbolic.numbers.arithmetic import (
    FLOATS,
    Arithmetic,
    Context,
    Namespace,
    UnresolvedError,
    Value,
    balls_of_arb,
    evaluate,
    intervals,
)
from kl_symbolic.numbers.balls import Ball, reals, shown
from kl_symbolic.numbers.compare import Comparison, Status, compare
from kl_symbolic.numbers.evaluator import GUARD_DIGITS, Evaluator, NotEvaluatedError
from kl_symbolic.numbers.instantiate import instantiate, joint
from kl_symbolic.numbers.integrands import support_named
from kl_symbolic.numbers.points import DIMENSION_FOR_SYMBOLIC_N, Point, at_coordinate, dimension, draw

__all__ = [
    "DIMENSION_FOR_SYMBOLIC_N",
    "FLOATS",
    "GUARD_DIGITS",
    "Arithmetic",
    "Ball",
    "Comparison",
    "Context",
    "Evaluator",
    "Namespace",
    "NotEvaluatedError",
    "Point",
    "Status",
    "UnresolvedError",
    "Value",
    "at_coordinate",
    "balls_of_arb",
    "compare",
    "dimension",
    "draw",
    "evaluate",
    "instantiate",
    "intervals",
    "joint",
    "reals",
    "shown",
    "support_named",
]

"""Values of terms with their error, and whether two values agree: a question with three answers.

One evaluator (`arithmetic`) knows how a term is put together; the kinds of numbers know how to compute: floating point,
intervals, the balls of Arb, and balls whose radius is an estimate. `Evaluator` adds integrals, sums and derivatives by
quadratures of its own; `Encloser` says between which bounds a value certainly lies. Nothing is known here of how
derivations are written or proved.
"""

from kl_symbolic.numbers.arithmetic import (
    FLOATS,
    Arithmetic,
    Context,
    MissingFunctionError,
    Namespace,
    UnresolvedError,
    Value,
    balls_of_arb,
    evaluate,
    intervals,
)
from kl_symbolic.numbers.balls import Ball, reals, shown
from kl_symbolic.numbers.compare import Comparison, Status, compare
from kl_symbolic.numbers.digits import certain_decimals, narrowing_bounds
from kl_symbolic.numbers.enclosures import Bounds, Encloser, compare_bounds, has_arb
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
    "Bounds",
    "Comparison",
    "Context",
    "Encloser",
    "Evaluator",
    "MissingFunctionError",
    "Namespace",
    "NotEvaluatedError",
    "Point",
    "Status",
    "UnresolvedError",
    "Value",
    "at_coordinate",
    "balls_of_arb",
    "certain_decimals",
    "compare",
    "compare_bounds",
    "dimension",
    "draw",
    "evaluate",
    "has_arb",
    "instantiate",
    "intervals",
    "joint",
    "narrowing_bounds",
    "reals",
    "shown",
    "support_named",
]

"""The rounding error of a program, bounded by interval arithmetic, with which tests compare what records say.

Each node has a range and a bound of its error to first order, relative and absolute, in eps. Constants that single
precision does not have count half an eps, so that the bounds hold for both dtypes.
"""

from __future__ import annotations

from functools import cache
from math import inf
from typing import NamedTuple

import mpmath
from float_intervals import REALS, Interval, outward
from rounding_cells import CELLS, CONDITIONS, known_of

from kl_symbolic.code.program import program_of
from kl_symbolic.functions import find_function

CTX = mpmath.MPContext()
CTX.prec = 100
HALF = 0.5  # an operation's rounding error, in eps
LIBRARY = 1.0  # that of the functions of a library
SINGLE = 24  # bits


class Bound(NamedTuple):
    """A range, and bounds of the relative and of the absolute error in eps."""

    range: Interval
    relative: float
    absolute: float


def bound(range_, relative, absolute=inf):
    """Return a bound in which the one error says something of the other."""
    absolute = min(absolute, relative * range_.most if relative else 0.0)
    return Bound(range_, min(relative, absolute / range_.least if range_.least else inf), absolute)


def monotone(function, range_):
    """Return the range of an increasing function."""
    low, high = (float(function(CTX.mpf(end))) for end in (range_.low, range_.high))
    return outward(low, high, 1 if low >= 0 else -1 if high <= 0 else 0)


def _log1p_condition(x):
    return 1.0 if x == 0 else float(x / ((1 + CTX.mpf(x)) * CTX.log1p(x)))


def _expm1_condition(t):
    return 1.0 if t == 0 else float(t * CTX.exp(t) / CTX.expm1(t))


# Their ranges, and by how much the relative error of an argument is multiplied, on a range.
LIBRARIES = {
    "exp": (CTX.exp, lambda r: r.most),
    "expm1": (CTX.expm1, lambda r: _expm1_condition(r.high)),  # which increases
    "log": (CTX.log, lambda r: 1 / min(abs(float(CTX.log(end))) for end in (r.low, r.high))),
    "log1p": (CTX.log1p, lambda r: _log1p_condition(r.low)),  # which decreases
}


class Analysis:
    """The ranges and errors of nodes where arguments have ranges.

    Parameters
    ----------
    arguments
        The bound of each argument.
    known
        What else is known of nodes: a range for each.
    """

    def __init__(self, arguments, known=None):
        self.arguments = arguments
        self.known = known or {}
        self.found = {}

    def bound(self, node):
        """Return the bound of a node."""
        if node not in self.found:
            value = self._bound(node)
            if node in self.known:
                value = bound(value.range.common(self.known[node]), value.relative, value.absolute)
            self.found[node] = value
        return self.found[node]

    def _bound(self, node):
        match node.kind:
            case "argument":
                return self.arguments[node.label]
            case "constant":
                value = float(node.label)
                exact = value == node.label
                return bound(
                    Interval(value, value) if exact else outward(value, value), 0.0 if _is_short(node) else HALF
                )
            case "where":
                return self._where(*node.args)
            case "call":
                return self._call(node.label, [self.bound(arg) for arg in node.args])
        (a, relative, absolute), *rest = (self.bound(arg) for arg in node.args)
        match node.kind:
            case "neg":
                return Bound(-a, relative, absolute)
            case "abs":
                return Bound(abs(a), relative, absolute)
            case "sqrt":
                return bound(a.sqrt(), relative / 2 + HALF)
        ((b, other, other_absolute),) = rest
        match node.kind:
            case "mul" | "div":
                exact = any(arg.kind == "constant" and _is_power_of_two(arg.label) for arg in node.args)
                product = a * b if node.kind == "mul" else a / b
                errors = relative + other + (0.0 if exact else HALF)
                if node.kind == "mul":
                    if node.args[0] is node.args[1]:
                        product = abs(a) * abs(a)
                    return bound(product, errors, absolute * b.most + other_absolute * a.most + HALF * product.most)
                return bound(product, errors)
            case "sub":
                b = -b
        total = a + b
        absolute = absolute + other_absolute + HALF * total.most
        if a.sign * b.sign > 0:
            return bound(total, _mean(a, relative, b, other) + HALF, absolute)
        if relative == other == 0:
            return bound(total, HALF, absolute)
        parts = 0.0
        if total.least:
            for one, error, rest in ((a, relative, b), (b, other, a)):
                parts += error and error * min(one.most / total.least, 1 + rest.most / total.least)
        return bound(total, parts + HALF if total.least else inf, absolute)

    def _where(self, condition, then, otherwise):
        """Return the bound of a choice; where it is open, of both, each with what its condition says."""
        strict = condition.kind == "lt"
        left, right = condition.args
        low, high = self.bound(left).range, self.bound(right).range
        if low.high < high.low or (not strict and low.high <= high.low):
            return self.bound(then)
        if low.low > high.high or (strict and low.low >= high.high):
            return self.bound(otherwise)
        below = {left: Interval(-inf, high.high), right: Interval(low.low, inf)}
        above = {left: Interval(high.low, inf), right: Interval(-inf, low.high)}
        one, other = self._where_known(below).bound(then), self._where_known(above).bound(otherwise)
        return Bound(one.range.hull(other.range), max(one.relative, other.relative), max(one.absolute, other.absolute))

    def _where_known(self, more):
        known = {node: range_ for node, range_ in more.items() if node.kind != "constant"}
        for node, range_ in self.known.items():
            known[node] = known.get(node, REALS).common(range_)
        return Analysis(self.arguments, known)

    def _call(self, name, values):
        if name in LIBRARIES:
            ((range_, relative, _),) = values
            function, condition = LIBRARIES[name]
            return bound(monotone(function, range_), LIBRARY + (condition(range_) * relative if relative else 0.0))
        errors = tuple(value.relative for value in values)
        range_ = Interval(0.0, inf) if find_function(name).value.nonnegative else REALS
        return bound(range_, max(_in_cell(name, k, errors) for k in _cells_of(name, values)))


def _cells_of(name, values):
    """Return the cells that hold the arguments; of two points, which are known up to a factor, all cells."""
    cells = CELLS[name]
    if len(values) > 1:
        return range(len(cells))
    (value,) = values
    return [k for k, cell in enumerate(cells) if cell["x"][0] <= value.range.high and value.range.low <= cell["x"][1]]


@cache
def _in_cell(name, number, errors):
    """Return the relative error in a cell, at arguments with relative errors.

    What an error does in two places of a program cancels in part: a condition number is used where it is known.
    """
    program, cell = program_of(name), CELLS[name][number]
    condition = CONDITIONS[name](cell) if name in CONDITIONS else None
    given = zip(program.arguments, (0.0,) * len(errors) if condition else errors, strict=True)
    arguments = {argument: bound(Interval(*cell[argument]), error) for argument, error in given}
    relative = Analysis(arguments, known_of(name, cell)).bound(program.results[0]).relative
    return relative + sum(c * e for c, e in zip(condition, errors, strict=True)) if condition else relative


def largest_error(name):
    """Return the largest error of a program over its cells, at exact arguments, in eps."""
    exact = (0.0,) * len(program_of(name).arguments)
    return max(_in_cell(name, k, exact) for k in range(len(CELLS[name])))


def _mean(a, error_a, b, error_b):
    """Return the error of a sum of two numbers of one sign: a mean of theirs, by how large they can be."""
    if error_a < error_b:
        a, error_a, b, error_b = b, error_b, a, error_a
    if error_a == error_b or a.most == 0:
        return error_b
    share = 1.0 if a.most == inf else a.most / (a.most + b.least)
    return error_b + (error_a - error_b) * share


def _is_short(node):
    """Whether single precision has a constant."""
    top = abs(node.label.numerator)
    return (
        _is_power_of_two(1 / node.label.denominator)
        and top >> max(0, top.bit_length() - SINGLE) << max(0, top.bit_length() - SINGLE) == top
    )


def _is_power_of_two(value):
    top, bottom = abs(value).as_integer_ratio()
    return top > 0 and top & (top - 1) == 0 and bottom & (bottom - 1) == 0

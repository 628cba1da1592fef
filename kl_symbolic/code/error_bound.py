"""How much of a program's value is rounding: a bound of its relative error, operation by operation.

An error is counted as the logarithm of the quotient of what is computed and what is meant (Olver, A new approach to
error arithmetic, SIAM J. Numer. Anal. 15, 1978). So counted, the errors of factors add up, a root halves them, a sum of
numbers of one sign has at most the larger one, and a function multiplies them by its condition number: all that
exactly, without terms of higher order. The unit is eps, as in all bounds of the package; where a relative error is
made a logarithm or the other way round, it is the eps of float32, for which the difference is larger.

What is assumed: each operation and square root is rounded correctly, a function has the error that its record states,
and nothing overflows or is rounded as a subnormal number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from kl_symbolic.code.float_interval import FloatInterval, shares_of_sum, values_of
from kl_symbolic.code.operations import Operation, as_expression, is_power_of_two, is_single, odd_factors
from kl_symbolic.code.program import OF_DIFFERENCE, Program, function_called, number_of, rounding_of
from kl_symbolic.code.stated_domain import stated_words

EPS = 2.0**-23  # of float32
REALS = FloatInterval()
MOST_SHOWN = 60  # characters of an operation in a message


@dataclass(frozen=True)
class ErrorBound:
    """A bound of the error of one value of a program.

    Parameters
    ----------
    eps
        The bound of its relative error, in eps of the dtype; infinite where none is found.
    domain
        For which arguments, in words.
    of_largest_part
        Whether it is relative to the largest of the parts that are added up, of which some may cancel each other.
    of_terms
        Whether it is that of each term of a sum over coordinates, to which the error of the summation is added.
    reason
        Why there is none, in words.
    """

    eps: float
    domain: str = ""
    of_largest_part: bool = False
    of_terms: bool = False
    reason: str = ""

    def __str__(self) -> str:
        if math.isinf(self.eps):
            return f"no bound of the error: {self.reason}"
        of = " of its largest part" if self.of_largest_part else ""
        summed = ", and the error of the sum" if self.of_terms else ""
        return f"relative error at most {math.ceil(self.eps * 10) / 10:g} eps{of}{summed}"


def error_bounds(program: Program, within: Mapping[str, FloatInterval]) -> tuple[ErrorBound, ...]:
    """Return a bound of the error of each value of a program, for arguments between given numbers.

    Parameters
    ----------
    program
        What is computed. Its arguments are exact.
    within
        Where each argument lies, by name; anywhere, if it is absent.

    Returns
    -------
    tuple of ErrorBound
        Where two parts may cancel each other, a single value has no bound; one of several, such as a derivative, has
        one that is relative to the largest part.

    Examples
    --------
    >>> x, y = Operation("argument", (), "x"), Operation("argument", (), "y")
    >>> square = Program("f", ("x", "y"), ((x - y) * (x - y) / y,))
    >>> [found] = error_bounds(square, {"y": FloatInterval(1.0, 2.0)})
    >>> print(found, "for", found.domain)
    relative error at most 2.1 eps for y from 1 to 2
    >>> print(*error_bounds(Program("f", ("x", "y"), (x * x - y,)), {}))
    no bound of the error: the parts of x*x - y may cancel each other
    """
    strict = _Analysis(within)
    bounds = [strict.bound(result) for result in program.results]
    if len(bounds) == 1:
        cancels = not strict.value(program.results[0]).interval.nonnegative
        bounds = [replace(b, of_terms=True, of_largest_part=cancels) if program.summed else b for b in bounds]
    elif any(math.isinf(one.eps) for one in bounds):
        lenient = _Analysis(within, parts=True)
        bounds = [lenient.bound(r) if math.isinf(b.eps) else b for r, b in zip(program.results, bounds, strict=True)]
    return tuple(bounds)


@dataclass(frozen=True)
class _Value:
    """What is known of a computed value.

    Parameters
    ----------
    interval
        Where the exact value lies.
    error
        The bound, in eps, of the logarithm of computed over exact value; 0 if they are equal.
    whole
        Whether the error is relative to the value itself, not to the largest of its parts.
    reason
        Why the error is infinite.
    """

    interval: FloatInterval
    error: float
    whole: bool = True
    reason: str = ""


def logarithmic(relative: float) -> float:
    """Return an error in eps as a logarithm.

    >>> logarithmic(0.5) > 0.5, logarithmic(1 / EPS)
    (True, inf)
    """
    return -math.log1p(-relative * EPS) / EPS if relative * EPS < 1 else math.inf


def relative(logarithm: float) -> float:
    """Return what `logarithmic` was made of, or more."""
    return math.expm1(logarithm * EPS) / EPS if logarithm * EPS < 1 else math.inf


ROUNDING = logarithmic(0.5)


@dataclass
class _Analysis:
    """The values of the operations of a program.

    Parameters
    ----------
    arguments
        Where they lie, by name.
    parts
        Whether parts may cancel each other.
    assumed
        Operations of which a condition says where their values lie.
    """

    arguments: Mapping[str, FloatInterval]
    parts: bool = False
    assumed: Mapping[Operation, FloatInterval] = field(default_factory=dict)
    known: dict[Operation, _Value] = field(default_factory=dict)

    def bound(self, result: Operation) -> ErrorBound:
        """Return the bound of the error of a value."""
        found = self.value(result)
        return ErrorBound(relative(found.error), stated_words(self.arguments), not found.whole, reason=found.reason)

    def value(self, node: Operation) -> _Value:
        """Return what is known of the value of an operation."""
        if node not in self.known:
            found = self._value(node)
            if node in self.assumed:
                found = replace(found, interval=found.interval & self.assumed[node])
            self.known[node] = found
        return self.known[node]

    def _value(self, node: Operation) -> _Value:
        number = number_of(node)
        if number is not None:
            return _constant(number)
        match node.kind:
            case "argument":
                return _Value(self.arguments.get(str(node.label), REALS), 0.0)
            case "where":
                return self._either(*node.args)
            case "splitter":
                return _Value(REALS, math.inf, reason="numbers are split into halves")
        args = [self.value(one) for one in node.args]
        unbounded = next((one for one in args if math.isinf(one.error)), None)
        if unbounded:
            return replace(unbounded, interval=REALS)
        match node.kind, args:
            case "neg", [a]:
                return replace(a, interval=-a.interval)
            case "abs", [a]:
                return replace(a, interval=abs(a.interval))
            case "sqrt", [a] if a.whole:
                return _Value(a.interval.root(), a.error / 2 + ROUNDING)
            case "add", [a, b]:
                return self._sum(node, a, b)
            case "sub", [a, b]:
                return self._sum(node, a, replace(b, interval=-b.interval))
            case "mul", [a, b]:
                interval = a.interval * b.interval
                if all(self.value(one).interval.nonnegative for one in odd_factors(node)):
                    interval &= FloatInterval(low=0.0)
                return _Value(interval, self._of_factors(node, a, b), a.whole and b.whole)
            case "div", [a, b] if b.whole:
                return _Value(a.interval / b.interval, self._of_factors(node, a, b), a.whole)
            case "call", _ if all(a.whole for a in args):
                return _called(node, args)
        return _Value(REALS, math.inf, reason=f"the parts of an operand of {_shown(node)} may cancel each other")

    def _of_factors(self, node: Operation, a: _Value, b: _Value) -> float:
        below = node.kind == "div"
        exact = any(isinstance(one.label, Fraction) and is_power_of_two(one.label) for one in node.args[below:])
        return a.error + b.error + (0 if exact else ROUNDING)

    def _sum(self, node: Operation, a: _Value, b: _Value) -> _Value:
        interval = a.interval + b.interval
        if not a.error and not b.error:
            return _Value(interval, ROUNDING)
        one_sign = (a.interval.low >= 0 and b.interval.low >= 0) or (a.interval.high <= 0 and b.interval.high <= 0)
        if a.whole and b.whole and one_sign:
            return _Value(interval, max(a.error, b.error) + ROUNDING)
        of_a, of_b = relative(a.error), relative(b.error)
        if a.whole and b.whole:
            share_a, share_b = shares_of_sum(a.interval, b.interval)
            grown = logarithmic((share_a * of_a if of_a else 0.0) + (share_b * of_b if of_b else 0.0))
            if math.isfinite(grown):
                return _Value(interval, grown + ROUNDING)
        if self.parts:
            # The sum is at most twice its larger part, and so is what is rounded.
            return _Value(interval, logarithmic(of_a + of_b + (2 + (of_a + of_b) * EPS) / 2), whole=False)
        return _Value(interval, math.inf, reason=f"the parts of {_shown(node)} may cancel each other")

    def _either(self, condition: Operation, then: Operation, otherwise: Operation) -> _Value:
        """Return the worse of two values, each where the condition lets it be."""
        a = self._where(condition, holds=True).value(then)
        b = self._where(condition, holds=False).value(otherwise)
        interval = FloatInterval(min(a.interval.low, b.interval.low), max(a.interval.high, b.interval.high))
        worse = max(a, b, key=lambda one: one.error)
        return _Value(interval, worse.error, a.whole and b.whole, worse.reason)

    def _where(self, condition: Operation, *, holds: bool) -> _Analysis:
        """Return the analysis under the condition that a value is less than a number, or not, or greater."""
        left, right = condition.args
        match left.label, right.label:
            case Fraction() as number, _:
                node, bound, below = right, float(number), not holds
            case _, Fraction() as number:
                node, bound, below = left, float(number), holds
            case _:
                return self
        interval = FloatInterval(high=bound) if below else FloatInterval(low=bound)
        assumed = {**self.assumed}
        while True:
            # What is compared is the computed value: the exact one may lie a little beyond.
            error = self.value(node).error
            if math.isinf(error):
                break
            assumed[node] = assumed.get(node, REALS) & interval.widened(math.exp(error * EPS))
            if node.kind == "neg":
                interval = -interval
            elif node.kind == "abs" and below:
                interval = FloatInterval(-interval.high, interval.high)
            else:
                break
            node = node.args[0]
        return _Analysis(self.arguments, self.parts, assumed)


def _constant(number: Fraction) -> _Value:
    value = float(number)
    return _Value(FloatInterval(value, value), 0.0 if is_single(number) else ROUNDING)


def _called(node: Operation, args: list[_Value]) -> _Value:
    """Return the value of a function: its own error, and those of its arguments times their condition numbers."""
    name = str(node.label)
    function, logarithm = function_called(name)
    interval = REALS if logarithm else values_of(function.value)
    rounding = rounding_of(name)
    if rounding is None:
        return _Value(interval, math.inf, reason=f"no bound is known of the error of {name}")
    error = logarithmic(rounding.eps)
    if name.endswith(OF_DIFFERENCE):
        x, a = args
        if x.error or a.error:
            return _Value(interval, math.inf, reason=f"an argument of {_shown(node)} is rounded")
        # Second order: the derivative and its product are rounded, and the function is no straight line.
        within = x.interval + -a.interval
        condition = 1 + rounding.condition_between(0, within.low, within.high)
        return _Value(interval, error + ROUNDING + logarithmic(condition**2 * EPS))
    for place, one in enumerate(args):
        if one.error:
            at = one.interval.widened(math.exp(one.error * EPS))
            error += rounding.condition_between(place, at.low, at.high) * one.error
    if math.isinf(error):
        return _Value(interval, error, reason=f"the error of an argument of {_shown(node)} may grow beyond all bounds")
    return _Value(interval, error)


def _shown(node: Operation) -> str:
    written = as_expression(node)
    return written if len(written) <= MOST_SHOWN else f"{written[:MOST_SHOWN]}..."

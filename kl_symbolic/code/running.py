"""A bound of the error of each number that a program computes: for those that have no bound beforehand.

Beside each value stands a bound of its absolute error, from the values themselves (Higham, Accuracy and Stability of
Numerical Algorithms, section 3.3). What is assumed is what `kl_symbolic.code.error_bound` assumes; here results may
underflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from kl_symbolic.code.arrays import Array, Interpreter, instructions_of
from kl_symbolic.code.operations import Operation, argument, as_node, call, is_single, operations_of
from kl_symbolic.code.program import OF_DIFFERENCE, ORDER, WRITER, Program, function_called, number_of, rounding_of

# Bounds are computed in floating point themselves: each operation on them errs by some eps, far less than this in all.
ENLARGED = 1.01


class WithError(NamedTuple):
    """Values, and bounds of their absolute errors."""

    value: Array
    error: Array


class Running(Interpreter):
    """A library of arrays of one dtype that keeps account of rounding errors.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = argument("x"), argument("y")
    >>> program = Program("f", ("x", "y"), (x * x - y,))
    >>> [found] = Running(np, np.dtype(np.float64)).errors(program, {"x": np.array(3.0), "y": np.array(9.0)})
    >>> print(f"{found.value:.0f}, and the error is at most {found.error:.1e}")
    0, and the error is at most 1.0e-15
    """

    def errors(self, program: Program, arguments: Mapping[str, Array]) -> tuple[WithError, ...]:
        """Return the results of a program at exact arguments, with bounds of their errors.

        Parameters
        ----------
        program
            What is computed. Of one that is `summed` the results are those of the coordinates.
        arguments
            The arguments by name.

        Returns
        -------
        tuple of WithError
            Where nothing is known, a bound is infinite. Bounds are never NaN.
        """
        known: dict[Operation, WithError] = {}
        for node, one in zip(operations_of(*program.results), instructions_of(program).order, strict=True):
            args = [known[arg] for arg in node.args]
            value = self.value(one, [arg.value for arg in args], arguments)
            known[node] = WithError(value, self._error(node, value, args))
        return tuple(self._result(known[one]) for one in program.results)

    def _result(self, found: WithError) -> WithError:
        error = self._array(found.error * ENLARGED)
        return WithError(found.value, self.xp.where(error >= 0, error, self.xp.inf))  # NaN is not

    def _rounded(self, value: Array, eps: float = 0.5) -> Array:
        """Return the error of a rounding, if need be to a subnormal number."""
        limits = self.xp.finfo(self.dtype)
        return float(limits.eps) * (eps * abs(value) + 4 * float(limits.smallest_normal))

    def _error(self, node: Operation, value: Array, args: list[WithError]) -> Array:
        match node.kind, args:
            case "constant", _:
                return 0.0 if is_single(node.label) else self._rounded(value)
            case "argument", _:
                return 0.0
            case (("lt" | "le"), [a, b]):
                # Where errors decide what is taken nothing is known of the result.
                error = a.error + b.error
                return self._where((abs(a.value - b.value) <= error) & (error > 0), self.xp.inf, 0.0)
            case "where", [condition, a, b]:
                return condition.error + self._where(condition.value, a.error, b.error)
            case (("neg" | "abs"), [a]):
                return a.error
            case (("add" | "sub"), [a, b]):
                return a.error + b.error + float(self.xp.finfo(self.dtype).eps) * 0.5 * abs(value)  # none underflows
            case "mul", [a, b]:
                error = abs(a.value) * b.error + (abs(b.value) + b.error) * a.error + self._rounded(value)
                return self._where(self._is_zero(a) | self._is_zero(b), 0.0, error)
            case "div", [a, b]:
                least = abs(b.value) - b.error
                error = self._if(least > 0, (a.error + abs(value) * b.error) / least) + self._rounded(value)
                return self._where(self._is_zero(a), 0.0, error)
            case "sqrt", [a]:
                # The difference of two roots is that of the numbers over the sum of the roots, and at most its root.
                away = self._where(a.error < a.value, a.error / value, self.xp.sqrt(self._array(a.error)))
                return away + self._rounded(value)
            case "call", []:
                return 0.0 if is_single(number_of(node)) else self._rounded(value)
            case "call", _:
                return self._of_call(str(node.label), value, args)
        return self.xp.inf

    def _is_zero(self, one: WithError) -> Array:
        """Return where a number is exactly 0, of which products and quotients are, too."""
        return (one.value == 0) & (one.error == 0)

    def _of_call(self, name: str, value: Array, args: list[WithError]) -> Array:
        """Return the function's own error and what it makes of those of its arguments; none in a zero."""
        return self._where(self._is_zero(args[-1]) & (value == 0), 0.0, self._of_call_elsewhere(name, value, args))

    def _of_call_elsewhere(self, name: str, value: Array, args: list[WithError]) -> Array:
        function, _ = function_called(name)
        rounding = rounding_of(name)
        if rounding is None:
            return self.xp.inf
        own = self._rounded(value, rounding.eps + name.endswith(OF_DIFFERENCE))
        inexact = [place for place, one in enumerate(args) if not (isinstance(one.error, float) and one.error == 0)]
        if not inexact:
            return own
        if len(args) == 1:
            return own + self._by_slope(name, args[0], positive=function.domains[-1].positive)
        grown = 0.0
        for place in inexact:
            condition = rounding.condition[place] if place < len(rounding.condition) else None
            if condition is None or callable(condition):
                return self.xp.inf
            part = args[place].error / abs(args[place].value)
            grown = grown - condition * self.xp.log1p(-self._if(part < 1, part))
        return own + abs(value) * self.xp.expm1(grown)

    def _by_slope(self, name: str, argument_: WithError, *, positive: bool) -> Array:
        """Return an error times the largest slope around an argument; the slopes of all our functions are monotone."""
        slope = slope_of(name)
        if slope is None:
            return self.xp.inf
        x, error = argument_
        low, high = x - error * ENLARGED, x + error * ENLARGED
        steepest = self.xp.maximum(*(abs(self._array(self.run(slope, {"x": end})[0])) for end in (low, high)))
        at_low = self.run(Program(name, ("x",), (call(name, argument("x")),)), {"x": low})[0]
        inside = (at_low - at_low == 0) & ((low > 0) if positive else True)  # no pole is near
        return self._if(inside, steepest * error)

    def _if(self, condition: Array, value: Array) -> Array:
        """Return values, and infinity where a condition does not hold."""
        return self._where(condition, value, self.xp.inf)

    def _where(self, condition: Array, then: Array, otherwise: Array) -> Array:
        return self.xp.where(condition, self._array(then), self._array(otherwise))


@cache
def slope_of(name: str) -> Program | None:
    """Return the derivative of a function of one argument by its name in code; None if none is known.

    >>> slope_of("log_gamma").results, slope_of("polygamma_1").results
    ((digamma(x),), (polygamma_2(x),))
    """
    function, logarithm = function_called(name)
    derivative = function.derivatives[-1]
    if derivative is None:
        return None
    x = argument("x")
    order = (int(name.removeprefix(ORDER)),) if name.startswith(ORDER) else ()
    slope = as_node(derivative(WRITER, *order, x))
    if logarithm:  # f'/f, where f is a factor of its derivative
        match slope:
            case Operation("mul", (Operation("call", _, head), other)) if head == function.name:
                slope = other
            case _:
                return None
    return Program(f"slope_of_{name}", ("x",), (slope,))

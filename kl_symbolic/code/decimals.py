"""Programs in Python's decimals, to any number of digits: functions are computed by their definitions.

Numbers are intervals, so that it is known how many digits are right; with more digits it is done again until they are.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from kl_symbolic.code.decimal_arithmetic import DecimalArithmetic, DecimalInterval
from kl_symbolic.code.operations import Operation
from kl_symbolic.code.program import BUILT_IN, LOGARITHM_OF, OF_DIFFERENCE, ORDER, Program
from kl_symbolic.errors import RequestError
from kl_symbolic.functions import find_function

Exact: TypeAlias = int | float | Fraction | Decimal
MOST_WORKING_DIGITS = 2_000
GUARD = 10
DIGITS_OF_A_FLOAT = 20


def in_decimals(program: Program, digits: int, arguments: Mapping[str, Exact]) -> tuple[Decimal, ...]:
    """Return the results of a program of numbers, all digits right but for the last, which may be off by one.

    Parameters
    ----------
    program
        What is computed; its arguments are numbers, those of one coordinate if it adds up.
    digits
        How many digits are wanted.
    arguments
        The arguments by name, exactly as they are.

    Raises
    ------
    RequestError
        If a result is not determined to so many digits, such as one that is infinite or no number; or if the definition
        of a function is not known.

    Examples
    --------
    >>> from kl_symbolic.code.operations import argument, call
    >>> program = Program("f", ("t",), (call("expm1mx", argument("t")),))
    >>> in_decimals(program, 20, {"t": 1e-30})
    (Decimal('5.0000000000000008334E-61'),)
    """
    return tuple(_determined([(node, arguments)], program.name, digits) for node in program.results)


def in_floats(program: Program, arguments: Mapping[str, float]) -> tuple[float, ...]:
    """Return the results of a program of numbers as floats next to them.

    What is beyond all floats is infinite; what is not determined, such as the logarithm of a negative number, is NaN.

    Examples
    --------
    >>> from kl_symbolic.code.operations import argument, call
    >>> t = argument("t")
    >>> in_floats(Program("f", ("t",), (call("expm1mx", t), -call("exp", t))), {"t": 1e300})
    (inf, -inf)
    """
    largest = Decimal(sys.float_info.max)
    found = []
    for node in program.results:
        try:
            found.append(float(_determined([(node, arguments)], program.name, DIGITS_OF_A_FLOAT, largest)))
        except RequestError:
            found.append(math.nan)
    return tuple(found)


def sum_in_decimals(program: Program, digits: int, arguments: Mapping[str, Sequence[Exact]]) -> Decimal:
    """Return the sum over the coordinates of a program of vectors."""
    rows = [dict(zip(arguments, row, strict=True)) for row in zip(*arguments.values(), strict=True)]
    (result,) = program.results
    return _determined([(result, row) for row in rows], program.name, digits)


def _determined(
    parts: list[tuple[Operation, Mapping[str, Exact]]], name: str, digits: int, largest: Decimal = Decimal("Infinity")
) -> Decimal:
    """Return a sum to so many digits; infinity, where it is certain that it is beyond the largest number."""
    working = digits + GUARD
    while working <= MOST_WORKING_DIGITS:
        space = DecimalArithmetic(working)
        total = space.number(0)
        for node, arguments in parts:
            total = total + _Run(space, arguments).value(node)
        if total.low > largest or total.high < -largest:
            return Decimal("Infinity").copy_sign(total.low)
        least = min(total.low.copy_abs(), total.high.copy_abs())
        wanted = space.down.multiply(Decimal((0, (1,), -digits - 1)), least)
        if total.size.is_finite() and space.up.subtract(total.high, total.low) <= wanted:
            return Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(total.low)
        working *= 2
    raise RequestError(f"{name} is not determined to {digits} digits at {dict(parts[0][1])}")


class _Run:
    """Computes the operations that are needed: of two sides of a choice, the one that is taken."""

    def __init__(self, space: DecimalArithmetic, arguments: Mapping[str, Exact]) -> None:
        self.space, self.arguments = space, arguments
        self.known: dict[Operation, DecimalInterval] = {}

    def value(self, node: Operation) -> DecimalInterval:
        """Return the interval in which a value lies."""
        if node not in self.known:
            self.known[node] = self._value(node)
        return self.known[node]

    def _value(self, node: Operation) -> DecimalInterval:
        match node:
            case Operation("constant", _, Fraction() as number):
                return self.space.number(number)
            case Operation("argument", _, str() as name):
                return self.space.number(self.arguments[name])
            case Operation("splitter"):
                return self.space.number(2**27 + 1)
            case Operation("where", (condition, then, otherwise)):
                return self._choice(condition, then, otherwise)
            case Operation("neg", (a,)):
                return -self.value(a)
            case Operation("sqrt" | "abs" as name, (a,)):
                return self.space.number(self._function(name)(self.value(a)))
            case Operation("call", args, str() as name):
                return self._call(name, args)
        return self.space.operation(node.kind, *map(self.value, node.args))

    def _function(self, name: str) -> Any:
        return getattr(self.space, name)

    def _call(self, name: str, args: tuple[Operation, ...]) -> DecimalInterval:
        known = find_function(name)
        if not args:
            return self.space.number(self._function(name))
        if name.startswith(ORDER):
            return self.space.polygamma(int(name.removeprefix(ORDER)), self.value(args[0]))
        if name.endswith(OF_DIFFERENCE):
            return self._call(name.removesuffix(OF_DIFFERENCE), (args[0] - args[1],))
        if name.startswith(LOGARITHM_OF) and known is None:
            return self.space.log(self._call(name.removeprefix(LOGARITHM_OF), args))
        points = args[: known.arity] if known and name not in BUILT_IN else args  # without the difference of the points
        return self.space.number(self._function(name)(*map(self.value, points)))

    def _choice(self, condition: Operation, then: Operation, otherwise: Operation) -> DecimalInterval:
        a, b = map(self.value, condition.args)
        strict = condition.kind == "lt"
        if a.high < b.low or (a.high <= b.low and not strict):
            return self.value(then)
        if a.low > b.high or (a.low >= b.high and strict):
            return self.value(otherwise)
        x, y = self.value(then), self.value(otherwise)
        return DecimalInterval(self.space, min(x.low, y.low), max(x.high, y.high))

"""Programs for compilers: functions of a library are written out, so that a loop becomes one over vectors."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, Literal, TypeAlias

from kl_symbolic.code.operations import Operation, as_node, operations_of, with_replaced
from kl_symbolic.code.program import OF_DIFFERENCE, Program, Writer, function_called, program_of
from kl_symbolic.functions import Polynomial

FloatName: TypeAlias = Literal["float64", "float32"]


class VectorWriter(Writer):
    """The `kl_symbolic.functions.VectorComputation` that writes programs down.

    Parameters
    ----------
    dtype
        That of the numbers.

    Examples
    --------
    >>> from kl_symbolic.code.operations import argument
    >>> m = VectorWriter("float32")
    >>> m.by_dtype(709.0, 88.0) * m.round(argument("x"))
    88.0*round(x)
    """

    infinity = Operation("infinity")

    def __init__(self, dtype: FloatName) -> None:
        self.dtype = dtype

    def by_dtype(self, double: Any, single: Any) -> Any:
        """Return what is for float64, or what is for float32."""
        return double if self.dtype == "float64" else single

    def polynomial(self, polynomial: Polynomial, x: Operation) -> Operation:
        """Return the value of a polynomial: its first term plus pairs of pairs, not all one after the other.

        The processor does what does not depend on each other at once (Estrin, 1960). The first term is added last, so
        that the error of the rest is small.
        """
        first, *parts = map(as_node, polynomial.coefficients)
        power = x
        while len(parts) > 1:
            pairs = [low + power * high for low, high in zip(parts[::2], parts[1::2], strict=False)]
            parts = pairs + parts[2 * len(pairs) :]
            power = power * power
        return first + x * parts[0]

    def round(self, x: Operation) -> Operation:
        """Return the nearest whole number."""
        return Operation("round", (x,))

    def power_of_two(self, k: Operation, more: Operation | float) -> Operation:
        """Return the power of two of a sum."""
        return Operation("power_of_two", (k, as_node(more)))

    def exponent(self, x: Operation) -> Operation:
        """Return the exponent of a number."""
        return Operation("exponent", (x,))

    def mantissa(self, x: Operation) -> Operation:
        """Return the mantissa of a number."""
        return Operation("mantissa", (x,))


def written_out(program: Program, dtype: FloatName) -> Program:
    """Return a program without calls of functions that have a program for vectors.

    Examples
    --------
    >>> from kl_symbolic.code.operations import argument, call
    >>> x = argument("x")
    >>> [value] = written_out(Program("f", ("x",), (call("exp", x) - call("expm1", x),)), "float64").results
    >>> sum(node.kind == "round" for node in operations_of(value))
    1
    """
    made: dict[Operation, Operation] = {}
    return replace(program, results=tuple(_written_out(result, dtype, made) for result in program.results))


def _written_out(result: Operation, dtype: FloatName, made: dict[Operation, Operation]) -> Operation:
    for node in operations_of(result):
        if node not in made:
            args = [made[arg] for arg in node.args]
            same = all(a is b for a, b in zip(args, node.args, strict=True))
            inside = _inside(node, args, dtype)
            if inside is not None:
                made[node] = _written_out(inside, dtype, made)
            else:
                made[node] = node if same else Operation(node.kind, args, node.label)
    return made[result]


def _inside(node: Operation, args: list[Operation], dtype: FloatName) -> Operation | None:
    """Return what a call stands for; None if it is no call, or of a function that stays one."""
    if node.kind != "call" or not args:
        return None
    name = str(node.label)
    function, logarithm = function_called(name)
    if function.vector_program is None or logarithm:
        return None
    if name.endswith(OF_DIFFERENCE):
        program = program_of(name)
        arguments = (Operation("argument", (), one) for one in program.arguments)
        return with_replaced(program.results[0], dict(zip(arguments, args, strict=True)))
    value: Operation = function.vector_program(_writer(dtype), *args)
    return value


@cache
def _writer(dtype: FloatName) -> VectorWriter:
    return VectorWriter(dtype)

"""Cheaper programs for large sums, in which the digits that a remainder keeps near 0 do not count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf

from kl_symbolic.code.operations import Operation, operations_of, with_replaced
from kl_symbolic.code.program import OF_DIFFERENCE, WRITER, Program, function_called
from kl_symbolic.functions.function import CheapForm


@dataclass(frozen=True)
class CheapProgram:
    """A program whose first value is good in sums that are neither small nor huge.

    Parameters
    ----------
    program
        The program.
    least
        What a sum must be at least, for each of its terms.
    most
        What a sum may be at most.
    at_least
        What a sum must be at least, however many terms it has.
    """

    program: Program
    least: float
    most: float
    at_least: float = 0.0


def cheap_program(program: Program) -> CheapProgram | None:
    """Return a program in which the remainders of the value are computed by their cheap forms.

    Parameters
    ----------
    program
        Its value must be a sum of what is never negative: multiples of remainders by constants, and whatever has none.

    Returns
    -------
    CheapProgram or None
        None if the value is no such sum, or a remainder has no cheap form.

    Examples
    --------
    >>> from kl_symbolic.code.operations import argument, call
    >>> m, t = argument("m"), argument("t")
    >>> found = cheap_program(Program("f", ("m", "t"), (m * m / 2 + call("expm1mx", t) / 2,)))
    >>> found.program.results, found.least
    ((m*m/2.0 + (exp(t) - 1.0 - t)/2.0,), 0.25)
    """
    value, *others = program.results
    parts: dict[Operation, Operation] = {}
    least, most = 0.0, inf
    for part in _addends(value):
        if not any(_cheap_form(node) for node in operations_of(part)):
            continue
        factor, node = _constant_factor(part)
        form = _cheap_form(node)
        if form is None or any(_cheap_form(one) for arg in node.args for one in operations_of(arg)):
            return None
        args = (node.args[0] - node.args[1],) if str(node.label).endswith(OF_DIFFERENCE) else node.args
        parts[node] = form.formula(WRITER, *args)
        least, most = least + float(factor) * form.least, min(most, float(factor) * form.most)
    if not parts:
        return None
    return CheapProgram(replace(program, results=(with_replaced(value, parts), *others)), least, most)


def _addends(node: Operation) -> Iterator[Operation]:
    if node.kind == "add":
        for one in node.args:
            yield from _addends(one)
    else:
        yield node


def _constant_factor(node: Operation) -> tuple[Fraction, Operation]:
    """Return a positive number and what it is multiplied by."""
    match node:
        case Operation("div", (a, Operation("constant", _, Fraction() as number))) if number > 0:
            factor, rest = _constant_factor(a)
            return factor / number, rest
        case Operation("mul", (Operation("constant", _, Fraction() as number), a)) if number > 0:
            factor, rest = _constant_factor(a)
            return factor * number, rest
    return Fraction(1), node


def _cheap_form(node: Operation) -> CheapForm | None:
    if node.kind != "call" or not node.args:
        return None
    return function_called(str(node.label))[0].cheap

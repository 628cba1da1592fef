"""Programs: straight-line code with names for its arguments, and the programs of the functions that it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

from kl_symbolic.code.operations import Operation, argument, as_node, call, constant, operations_of
from kl_symbolic.functions import Function, Polynomial, Rounding, find_function

# What every language has, or its library. All other functions are written out.
BUILT_IN = frozenset({"exp", "log", "expm1", "log1p"})
ORDER = "polygamma_"  # and the order: a function for each
LOGARITHM_OF = "log_"  # and a function: its logarithm
OF_DIFFERENCE = "_of_difference"  # after a function: its value at x - a, whatever the rounding of that


@dataclass(frozen=True)
class Program:
    """A function in straight-line code.

    Parameters
    ----------
    name
        What it is called in the code.
    arguments
        The names of its arguments.
    results
        What it returns: one value, or several, such as the parts of a gradient.
    summed
        Whether its arguments are vectors, and the values for each coordinate are added up.
    words
        What stands in its docstring, line by line.
    """

    name: str
    arguments: tuple[str, ...]
    results: tuple[Operation, ...]
    summed: bool = False
    words: tuple[str, ...] = ()

    @property
    def helpers(self) -> tuple[Program, ...]:
        """The programs of the functions that it calls, each after those that it calls itself."""
        found: dict[str, Program] = {}

        def visit(results: tuple[Operation, ...]) -> None:
            for node in operations_of(*results):
                if node.args and node.kind == "call" and node.label not in (*BUILT_IN, *found):
                    helper = program_of(str(node.label))
                    visit(helper.results)
                    found[helper.name] = helper

        visit(self.results)
        return tuple(found.values())


def number_of(node: Operation) -> Fraction | None:
    """Return the number that a constant is in code, one with a name rounded to a float; None if it is no constant.

    >>> number_of(constant(2)), number_of(argument("x"))
    (Fraction(2, 1), None)
    """
    if node.kind == "call" and not node.args:
        (node,) = program_of(str(node.label)).results
    return node.label if isinstance(node.label, Fraction) else None


class Writer:
    """The `kl_symbolic.functions.Computation` that writes programs of functions down.

    Examples
    --------
    >>> m, x = Writer(), argument("x")
    >>> m.where(abs(x) < 1, m.expm1(x), 0)
    where(abs(x) < 1.0, expm1(x), 0.0)
    """

    def __getattr__(self, name: str) -> Any:
        function = find_function(name)
        if function is None:
            raise AttributeError(f"no function is called {name}")
        if not function.domains:
            return constant(function_program(name)(self))
        if name == "sqrt":
            return lambda x: Operation("sqrt", (as_node(x),))
        if name == "abs":
            return lambda x: abs(as_node(x))
        return lambda *args: call(name, *args)

    def polygamma(self, order: int, x: Operation) -> Operation:
        """Return a value of a polygamma function: there is a function for each order."""
        return call(f"{ORDER}{order}", x)

    def where(self, condition: Operation, then: Operation | float, otherwise: Operation | float) -> Operation:
        """Return one of two values."""
        return Operation("where", (condition, as_node(then), as_node(otherwise)))

    def polynomial(self, polynomial: Polynomial, x: Operation) -> Operation:
        """Return the value of a polynomial, by Horner's rule."""
        *others, last = polynomial.coefficients
        value = as_node(last)
        for coefficient in reversed(others):
            value = value * x + coefficient
        return value

    def two_product(self, a: Operation, b: Operation) -> tuple[Operation, Operation]:
        """Return the rounded product and its rounding error (Dekker, Numerische Mathematik 18, 1971)."""
        product = a * b
        (a_high, a_low), (b_high, b_low) = self._halves(a), self._halves(b)
        return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low

    def two_difference(self, a: Operation, b: Operation) -> tuple[Operation, Operation]:
        """Return the rounded difference and its rounding error (Knuth, The Art of Computer Programming 2, 4.2.2)."""
        rounded = a - b
        minus_b = rounded - a
        return rounded, (a - (rounded - minus_b)) - (b + minus_b)

    def _halves(self, a: Operation) -> tuple[Operation, Operation]:
        scaled = Operation("splitter") * a
        high = scaled - (scaled - a)
        return high, a - high


WRITER = Writer()


@cache
def program_of(name: str) -> Program:
    """Return the program of a function by its name in code.

    Examples
    --------
    >>> program_of("itakura_saito").arguments
    ('x', 'a', 'gap')
    """
    if name.startswith(ORDER):
        order = int(name.removeprefix(ORDER))
        value = function_program("polygamma")(WRITER, order, argument("x"))
        return Program(name, ("x",), (as_node(value),), words=(f"Return the polygamma function of order {order}.",))
    if name.endswith(OF_DIFFERENCE):
        return _of_difference(name.removesuffix(OF_DIFFERENCE))
    function, logarithm = function_called(name)
    given = ("x", "a", "gap") if function.gap else ("x", "a", "b", "c")[: function.arity]
    value = function_program(name)(WRITER, *map(argument, given))
    title = f"logarithm of the {function.title}" if logarithm else function.title
    return Program(name, given, (as_node(value),), words=(f"Return the {title}.",))


def function_called(name: str) -> tuple[Function, bool]:
    """Return the function that a name in code means, at x - a as it may be; or of which it means the logarithm.

    >>> [(found.name, logarithm) for found, logarithm in map(function_called, ("log_gamma", "exp_of_difference"))]
    [('gamma', True), ('exp', False)]
    """
    name = "polygamma" if name.startswith(ORDER) else name.removesuffix(OF_DIFFERENCE)
    function = find_function(name)
    known = function or find_function(name.removeprefix(LOGARITHM_OF))
    if known is None:
        raise KeyError(name)
    return known, function is None


def rounding_of(name: str) -> Rounding | None:
    """Return the error of a program by its name in code, of that at a rounded difference without what that costs.

    >>> rounding_of("polygamma_1").condition, rounding_of("polygamma_2")
    ((2.0,), None)
    """
    function, _ = function_called(name)
    if not name.startswith(ORDER) or function.rounding is None:
        return function.rounding
    # What is known is the error of the first order; the order itself is no argument of the program.
    return replace(function.rounding, condition=function.rounding.condition[1:]) if name == f"{ORDER}1" else None


def _of_difference(name: str) -> Program:
    """Return a function of x - a: what the rounding of the difference changes is put back by the derivative."""
    function, _ = function_called(name)
    slope = function.derivatives[0]
    assert slope is not None
    rounded, rest = WRITER.two_difference(argument("x"), argument("a"))
    value = call(name, rounded)
    # There is nothing to put back where the value is 0, and where it is infinite the slope is, too.
    size = abs(value)
    change = WRITER.where(size < 2 * size, rest * slope(WRITER, rounded), 0)
    return Program(
        name + OF_DIFFERENCE, ("x", "a"), (value + change,), words=(f"Return the {function.title} of x - a.",)
    )


def function_program(name: str) -> Callable[..., Any]:
    """Return the program of a function, or of its logarithm, by its name in code; KeyError if it has none."""
    function, logarithm = function_called(name)
    found = function.log_program if logarithm else function.program
    if found is None:
        raise KeyError(f"no program of {name}")
    return found

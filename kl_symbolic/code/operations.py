"""Straight-line code: operations on floating-point numbers, each written once.

Equal operations are one object, so that what occurs twice is computed once. Numbers among constants are worked out
exactly while the code is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar, TypeAlias

from kl_symbolic.code.notation import OperatorTable, Piece
from kl_symbolic.terms.interning import found, interned

Constant: TypeAlias = int | float | Fraction

SINGLE_BITS, SINGLE_LEAST, SINGLE_MOST = 24, Fraction(1, 2**126), 2**128  # of float32

# The operations. A comparison has a truth value, and is an argument of `where` alone. `call` has a function by name.
ARITHMETIC_OPERATIONS = ("add", "sub", "mul", "div", "neg", "abs", "sqrt")
COMPARISONS = ("lt", "le")
# Of the numbers in binary, for compilers: programs of `Function.vector_program` alone have them.
BINARY_OPERATIONS = ("round", "power_of_two", "exponent", "mantissa")
OPERATIONS = (
    *(*ARITHMETIC_OPERATIONS, *COMPARISONS, *BINARY_OPERATIONS),
    *("where", "call", "argument", "constant", "infinity", "splitter"),
)


class Operation:
    """An operation and what it is applied to.

    Parameters
    ----------
    kind
        One of `OPERATIONS`. ``splitter`` is the constant 2^k + 1 that splits a number into halves, where 2k is about
        the number of bits of the dtype.
    args
        The operands.
    label
        The name of an argument or of a called function; the value of a constant.

    Examples
    --------
    >>> x = argument("x")
    >>> x + 1 is x + 1, constant(2) * 3 is constant(6)
    (True, True)
    >>> print(call("exp", x) - 1 / x)
    exp(x) - 1.0/x
    """

    __slots__ = ("__weakref__", "args", "kind", "label")
    __match_args__: ClassVar[tuple[str, ...]] = ("kind", "args", "label")
    __hash__ = object.__hash__

    kind: str
    args: tuple[Operation, ...]
    label: str | Fraction | None

    def __new__(cls, kind: str, args: Sequence[Operation] = (), label: str | Fraction | None = None) -> Operation:  # noqa: PYI034
        """Return the one such operation."""
        key = Operation, kind, tuple(args), label
        known: Operation | None = found(key)
        if known is None:
            made = object.__new__(cls)
            made.kind, made.args, made.label = kind, tuple(args), label
            known = interned(key, made)
        return known

    def __reduce__(self) -> tuple[Any, ...]:
        return Operation, (self.kind, self.args, self.label)

    def __add__(self, other: Operation | Constant) -> Operation:
        return _binary("add", self, other)

    def __radd__(self, other: Constant) -> Operation:
        return _binary("add", other, self)

    def __sub__(self, other: Operation | Constant) -> Operation:
        return _binary("sub", self, other)

    def __rsub__(self, other: Constant) -> Operation:
        return _binary("sub", other, self)

    def __mul__(self, other: Operation | Constant) -> Operation:
        return _binary("mul", self, other)

    def __rmul__(self, other: Constant) -> Operation:
        return _binary("mul", other, self)

    def __truediv__(self, other: Operation | Constant) -> Operation:
        return _binary("div", self, other)

    def __rtruediv__(self, other: Constant) -> Operation:
        return _binary("div", other, self)

    def __neg__(self) -> Operation:
        match self:
            case Operation("constant", _, Fraction() as value):
                return constant(-value)
            case Operation("neg"):
                return self.args[0]
        return Operation("neg", (self,))

    def __abs__(self) -> Operation:
        return Operation("abs", (self,))

    def __lt__(self, other: Operation | Constant) -> Operation:
        return Operation("lt", (self, as_node(other)))

    def __le__(self, other: Operation | Constant) -> Operation:
        return Operation("le", (self, as_node(other)))

    def __gt__(self, other: Operation | Constant) -> Operation:
        return Operation("lt", (as_node(other), self))

    def __ge__(self, other: Operation | Constant) -> Operation:
        return Operation("le", (as_node(other), self))

    def __bool__(self) -> bool:
        raise TypeError("a condition is not known while code is written: use where")

    def __repr__(self) -> str:
        return as_expression(self)


def argument(name: str) -> Operation:
    """Return an argument of a program."""
    return Operation("argument", (), name)


def constant(value: Constant) -> Operation:
    """Return a number, exactly as it is."""
    return Operation("constant", (), Fraction(value))


def call(function: str, *args: Operation | Constant) -> Operation:
    """Return a call of a function by its name in `kl_symbolic.functions`."""
    return Operation("call", tuple(map(as_node, args)), function)


def as_node(value: Operation | Constant) -> Operation:
    """Return a number as a node, and a node as it is."""
    return value if isinstance(value, Operation) else constant(value)


def is_power_of_two(value: Fraction) -> bool:
    """Whether a product with a number is exact.

    >>> is_power_of_two(Fraction(-1, 8)), is_power_of_two(Fraction(3))
    (True, False)
    """
    top, bottom = abs(value.numerator), value.denominator
    return top > 0 and top & (top - 1) == 0 and bottom & (bottom - 1) == 0


def is_single(value: object) -> bool:
    """Whether a number is one of float32, and so of every dtype.

    >>> is_single(Fraction(3, 8)), is_single(Fraction(0.1))
    (True, False)
    """
    if not isinstance(value, Fraction):
        return False
    top, bottom = abs(value.numerator), value.denominator
    bits = (top // (top & -top)).bit_length() if top else 0
    within = not top or SINGLE_LEAST <= abs(value) < SINGLE_MOST
    return bottom & (bottom - 1) == 0 and bits <= SINGLE_BITS and within


def odd_factors(node: Operation) -> frozenset[Operation]:
    """Return the factors of a product or quotient without its squares.

    >>> x, y = argument("x"), argument("y")
    >>> sorted(map(str, odd_factors(x * (x / (2 * y)))))
    ['2.0', 'y']
    """
    if node.kind in ("mul", "div"):
        a, b = map(odd_factors, node.args)
        return a ^ b
    return frozenset({node})


def operations_of(*results: Operation) -> Iterator[Operation]:
    """Yield every node that some results need, each once, after its operands."""
    seen: set[Operation] = set()
    left = [(node, False) for node in reversed(results)]
    while left:
        node, ready = left.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            left.append((node, True))
            left += ((one, False) for one in reversed(node.args))


def with_replaced(node: Operation, values: Mapping[Operation, Operation]) -> Operation:
    """Return a node with others in place of some of those that it is made of.

    Examples
    --------
    >>> x, y = argument("x"), argument("y")
    >>> with_replaced(x - call("exp", x), {x: y * 2})
    y*2.0 - exp(y*2.0)
    """
    made: dict[Operation, Operation] = dict(values)
    for one in operations_of(node):
        if one not in made:
            args = [made[arg] for arg in one.args]
            made[one] = (
                one
                if all(a is b for a, b in zip(args, one.args, strict=True))
                else Operation(one.kind, args, one.label)
            )
    return made[node]


EXACT: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}
NEUTRAL = {("add", 1): 0, ("sub", 1): 0, ("mul", 1): 1, ("div", 1): 1, ("add", 0): 0, ("mul", 0): 1}


def _binary(operation: str, a: Operation | Constant, b: Operation | Constant) -> Operation:
    """Return an operation on two operands; numbers are worked out, and what changes nothing is left out."""
    pair = as_node(a), as_node(b)
    values = [one.label if one.kind == "constant" else None for one in pair]
    match values:
        case [Fraction() as x, Fraction() as y] if operation != "div" or y:
            return constant(EXACT[operation](x, y))
    for place, value in enumerate(values):
        if value is not None and NEUTRAL.get((operation, place)) == value:
            return pair[1 - place]
    if operation == "sub" and values[0] == 0:
        return -pair[1]
    if (operation == "mul" and 0 in values) or (operation == "div" and values[0] == 0):
        return constant(0)
    if operation == "mul" and -1 in values:
        return -pair[0 if values[1] == -1 else 1]
    return Operation(operation, pair)


PLAIN_OPERATORS = OperatorTable()


def as_expression(node: Operation) -> str:
    """Return a node as one expression, for messages and tests.

    Examples
    --------
    >>> x, y = argument("x"), argument("y")
    >>> as_expression((x - y) / (x * 2))
    '(x - y)/(x*2.0)'
    """
    pieces: dict[Operation, Piece] = {}
    for one in operations_of(node):
        pieces[one] = PLAIN_OPERATORS.piece(one.kind, one.label, [pieces[arg] for arg in one.args])
    return pieces[node].text

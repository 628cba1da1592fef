"""What a formula says before its names have a meaning: a tree of plain records.

Text, LaTeX and SymPy expressions all become this tree; `kl_symbolic.reading.formula` gives it its meaning. Sums and
products are flat, so that a long formula is not a deep one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeAlias

FUNCTIONS = {
    "log": "log", "ln": "log", "exp": "exp", "sqrt": "sqrt", "log2": "log2", "log_2": "log2", "log10": "log10",
    "log_10": "log10", "abs": "abs", "square": "square", "abs2": "square",
}  # fmt: skip
MOST_DEPTH = 100  # well below the depth at which Python itself gives up


@dataclass(frozen=True)
class Number:
    """A number, exactly."""

    value: Fraction


@dataclass(frozen=True)
class Name:
    """A name as it was written; its `spelling` in ASCII, the `coordinate` of ``mu[i]``; `called` like f(x).

    `variable` is what it is a function of, where that was left out: ``mu(x)``.
    """

    written: str
    spelling: str
    coordinate: str | None = None
    called: bool = False
    variable: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class Own:
    """A parameter by its own name, as somebody said of a name that was `written`: ``--symbols m=mu_1``."""

    written: str
    name: str
    coordinate: str | None = None


@dataclass(frozen=True)
class Plus:
    """A sum of terms."""

    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Times:
    """A product of factors."""

    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Negative:
    """Minus something."""

    inner: Node


@dataclass(frozen=True)
class Inverse:
    """One over something."""

    inner: Node


@dataclass(frozen=True)
class Power:
    """A power."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Call:
    """A function of one argument: log, exp, sqrt, log2, log10, abs or softplus."""

    function: str
    argument: Node


@dataclass(frozen=True)
class Total:
    """The sum of `body` over a coordinate `index` from 1 to `upper`; None stands for the dimension.

    Without an index every vector in the body stands for its entry at the coordinate: ``sum(mu^2)``.
    """

    body: Node
    index: str | None = None
    upper: str | None = None


@dataclass(frozen=True)
class Reduction:
    """A sum or a mean as code writes it: over the axes that it names, None for all; they may be `kept`, of length 1.

    Which of these number coordinates and which samples is decided by `kl_symbolic.reading.axes`.
    """

    kind: Literal["sum", "mean"]
    body: Node
    axes: tuple[int, ...] | None = None
    kept: bool = False


@dataclass(frozen=True)
class Samples:
    """The number of samples: ``batch_size``, ``x.size(0)``."""

    written: str


@dataclass(frozen=True)
class Size:
    """The dimension n."""


@dataclass(frozen=True)
class Entries:
    """Several formulas with commas between."""

    parts: tuple[Node, ...]


Leaf: TypeAlias = Number | Name | Own | Samples | Size
Node: TypeAlias = Leaf | Plus | Times | Negative | Inverse | Power | Call | Total | Reduction | Entries


def children(node: Node) -> tuple[Node, ...]:
    """Return what a node is made of."""
    match node:
        case Plus(parts) | Times(parts) | Entries(parts):
            return parts
        case Negative(inner) | Inverse(inner) | Call(_, inner) | Total(inner) | Reduction(_, inner):
            return (inner,)
        case Power(base, exponent):
            return base, exponent
        case _:
            return ()


def rebuilt(node: Node, parts: Sequence[Node]) -> Node:
    """Return a node with other parts in the place of its `children`."""
    match node:
        case Plus() | Times() | Entries():
            return type(node)(tuple(parts))
        case Negative() | Inverse():
            return type(node)(parts[0])
        case Power():
            return Power(parts[0], parts[1])
        case Call():
            return replace(node, argument=parts[0])
        case Total() | Reduction():
            return replace(node, body=parts[0])
        case _:
            return node


def walk(node: Node) -> Iterator[Node]:
    """Yield every node of a tree.

    >>> [type(n).__name__ for n in walk(Negative(Number(Fraction(1))))]
    ['Negative', 'Number']
    """
    left = [node]
    while left:
        one = left.pop()
        yield one
        left += children(one)

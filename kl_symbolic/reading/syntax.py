"""What a formula says before its names have a meaning: a tree of plain records.

Text, LaTeX, code and SymPy expressions all become this tree; `kl_symbolic.reading.formula` gives it its meaning. Sums
and products are flat, so that a long formula is not a deep one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import Literal, TypeAlias

from kl_symbolic.functions import Function, all_functions, find_function

MOST_DEPTH = 100  # well below the depth at which Python itself gives up


class Words(Mapping[str, str]):
    """What people call functions of so many arguments, and our name: `kl_symbolic.functions` is asked each time.

    Parameters
    ----------
    arity
        Of how many arguments; constants have none.
    **made
        More words, for what is made of these functions.

    Examples
    --------
    >>> FUNCTIONS["ln"], FUNCTIONS["abs2"], "sin" in FUNCTIONS, list(CONSTANTS)
    ('log', 'square', False, ['pi'])
    """

    def __init__(self, arity: int, **made: str) -> None:
        self.arity, self.made = arity, made

    def _words(self) -> dict[str, str]:
        return _words(self.arity, tuple(all_functions())) | self.made

    def __getitem__(self, word: str) -> str:
        return self._words()[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words())

    def __len__(self) -> int:
        return len(self._words())


def words_for(function: Function) -> tuple[str, ...]:
    """Return what people and libraries call a function.

    >>> words_for(all_functions()["abs"])
    ('abs', 'Abs', 'fabs')
    """
    elsewhere = (name.rpartition(".")[2] for name in function.names.values())
    return tuple(dict.fromkeys((*function.spellings, *(name for name in elsewhere if name[0].isalpha()))))


def is_of_library(name: str) -> bool:
    """Whether a library calls a function so.

    >>> is_of_library("tf.math.log"), is_of_library("my.log")
    (True, False)
    """
    return any(name in function.names.values() for function in all_functions().values())


@cache
def _words(arity: int, functions: tuple[str, ...]) -> dict[str, str]:
    known = (function for name in functions if (function := find_function(name)) and function.arity == arity)
    return {word: function.name for function in known for word in words_for(function)}


FUNCTIONS = Words(1, log2="log2", log_2="log2", log10="log10", log_10="log10", square="square", abs2="square")
CONSTANTS = Words(0)
E = ("e", "E")  # what the base of the exponential is called


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
    """A function of one argument: one of `kl_symbolic.functions`, or log2, log10 or softplus."""

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

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
from kl_symbolic.reading.alphabet import GREEK

MOST_DEPTH = 100  # well below the depth at which Python itself gives up
MOST_PRIMES = 3  # of the derivative of a function


class Words(Mapping[str, str]):
    """What people call functions of so many arguments, and our name: `kl_symbolic.functions` is asked each time.

    Of one argument there are also logarithms of functions that have a name, ``log gamma``, and derivatives with primes
    or names of their own, ``polygamma 1``; `applied` makes them. Some words are of two arguments, too: ``psi(1, x)``.

    Parameters
    ----------
    arity
        Of how many arguments; constants have none.
    **made
        More words, for what is made of these functions.

    Examples
    --------
    >>> FUNCTIONS["ln"], FUNCTIONS["lgamma"], FUNCTIONS["psi'"], FUNCTIONS["abs2"], "sin" in FUNCTIONS
    ('log', 'log gamma', 'polygamma 1', 'square', False)
    >>> FUNCTIONS["trigamma"], FUNCTIONS["psi"], PAIRED["psi"]
    ('polygamma 1', 'digamma', 'polygamma')
    >>> CONSTANTS["pi"]
    'pi'
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
    return _said(function.spellings, function.names)


def _said(spellings: tuple[str, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    elsewhere = (name.rpartition(".")[2] for name in names.values())
    words = (name for name in elsewhere if name[0].isalpha() and name not in GREEK.values())
    return tuple(dict.fromkeys((*spellings, *words)))


def word_of_letters(name: str) -> str | None:
    """Return what we call a function that libraries call by the name of a Greek letter, which is not its own.

    >>> word_of_letters("gamma"), word_of_letters("psi")
    ('Gamma', None)
    """
    if name not in GREEK.values() or name in FUNCTIONS:
        return None
    known = (f for f in all_functions().values() if f.arity == 1)
    called = (f for f in known if any(one.rpartition(".")[2] == name for one in f.names.values()))
    return next((f.spellings[0] for f in called), None)


def is_of_library(name: str) -> bool:
    """Whether a library calls a function so.

    >>> is_of_library("tf.math.log"), is_of_library("my.log")
    (True, False)
    """
    return any(name in (*f.names.values(), *f.log_names.values()) for f in all_functions().values())


@cache
def _words(arity: int, functions: tuple[str, ...]) -> dict[str, str]:
    known = [function for name in functions if (function := find_function(name))]
    found = {word: function.name for function in known if function.arity == arity for word in words_for(function)}
    if arity == 1:
        for function in known:
            found |= dict.fromkeys(_said(function.log_spellings, function.log_names), f"log {function.name}")
    for general in (function for function in known if function.style == "order"):
        words = [word for f in known if (f.tex, f.arity) == (general.tex, 1) for word in f.spellings]
        if arity == 1:
            found |= {word + n * "'": f"{general.name} {n}" for word in words for n in range(1, MOST_PRIMES + 1)}
            found |= {word: f"{general.name} {n}" for n, word in enumerate(general.order_spellings, 1)}
        elif arity == general.arity:
            found |= dict.fromkeys(words, general.name)  # psi(1, x)
    return found


FUNCTIONS = Words(1, log2="log2", log_2="log2", log10="log10", log_10="log10", square="square", abs2="square")
PAIRED = Words(2)
CONSTANTS = Words(0)
E = ("e", "E")  # what the base of the exponential is called


@dataclass(frozen=True)
class Number:
    """A number, exactly."""

    value: Fraction


SQUARE = Number(Fraction(2))


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
    """A function of one argument: one of `kl_symbolic.functions`, or log2, log10 or softplus; of several `Entries`."""

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


def applied(function: str, *arguments: Node) -> Node:
    """Return a function of arguments, by its name in `FUNCTIONS` or `PAIRED`.

    >>> applied("log gamma", Number(Fraction(1)))
    Call(function='log', argument=Call(function='gamma', argument=Number(value=Fraction(1, 1))))
    """
    first, *others = arguments
    known = find_function(function)
    if function == "square" or (known is not None and known.style == "power"):
        return Power(first, *(others or [SQUARE]))
    name, _, rest = function.partition(" ")
    if rest.isdigit():
        arguments = Number(Fraction(int(rest))), *arguments
    elif rest:
        arguments = (applied(rest, *arguments),)
    return Call(name, Entries(arguments) if arguments[1:] else arguments[0])


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

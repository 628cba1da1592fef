"""The grammar of the language: every head, with the number and the kinds of its arguments.

One table for all who must know it: the reader of proof files, and the kernel, which holds every node of a derivation
against it before it reads anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import sympy
from sympy import Add, Basic, Expr, Indexed, IndexedBase, Integer, Mul, Pow, Rational, Symbol
from sympy.core.symbol import Str

from kl_symbolic.errors import ProofError
from kl_symbolic.families import Support, all_families
from kl_symbolic.proof import language as lang

# SymPy keeps some numbers in classes of their own.
LEAVES: frozenset[type[Basic]] = frozenset(
    {Symbol, Str, Integer, Rational, *map(type, (sympy.pi, *map(Integer, (-1, 0, 1)), Rational(1, 2)))}
)


class Kind(NamedTuple):
    """What an argument may be: in words, and as a test."""

    words: str
    accepts: Callable[[Basic], bool]


class Head(NamedTuple):
    """The kinds of the arguments of a head; `more` is the kind of any further ones."""

    arguments: tuple[Kind, ...]
    more: Kind | None = None


def _is_index_symbol(e: Basic) -> bool:
    return isinstance(e, Symbol) and bool(e.is_integer and e.is_positive)


REAL = Kind("an expression", lambda e: isinstance(e, Expr) and not isinstance(e, IndexedBase | lang.Vector))
STAGE = Kind("an expression or a vector", lambda e: isinstance(e, Expr) and not isinstance(e, IndexedBase))
TEXT = Kind("a text", lambda e: isinstance(e, Str))
SYMBOL = Kind("a symbol", lambda e: isinstance(e, Symbol))
PARAMETER = Kind("a parameter", lambda e: isinstance(e, Symbol | Indexed))
VARIABLE = Kind("a variable of integration", lambda e: isinstance(e, Symbol | IndexedBase))
POINT = Kind("a point", lambda e: isinstance(e, Expr) and not isinstance(e, lang.Vector))
BASE = Kind("an indexed base", lambda e: isinstance(e, IndexedBase))
BOUND_INDEX = Kind("an index symbol", _is_index_symbol)
INDEX = Kind("an index", lambda e: _is_index_symbol(e) or (isinstance(e, Integer) and bool(e >= 1)))
SCALAR_LAW = Kind("a law of one coordinate", lambda e: isinstance(e, lang.Law))
LAW = Kind("a law", lambda e: isinstance(e, lang.Law | lang.ProductLaw))

HEADS: dict[type[Basic], Head] = {
    Add: Head((REAL, REAL), REAL),
    Mul: Head((REAL, REAL), REAL),
    Pow: Head((REAL, REAL)),
    IndexedBase: Head((SYMBOL,)),
    Indexed: Head((BASE, INDEX)),
    lang.Log: Head((REAL,)),
    lang.Exp: Head((REAL,)),
    lang.Sqrt: Head((REAL,)),
    lang.Factorial: Head((REAL,)),
    lang.Law: Head((TEXT,), REAL),
    lang.ProductLaw: Head((SCALAR_LAW, BOUND_INDEX, INDEX)),
    lang.Density: Head((LAW, POINT)),
    lang.KL: Head((LAW, LAW)),
    lang.Entropy: Head((LAW,)),
    lang.CrossEntropy: Head((LAW, LAW)),
    lang.Vector: Head((REAL,), REAL),
    lang.Integral: Head((REAL, VARIABLE, TEXT, INDEX)),
    lang.Sum: Head((REAL, BOUND_INDEX, INDEX)),
    lang.Product: Head((REAL, BOUND_INDEX, INDEX)),
    lang.Diff: Head((REAL, PARAMETER)),
}


def nodes(expr: object, seen: set[int] | None = None) -> Iterator[object]:
    """Yield every node of an expression once, each before its parts; none that was seen, with what is below it.

    Nodes are told apart by identity: what is not in the language may have no hash.
    """
    seen = set() if seen is None else seen
    left = [expr]
    while left:
        node = left.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            left += node.args if isinstance(node, Basic) else ()


def require_in_language(node: object) -> None:
    """Refuse a node that is no leaf and no head of the language with the arguments that it takes.

    Raises
    ------
    ProofError
        With the head, and the argument that does not fit.

    Examples
    --------
    >>> s = Symbol("s", positive=True)
    >>> require_in_language(lang.Log(s))
    >>> require_in_language(lang.Log(s, Integer(2)))
    Traceback (most recent call last):
    kl_symbolic.errors.ProofError: 2 arguments, Log takes 1
    """
    head = type(node)
    if isinstance(node, Expr) and not isinstance(getattr(node, "is_commutative", None), bool):
        raise ProofError(f"{head.__name__} that its constructor has not made")
    if head in HEADS:
        assert isinstance(node, Basic)
        require_arguments(head, node.args)
    elif head not in LEAVES:
        raise ProofError(f"{head.__name__} is not in the language of derivations")


def require_arguments(head: type[Basic], args: Sequence[Basic]) -> None:
    """Refuse arguments that a head does not take: their number, their kinds, and how they fit together.

    Raises
    ------
    ProofError
        With the argument that does not fit.
    """
    kinds, more = HEADS[head]
    name = head.__name__
    if len(args) < len(kinds) or (len(args) > len(kinds) and more is None):
        raise ProofError(f"{len(args)} arguments, {name} takes {len(kinds)}{' or more' if more else ''}")
    for count, arg in enumerate(args, start=1):
        kind = kinds[count - 1] if count <= len(kinds) else more
        assert kind is not None
        if not kind.accepts(arg):
            raise ProofError(f"argument {count} of {name} must be {kind.words}")
    match name, args:
        case "Law", (family, *parameters):
            known = all_families().get(lang.name_of(family))
            if known is None or len(known.parameters) != len(parameters):
                raise ProofError(f"no family {family} with {len(parameters)} parameters")
        case "Density", (law, x) if bool(_coordinates(law)) != isinstance(x, IndexedBase):
            raise ProofError("the law and the point differ in dimension")
        case "KL" | "CrossEntropy", (p, q) if _coordinates(p) != _coordinates(q):
            raise ProofError("the two laws differ in dimension")
        case "Integral", (_, x, support, size):
            if lang.name_of(support) not in {s.value for s in Support}:
                raise ProofError(f"no support {support}")
            if not isinstance(x, IndexedBase) and size != 1:
                raise ProofError("a scalar variable has dimension 1")


def _coordinates(law: Basic) -> tuple[Basic, ...]:
    return tuple(law.args[1:]) if isinstance(law, lang.ProductLaw) else ()

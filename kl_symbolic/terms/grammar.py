"""The grammar of the language: every head, with the number and the kinds of its arguments.

One table for all who must know it: the reader of proof files, and the kernel, which holds every node of a derivation
against it before it reads anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from kl_symbolic.errors import ProofError
from kl_symbolic.families import all_families
from kl_symbolic.families.family import NAMED_SUPPORTS
from kl_symbolic.functions import Domain, find_function
from kl_symbolic.terms.term import Number, Symbol, Term, Text, is_as_made

CLASSES = frozenset({Term, Number, Symbol, Text})
# Heads of what is no number.
NO_VALUE = frozenset({"Array", "Law", "ProductLaw", "Text", "Vector", "Interval", "Integers", "Infinity"})


class Kind(NamedTuple):
    """What an argument may be: in words, and as a test."""

    words: str
    accepts: Callable[[Term], bool]


class Head(NamedTuple):
    """The kinds of the arguments of a head; `more` is the kind of any further ones."""

    arguments: tuple[Kind, ...]
    more: Kind | None = None


def _is_index_symbol(e: Term) -> bool:
    return isinstance(e, Symbol) and e.domain is Domain.INDEX


def _is_index(e: Term) -> bool:
    return _is_index_symbol(e) or (isinstance(e, Number) and e.value.denominator == 1 and e.value >= 1)


REAL = Kind("an expression", lambda e: e.head not in NO_VALUE)
STAGE = Kind(
    "an expression, a vector or infinity", lambda e: e.head in ("Vector", "Infinity") or e.head not in NO_VALUE
)
TEXT = Kind("a text", lambda e: e.head == "Text")
SYMBOL = Kind("a symbol", lambda e: e.head == "Symbol")
PARAMETER = Kind("a parameter", lambda e: e.head in ("Symbol", "Indexed"))
VARIABLE = Kind("a variable of integration", lambda e: e.head in ("Symbol", "Array"))
POINT = Kind("a point", lambda e: e.head == "Array" or e.head not in NO_VALUE)
ARRAY = Kind("an array", lambda e: e.head == "Array")
BOUND_INDEX = Kind("an index symbol", _is_index_symbol)
INDEX = Kind("an index", _is_index)
SUPPORT = Kind("a support", lambda e: e.head in ("Text", "Interval", "Integers"))
END = Kind("a number or no end", lambda e: e is Text("infinity") or e.head not in NO_VALUE)
SCALAR_LAW = Kind("a law of one coordinate", lambda e: e.head == "Law")
LAW = Kind("a law", lambda e: e.head in ("Law", "ProductLaw"))

HEADS: dict[str, Head] = {
    "Add": Head((REAL, REAL), REAL),
    "Mul": Head((REAL, REAL), REAL),
    "Array": Head((SYMBOL,)),
    "Indexed": Head((ARRAY, INDEX)),
    "Law": Head((TEXT,), REAL),
    "ProductLaw": Head((SCALAR_LAW, BOUND_INDEX, INDEX)),
    "Density": Head((LAW, POINT)),
    "KL": Head((LAW, LAW)),
    "Entropy": Head((LAW,)),
    "CrossEntropy": Head((LAW, LAW)),
    "Vector": Head((REAL,), REAL),
    "Integral": Head((REAL, VARIABLE, SUPPORT, INDEX)),
    "Interval": Head((END, END)),
    "Integers": Head((END, END)),
    "Infinity": Head(()),
    "Sum": Head((REAL, BOUND_INDEX, INDEX)),
    "Product": Head((REAL, BOUND_INDEX, INDEX)),
    "Diff": Head((REAL, PARAMETER)),
}


def nodes(term: object, seen: set[int] | None = None) -> Iterator[object]:
    """Yield every node of a term once, and what its symbols lie above; none that was seen, with what is below it.

    Nodes are told apart by identity: what is not in the language may have no hash.
    """
    seen = set() if seen is None else seen
    left = [term]
    while left:
        node = left.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            args = getattr(node, "args", None) if type(node) is Term else None
            left += args if type(args) is tuple else ()
            above = getattr(node, "above", None) if type(node) is Symbol else None
            left += () if above is None else (above,)


def require_in_language(node: object) -> None:
    """Refuse a node that is no leaf and no head of the language with the arguments that it takes.

    Raises
    ------
    ProofError
        With the head, and the argument that does not fit.

    Examples
    --------
    >>> s = Symbol("s", Domain.POSITIVE)
    >>> require_in_language(Term("log", s))
    >>> require_in_language(Term("log", s, 2))
    Traceback (most recent call last):
    kl_symbolic.errors.ProofError: 2 arguments, log takes 1
    """
    if type(node) not in CLASSES:
        raise ProofError(f"{type(node).__name__} is not in the language of derivations")
    assert isinstance(node, Term)
    if not _is_as_made(node):
        raise ProofError(f"a {type(node).__name__} that its constructor did not make")
    if type(node) is Term:
        require_arguments(node.head, node.args)


def _is_as_made(node: Term) -> bool:
    try:
        return is_as_made(node)
    except (AttributeError, TypeError, ValueError):  # it lacks a part, or has one that is none
        return False


def require_arguments(name: str, args: Sequence[Term]) -> None:
    """Refuse arguments that a head does not take: their number, their kinds, and how they fit together.

    Raises
    ------
    ProofError
        With the argument that does not fit.
    """
    function = find_function(name)
    if function is None and name not in HEADS:
        raise ProofError(f"{name} is not in the language of derivations")
    kinds, more = Head((REAL,) * function.arity) if function else HEADS[name]
    if len(args) < len(kinds) or (len(args) > len(kinds) and more is None):
        raise ProofError(f"{len(args)} arguments, {name} takes {len(kinds)}{' or more' if more else ''}")
    for count, arg in enumerate(args, start=1):
        kind = kinds[count - 1] if count <= len(kinds) else more
        assert kind is not None
        if not kind.accepts(arg):
            raise ProofError(f"argument {count} of {name} must be {kind.words}")
    match name, args:
        case "Law", (Text(family), *parameters):
            known = all_families().get(family)
            if known is None or len(known.parameters) != len(parameters):
                raise ProofError(f"no family {family} with {len(parameters)} parameters")
        case "Density", (law, x) if bool(_coordinates(law)) != (x.head == "Array"):
            raise ProofError("the law and the point differ in dimension")
        case "KL" | "CrossEntropy", (p, q) if _coordinates(p) != _coordinates(q):
            raise ProofError("the two laws differ in dimension")
        case "Integral", (_, x, support, size):
            if isinstance(support, Text) and support.text not in NAMED_SUPPORTS:
                raise ProofError(f"no support {support}")
            if x.head != "Array" and size is not Number(1):
                raise ProofError("a scalar variable has dimension 1")


def _coordinates(law: Term) -> tuple[Term, ...]:
    return law.args[1:] if law.head == "ProductLaw" else ()

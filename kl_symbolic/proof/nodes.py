"""The expressions of a proof file: a flat table of nodes, each ``[head, argument, ...]``.

An argument is the position of an earlier node, so nothing is nested and a shared part is written once. The heads are
those of `kl_symbolic.proof.heads`. Nodes are assembled without SymPy's automatic rewriting: an expression is read
exactly as it was written, and no power is computed, however large. What would be unreasonable to compute later is
refused all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import sympy
from sympy import Add, Basic, Integer, Mul, Pow, Rational, Symbol
from sympy.core.symbol import Str

from kl_symbolic.errors import ProofError, ProofFileError
from kl_symbolic.proof.heads import HEADS, Kind, require_arguments

MAX_SIZE = 500_000  # nodes of all expressions together, shared ones counted as often as they occur
MAX_NODES = 100_000  # of the table; assembling one takes SymPy some 50 microseconds
MAX_DEPTH = 100
MAX_DIGITS = 300
MAX_EXPONENT = 1_000
MAX_BITS = 20_000  # of a number that SymPy would make of the expression, were it asked to
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")

DOMAINS: dict[str, dict[str, bool]] = {
    "real": {"real": True},
    "positive": {"positive": True},
    "natural": {"integer": True, "nonnegative": True},
    "index": {"integer": True, "positive": True},
}


def _as_written(head: Callable[..., Basic]) -> Callable[..., Basic]:
    return lambda *args: head(*args, evaluate=False)


NAMES: dict[str, type[Basic]] = {head.__name__: head for head in HEADS}
BUILDERS: dict[type[Basic], Callable[..., Basic]] = {head: _as_written(head) for head in (Add, Mul, Pow)}


class Writer:
    """Collects the nodes of expressions; equal parts share one node."""

    def __init__(self) -> None:
        self.nodes: list[list[object]] = []
        self._positions: dict[Basic, int] = {}

    def position(self, expr: Basic) -> int:
        """Return the position of an expression, after adding it if it is new."""
        if expr not in self._positions:
            node = _leaf_node(expr)
            if node is None:
                name = type(expr).__name__
                if type(expr) not in HEADS:
                    raise ProofFileError(f"cannot be written to a proof file: {name} in {short(expr)}")
                node = [name, *(self.position(a) for a in expr.args)]
            self._positions[expr] = len(self.nodes)
            self.nodes.append(node)
        return self._positions[expr]


class Reader:
    """The expressions of a file, checked node by node.

    `get` adds up the size of what the derivations use: steps share their parts in the file and in memory, but whatever
    walks through an expression meets every occurrence.
    """

    def __init__(self, nodes: list[object]) -> None:
        self.exprs: list[Basic] = []
        self.sizes: list[int] = []
        self.depths: list[int] = []
        self.bits: list[int] = []
        self.symbolic: list[bool] = []
        self.used = 0
        if len(nodes) > MAX_NODES:
            raise ProofFileError(f"there are {len(nodes)} nodes, the limit is {MAX_NODES}")
        seen: set[str] = set()
        for count, node in enumerate(nodes):
            try:
                self._append(node)
                _check_new(node, seen)
            except ProofError as error:
                raise ProofFileError(f"node {count}, {short(node)}: {error}") from None
            except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
                raise ProofFileError(f"node {count}, {short(node)}: SymPy refuses it, {short(error)}") from None

    def get(self, position: object, kind: Kind, where: str) -> Basic:
        """Return the expression at a position, which must be of the given kind."""
        if type(position) is not int or not 0 <= position < len(self.exprs):
            raise ProofFileError(f"{where}: there is no node {short(position)}")
        self.used += self.sizes[position]
        if self.used > MAX_SIZE:
            raise ProofFileError(f"{where}: the expressions are too large, together more than {MAX_SIZE} nodes")
        if not kind.accepts(self.exprs[position]):
            raise ProofFileError(f"{where}: node {position} is not {kind.words}")
        return self.exprs[position]

    def _append(self, node: object) -> None:
        if not isinstance(node, list) or not node:
            raise ProofFileError("a node is a list that begins with its head")
        name, *given = node
        if not isinstance(name, str) or (name not in NAMES and name not in LEAVES):
            raise ProofFileError(f"unknown head {short(name)}")
        positions: list[int] = []
        if name in LEAVES:
            expr = LEAVES[name](given)
        else:
            positions = [p for p in given if type(p) is int and 0 <= p < len(self.exprs)]
            if len(positions) != len(given):
                raise ProofFileError("an argument must be the position of an earlier node")
            args = [self.exprs[p] for p in positions]
            head = NAMES[name]
            require_arguments(head, args)
            self._check_bounds(positions)
            if head is Pow:
                _check_exponent(*args, symbolic=self.symbolic[positions[1]])
            expr = BUILDERS.get(head, head)(*args)
        self.bits.append(_bits(expr, [self.bits[p] for p in positions]))
        self.symbolic.append(isinstance(expr, Symbol) or any(self.symbolic[p] for p in positions))
        self.depths.append(1 + max((self.depths[p] for p in positions), default=0))
        self.sizes.append(1 + sum(self.sizes[p] for p in positions))
        self.exprs.append(expr)

    def _check_bounds(self, positions: list[int]) -> None:
        if sum(self.sizes[p] for p in positions) >= MAX_SIZE:
            raise ProofFileError(f"too large, more than {MAX_SIZE} nodes when it is written out")
        if max(self.depths[p] for p in positions) >= MAX_DEPTH:
            raise ProofFileError(f"nested more than {MAX_DEPTH} deep")


def _check_new(node: object, seen: set[str]) -> None:
    """Refuse a node that is there already: equal parts are then the same object, and cheap to compare."""
    spelled = repr(node)
    if spelled in seen:
        raise ProofFileError("repeats an earlier node")
    seen.add(spelled)


def _bits(expr: Basic, inner: list[int]) -> int:
    """Bound the length of the numbers that SymPy would make of an expression, given that of its arguments."""
    bits = 1  # a symbol, or a head that computes nothing
    if isinstance(expr, Rational):
        bits = int(expr.p).bit_length() + int(expr.q).bit_length()
    elif isinstance(expr, Add):
        bits = max(inner) + len(inner).bit_length()
    elif isinstance(expr, Mul):
        bits = sum(inner)
    elif isinstance(expr, Pow):
        exponent = expr.args[1]
        bits = inner[0] * max(abs(int(exponent.p)), int(exponent.q)) if isinstance(exponent, Rational) else sum(inner)
    if bits > MAX_BITS:
        raise ProofFileError(f"a number of more than {MAX_BITS} bits would result")
    return bits


def _check_exponent(base: Basic, exponent: Basic, *, symbolic: bool) -> None:
    if isinstance(exponent, Rational):
        if max(abs(int(exponent.p)), int(exponent.q)) > MAX_EXPONENT:
            raise ProofFileError(f"an exponent larger than {MAX_EXPONENT}")
        if base == Integer(0):
            raise ProofFileError("a power of zero")
    elif not symbolic:
        raise ProofFileError("an exponent must be a number in lowest terms, or contain a symbol")


def _leaf_node(expr: Basic) -> list[object] | None:
    match expr:
        case Rational() if max(abs(int(expr.p)), int(expr.q)) >= 10**MAX_DIGITS:
            raise ProofFileError(f"cannot be written to a proof file: a number of more than {MAX_DIGITS} digits")
        case Integer():
            return ["Integer", int(expr)]
        case Rational():
            return ["Rational", int(expr.p), int(expr.q)]
        case sympy.pi:
            return ["pi"]
        case Str():
            return ["Str", str(expr.name)]
        case Symbol():
            for domain, assumptions in DOMAINS.items():
                if expr == Symbol(expr.name, **assumptions):
                    return ["Symbol", str(expr.name), domain]
            raise ProofFileError(f"cannot be written to a proof file: the domain of the symbol {expr}")
    return None


def _symbol(given: list[object]) -> Basic:
    match given:
        case [str() as name, str() as domain] if NAME.fullmatch(name) and domain in DOMAINS:
            return Symbol(name, **DOMAINS[domain])
    raise ProofFileError(f"a Symbol has a short identifier and a domain: {', '.join(DOMAINS)}")


def _integer(given: list[object]) -> Basic:
    if len(given) != 1 or type(given[0]) is not int:
        raise ProofFileError("an Integer has one integer")
    return Integer(given[0])


def _rational(given: list[object]) -> Basic:
    match given:
        case [int() as p, int() as q] if type(p) is type(q) is int and q > 1 and Fraction(p, q).denominator == q:
            return Rational(p, q)
    raise ProofFileError("a Rational has two integers, in lowest terms, the second greater than 1")


def _text(given: list[object]) -> Basic:
    match given:
        case [str() as text] if NAME.fullmatch(text):
            return Str(text)
    raise ProofFileError("a Str has one short identifier")


def _pi(given: list[object]) -> Basic:
    if given:
        raise ProofFileError("pi has no arguments")
    return sympy.pi


LEAVES: dict[str, Callable[[list[object]], Basic]] = {
    "Symbol": _symbol,
    "Integer": _integer,
    "Rational": _rational,
    "Str": _text,
    "pi": _pi,
}


def short(thing: object) -> str:
    """Return a short one-line description of anything, for messages."""
    if isinstance(thing, list | tuple):
        inside = ", ".join(short(t) for t in thing[:5])
        return f"[{inside}{', ...' if len(thing) > 5 else ''}]"[:120]  # noqa: PLR2004 - a node rarely has more
    if isinstance(thing, dict):
        return "an object"
    if isinstance(thing, str | int | None):
        text = repr(thing if not isinstance(thing, str) else thing[:60])
        return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - fits in a line
    return type(thing).__name__

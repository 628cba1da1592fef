"""The expressions of a proof file: a flat table of nodes, each ``[head, argument, ...]``.

An argument is the position of an earlier node, so nothing is nested and a shared part is written once. The heads are
those of `kl_symbolic.terms.grammar`. A term is read exactly as it was written, and no power is computed, however large.
What would be unreasonable to compute later is refused all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from kl_symbolic.errors import ProofError, ProofFileError
from kl_symbolic.functions import Domain, find_function
from kl_symbolic.terms.grammar import HEADS, Kind, require_arguments
from kl_symbolic.terms.term import Number, Symbol, Term, Text

MAX_SIZE = 500_000  # nodes of all expressions together, shared ones counted as often as they occur
MAX_NODES = 100_000  # of the table
MAX_DEPTH = 100
MAX_SYMBOLS = 50  # of different names: each term knows which are in it
MAX_DIGITS = 300
MAX_EXPONENT = 1_000
MAX_BITS = 20_000  # of a number that would be made of the term, were it computed
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")

BOUNDED = 3  # fields of a symbol with a bound
DOMAINS = {domain.value: domain for domain in Domain}


class Writer:
    """Collects the nodes of expressions; equal parts share one node."""

    def __init__(self) -> None:
        self.nodes: list[list[object]] = []
        self._positions: dict[Term, int] = {}

    def position(self, term: Term) -> int:
        """Return the position of a term, after adding it if it is new."""
        if term not in self._positions:
            node = _leaf_node(term)
            if isinstance(term, Symbol) and term.above is not None:
                node = ["Symbol", term.name, term.domain.value, self.position(term.above)]
            if node is None:
                if term.head not in HEADS and find_function(term.head) is None:
                    raise ProofFileError(f"cannot be written to a proof file: {term.head} in {short(term)}")
                node = [term.head, *(self.position(a) for a in term.args)]
            self._positions[term] = len(self.nodes)
            self.nodes.append(node)
        return self._positions[term]


class Reader:
    """The expressions of a file, checked node by node.

    `get` adds up the size of what the derivations use: steps share their parts in the file and in memory, but whatever
    walks through an expression meets every occurrence.
    """

    def __init__(self, nodes: list[object]) -> None:
        self.terms: list[Term] = []
        self.sizes: list[int] = []
        self.depths: list[int] = []
        self.bits: list[int] = []
        self.symbolic: list[bool] = []
        self.used = 0
        self.names: set[Term] = set()
        if len(nodes) > MAX_NODES:
            raise ProofFileError(f"there are {len(nodes)} nodes, the limit is {MAX_NODES}")
        seen: set[str] = set()
        for count, node in enumerate(nodes):
            try:
                self._append(node)
                _check_new(node, seen)
            except ProofError as error:
                raise ProofFileError(f"node {count}, {short(node)}: {error}") from None

    def get(self, position: object, kind: Kind, where: str) -> Term:
        """Return the expression at a position, which must be of the given kind."""
        if type(position) is not int or not 0 <= position < len(self.terms):
            raise ProofFileError(f"{where}: there is no node {short(position)}")
        self.used += self.sizes[position]
        if self.used > MAX_SIZE:
            raise ProofFileError(f"{where}: the expressions are too large, together more than {MAX_SIZE} nodes")
        if not kind.accepts(self.terms[position]):
            raise ProofFileError(f"{where}: node {position} is not {kind.words}")
        return self.terms[position]

    def _append(self, node: object) -> None:
        if not isinstance(node, list) or not node:
            raise ProofFileError("a node is a list that begins with its head")
        name, *given = node
        if not isinstance(name, str) or not (name in LEAVES or name in HEADS or find_function(name)):
            raise ProofFileError(f"unknown head {short(name)}")
        positions: list[int] = []
        if name == "Symbol" and len(given) == BOUNDED:
            made = self._bounded_symbol(given)
        elif name in LEAVES:
            made = LEAVES[name](given)
        else:
            positions = [p for p in given if type(p) is int and 0 <= p < len(self.terms)]
            if len(positions) != len(given):
                raise ProofFileError("an argument must be the position of an earlier node")
            args = [self.terms[p] for p in positions]
            require_arguments(name, args)
            self._check_bounds(positions)
            if name == "pow":
                _check_exponent(*args, symbolic=self.symbolic[positions[1]])
            made = Term(name, *args)
        if isinstance(made, Symbol):
            self.names.add(made)
        if len(self.names) > MAX_SYMBOLS:
            raise ProofFileError(f"more than {MAX_SYMBOLS} symbols")
        self.bits.append(_bits(made, [self.bits[p] for p in positions]))
        self.symbolic.append(isinstance(made, Symbol) or any(self.symbolic[p] for p in positions))
        self.depths.append(1 + max((self.depths[p] for p in positions), default=0))
        self.sizes.append(1 + sum(self.sizes[p] for p in positions))
        self.terms.append(made)

    def _bounded_symbol(self, given: list[object]) -> Term:
        """Read a symbol with a bound: its name, its domain, and the position of what it lies above."""
        *fields, position = given
        plain = _symbol(fields)
        above = self.terms[position] if type(position) is int and 0 <= position < len(self.terms) else None
        if not (isinstance(plain, Symbol) and isinstance(above, Number | Symbol)):
            raise ProofFileError("a symbol lies above a number or a symbol that stands earlier")
        return Symbol(plain.name, plain.domain, above)

    def _check_bounds(self, positions: list[int]) -> None:
        if sum(self.sizes[p] for p in positions) >= MAX_SIZE:
            raise ProofFileError(f"too large, more than {MAX_SIZE} nodes when it is written out")
        if max((self.depths[p] for p in positions), default=0) >= MAX_DEPTH:
            raise ProofFileError(f"nested more than {MAX_DEPTH} deep")


def _check_new(node: object, seen: set[str]) -> None:
    """Refuse a node that is there already: equal parts are then the same object, and cheap to compare."""
    spelled = repr(node)
    if spelled in seen:
        raise ProofFileError("repeats an earlier node")
    seen.add(spelled)


def _bits(term: Term, inner: list[int]) -> int:
    """Bound the length of the numbers that would be made of a term, were it computed, given that of its arguments."""
    match term:
        case Number(value):
            bits = _length(value)
        case Term("Add"):
            bits = max(inner) + len(inner).bit_length()
        case Term("Mul"):
            bits = sum(inner)
        case Term("pow", (_, Number(value))):
            bits = inner[0] * max(abs(value.numerator), value.denominator)
        case Term("pow"):
            bits = sum(inner)
        case _:
            bits = 1  # a symbol, or a head that computes nothing
    if bits > MAX_BITS:
        raise ProofFileError(f"a number of more than {MAX_BITS} bits would result")
    return bits


def _length(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


def _check_exponent(base: Term, exponent: Term, *, symbolic: bool) -> None:
    if isinstance(exponent, Number):
        if max(abs(exponent.value.numerator), exponent.value.denominator) > MAX_EXPONENT:
            raise ProofFileError(f"an exponent larger than {MAX_EXPONENT}")
        if base is Number(0):
            raise ProofFileError("a power of zero")
    elif not symbolic:
        raise ProofFileError("an exponent must be a number in lowest terms, or contain a symbol")


def _leaf_node(term: Term) -> list[object] | None:
    match term:
        case Number(value) if max(abs(value.numerator), value.denominator) >= 10**MAX_DIGITS:
            raise ProofFileError(f"cannot be written to a proof file: a number of more than {MAX_DIGITS} digits")
        case Number(value):
            return ["Number", *value.as_integer_ratio()]
        case Text(words):
            return ["Text", words]
        case Symbol(name, domain, None):
            return ["Symbol", name, domain.value]
    return None


def _symbol(given: list[object]) -> Term:
    match given:
        case [str() as name, str() as domain] if NAME.fullmatch(name) and domain in DOMAINS:
            return Symbol(name, DOMAINS[domain])
    raise ProofFileError(f"a Symbol has a short identifier and a domain: {', '.join(DOMAINS)}")


def _number(given: list[object]) -> Term:
    match given:
        case [int() as p, int() as q] if type(p) is type(q) is int and q > 0 and Fraction(p, q).denominator == q:
            return Number(Fraction(p, q))
    raise ProofFileError("a Number has two integers, in lowest terms, the second greater than 0")


def _text(given: list[object]) -> Term:
    match given:
        case [str() as text] if NAME.fullmatch(text):
            return Text(text)
    raise ProofFileError("a Text has one short identifier")


LEAVES: dict[str, Callable[[list[object]], Term]] = {"Symbol": _symbol, "Number": _number, "Text": _text}


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

r"""Matrices of laws with independent coordinates: traces, determinants, quadratic forms and norms become sums.

The covariance Σ is diagonal, so that every entry beside the diagonal is zero. In the tree that is made here a name that
begins with Sigma stands for an entry of the diagonal, `I` for 1, and every vector for its entry, as in a sum without
an index. Other matrices, and roots of Σ, are refused by name.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple, NoReturn

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.sums import PRODUCT
from kl_symbolic.reading.syntax import (
    CONSTANTS,
    Call,
    E,
    Entries,
    Inverse,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Power,
    Times,
    Total,
    children,
    walk,
)
from kl_symbolic.reading.tokens import excerpt

ONE = Number(Fraction(1))
LOGARITHMS = ("log", "log2", "log10")
NO_VECTORS = frozenset([*"ndDkKJNMpPTI", *E])
TRACE = "for independent coordinates a trace is the sum of the entries of the diagonal"
DETERMINANT = "for independent coordinates the logarithm of a determinant is the sum of the logarithms of the diagonal"
QUADRATIC = "for independent coordinates a^T M b is the sum of its terms over the coordinates"
NORM = "the square of a norm is the sum of squares over the coordinates"


def without_matrices(node: Node, note: Callable[[str], None]) -> Node:
    r"""Return a tree in which sums over the coordinates stand for what is said with matrices.

    Parameters
    ----------
    node
        A tree in which there are calls of tr, det, bars, norm, diag and prod, and transposes as powers.
    note
        Called with what was done.

    Raises
    ------
    RequestError
        If a matrix is no diagonal one, or stands where no number is.

    Examples
    --------
    >>> notes = []
    >>> without_matrices(Call("tr", Name("Σ", "Sigma")), notes.append)
    Total(body=Name(written='Σ', spelling='Sigma', ...), index=None, upper=None)
    """
    return _Matrices(note).number(node)


class _Diagonal(NamedTuple):
    """An entry of the diagonal, and whether all entries beside it are zero."""

    entry: Node
    alone: bool = True


class _Matrices:
    def __init__(self, note: Callable[[str], None]) -> None:
        self.note = note

    def number(self, node: Node) -> Node:
        """Return the tree of what is a number."""
        match node:
            case Call(function, argument) if function in LOGARITHMS:
                return self.logarithm(function, argument)
            case Call("bars", inner):
                if holds_matrix(inner):
                    self.refuse("a determinant", "log|Σ|")
                return Call("abs", self.number(inner))
            case Call("det"):
                return self.refuse("a determinant", "log det(Σ)")
            case Call("prod"):
                return self.refuse("a product \\prod", "log \\prod_i x_i")
            case Call("tr", matrix):
                self.note(TRACE)
                return Total(self.diagonal(matrix).entry)
            case Power(Call("norm", vector), Number(Fraction(numerator=2, denominator=1))):
                self.note(NORM)
                return Total(Power(self.vector(vector), Number(Fraction(2))))
            case Call("norm"):
                return self.refuse("a norm", "‖a‖^2")
            case Call("diag"):
                return self.refuse("a diagonal matrix", "tr(diag(x))")
            case Times(factors):
                return self.product(factors)
            case Call() | Total() | Negative() | Inverse() | Plus() | Power() | Entries():
                return _rebuilt(node, [self.number(child) for child in children(node)])
            case _:
                return node

    def product(self, factors: tuple[Node, ...]) -> Node:
        """Return a product of numbers, among which a^T M b is one."""
        left, made = deque(factors), list[Node]()
        while left:
            factor = left.popleft()
            row = _transposed(factor)
            if row is None:
                follows = bool(left) and not isinstance(left[0], Inverse)
                if follows and isinstance(factor, Name) and factor.written in ("Σ", r"\Sigma"):
                    raise RequestError(f"ambiguous: {factor.written} may be a sum or a variance; write Σ(...)")
                made.append(self.number(factor))
                continue
            form = [row]
            while left and holds_matrix(left[0]):
                matrix = self.diagonal(left.popleft())
                if not matrix.alone:
                    self.refuse("a quadratic form", "a^T M b with a diagonal matrix")
                form.append(matrix.entry)
            if not left or not is_vector(left[0]):
                self.refuse("a transpose", "a^T b or a^T Σ^{-1} b")
            self.note(QUADRATIC)
            made.append(Total(Times((*form, left.popleft()))))
        return made[0] if len(made) == 1 else Times(tuple(made))

    def logarithm(self, function: str, argument: Node) -> Node:
        """Return a logarithm; that of determinants and products over coordinates is a sum."""
        if not any(_is_long(part) for part in walk(argument)):
            return Call(function, self.number(argument))
        short: list[Node] = []
        terms: list[Node] = []
        self.split(function, argument, Fraction(1), short, terms)
        if short:
            terms.insert(0, Call(function, short[0] if len(short) == 1 else Times(tuple(short))))
        return terms[0] if len(terms) == 1 else Plus(tuple(terms))

    def split(self, function: str, node: Node, times: Fraction, short: list[Node], terms: list[Node]) -> None:
        """Add `times` the logarithm of a factor to the terms, or the factor to those that stay together."""
        if not any(_is_long(part) for part in walk(node)):
            if isinstance(node, Power) and isinstance(node.exponent, Name) and _is_constant(node.base):  # (2 pi e)^n
                terms.append(_times(times, Times((node.exponent, Call(function, node.base)))))
            elif times in (1, -1):
                short.append(self.number(node) if times == 1 else Inverse(self.number(node)))
            else:
                terms.append(_times(times, Call(function, self.number(node))))
            return
        match node:
            case Call("det" | "bars", matrix):
                diagonal = self.diagonal(matrix)
                if not diagonal.alone:
                    self.refuse("a determinant", "log|Σ| of a diagonal matrix")
                self.note(DETERMINANT)
                terms.append(_times(times, Total(Call(function, diagonal.entry))))
            case Call("prod", Total(body, index, upper)):
                terms.append(_times(times, Total(Call(function, self.number(body)), index, upper)))
            case Times(factors):
                for factor in factors:
                    self.split(function, factor, times, short, terms)
            case Inverse(inner):
                self.split(function, inner, -times, short, terms)
            case Call("sqrt", inner):
                self.split(function, inner, times / 2, short, terms)
            case Power(base, exponent) if (value := _value(exponent)) is not None:
                self.split(function, base, times * value, short, terms)
            case _:
                self.refuse("a determinant or a product within another term", "log(c |Σ|)")

    def diagonal(self, node: Node) -> _Diagonal:
        """Return the diagonal of a matrix."""
        match node:
            case Name(spelling="I"):
                return _Diagonal(ONE)
            case Name() if _is_sigma(node):
                return _Diagonal(node)
            case Call("diag", vector):
                return _Diagonal(self.number(vector))
            case Negative(inner):
                found = self.diagonal(inner)
                return found._replace(entry=Negative(found.entry))
            case Plus(terms):
                parts = [self.diagonal(term) for term in terms]
                return _Diagonal(Plus(tuple(part.entry for part in parts)), all(part.alone for part in parts))
            case Times(factors):
                return self.diagonal_of_product(factors)
            case Inverse(inner) | Power(inner, Negative(Number(Fraction(numerator=1, denominator=1)))):
                found = self.diagonal(inner)
                if not found.alone:
                    self.refuse("an inverse", "Σ^{-1} of a diagonal matrix")
                return _Diagonal(Inverse(found.entry))
        return self.refuse(f"{_shown(node)} as a matrix", "Σ, Σ^{-1}, I, diag(x) and their sums and products")

    def diagonal_of_product(self, factors: Iterable[Node]) -> _Diagonal:
        left, made = deque(factors), list[Node]()
        matrices = full = 0
        while left:
            factor = left.popleft()
            row = _transposed(left[0]) if left and is_vector(factor) else None
            if row is not None:  # a b^T
                left.popleft()
                made += [factor, row]
                full += 1
            elif _is_constant(factor):
                made.append(factor)
                continue
            else:
                found = self.diagonal(factor)
                made.append(found.entry)
                full += not found.alone
            matrices += 1
        if not matrices or full > 1:
            self.refuse("a product of matrices that are not diagonal", "tr(Σ_2^{-1} Σ_1)")
        return _Diagonal(Times(tuple(made)), full == 0)

    def vector(self, node: Node) -> Node:
        """Return a vector, which stands for its entry."""
        if not is_vector(node):
            self.refuse(f"{_shown(node)} as a vector", "a parameter, or sums and multiples of such")
        return node

    def refuse(self, what: str, known: str) -> NoReturn:
        raise RequestError(f"not part of a formula: {what} is not read here; for independent coordinates: {known}")


def holds_matrix(node: Node) -> bool:
    """Whether there is a matrix in a tree."""
    return (isinstance(node, Name) and node.spelling == "I") or any(
        _is_sigma(part) or (isinstance(part, Call) and part.function == "diag") for part in walk(node)
    )


def is_vector(node: Node) -> bool:
    """Whether something may be a vector: a name, or sums and multiples of such."""
    match node:
        case Name(_, spelling):
            return spelling not in NO_VECTORS and spelling not in CONSTANTS and not _is_sigma(node)
        case Number(value):
            return value == 0
        case Negative(inner):
            return is_vector(inner)
        case Plus(terms):
            return all(map(is_vector, terms))
        case Times(factors):
            return sum(map(is_vector, factors)) == 1 and all(is_vector(f) or _is_constant(f) for f in factors)
    return False


def _transposed(node: Node) -> Node | None:
    """Return the vector a of a^T."""
    match node:
        case Power(base, Name(spelling="T")) if is_vector(base):
            return base
    return None


def _is_sigma(node: Node) -> bool:
    return isinstance(node, Name) and re.fullmatch(r"Sigma(?:_\w+|[0-9]\w*)?", node.spelling) is not None


def _is_long(node: Node) -> bool:
    """Whether a node is a determinant, or a product over the coordinates."""
    if not isinstance(node, Call):
        return False
    return node.function in ("det", PRODUCT) or (node.function == "bars" and holds_matrix(node.argument))


def _is_constant(node: Node) -> bool:
    leaves = [part for part in walk(node) if not children(part)]
    names = [leaf.spelling for leaf in leaves if isinstance(leaf, Name)]
    return all(isinstance(leaf, Number | Name) for leaf in leaves) and all(n in CONSTANTS or n in E for n in names)


def _value(exponent: Node) -> Fraction | None:
    match exponent:
        case Number(value):
            return value
        case Negative(Number(value)):
            return -value
        case Times((Number(top), Inverse(Number(bottom)))) if bottom:
            return top / bottom
    return None


def _times(factor: Fraction, node: Node) -> Node:
    if factor < 0:
        return Negative(_times(-factor, node))
    return node if factor == 1 else Times((Number(factor), node))


def _rebuilt(node: Node, parts: list[Node]) -> Node:
    match node:
        case Plus():
            return Plus(tuple(parts))
        case Entries():
            return Entries(tuple(parts))
        case Negative():
            return Negative(parts[0])
        case Inverse():
            return Inverse(parts[0])
        case Power():
            return Power(*parts)
        case Call(function):
            return Call(function, parts[0])
        case Total():
            return replace(node, body=parts[0])
    return node


def _shown(node: Node) -> str:
    return excerpt(node.written) if isinstance(node, Name) else "an expression"

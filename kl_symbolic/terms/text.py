"""Terms as plain text, for messages and for a prompt: as Python would read the arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol

# How tightly an operator binds.
SUM, PRODUCT, POWER, ATOM = range(4)

MOST_PARTS = 20_000  # that are written
WORD = 64  # bits of a long number that count as a part
LONGEST = 10_000  # bits of a number that Python writes


class Tree(Protocol):
    """A head and arguments: a term, whose file imports this one."""

    @property
    def head(self) -> str:
        """The head; ``Number``, ``Symbol`` and ``Text`` for leaves."""

    @property
    def args(self) -> Sequence[Any]:
        """The arguments."""


def text(term: Tree) -> str:
    """Return a term as text.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol, Term
    >>> x = Symbol("x")
    >>> text((x - 1) ** 2 / (2 * x) - Term("log", x))
    '(x - 1)**2/(2*x) - log(x)'
    """
    count = size(term, MOST_PARTS)
    return _plain(term) if count <= MOST_PARTS else f"{term.head} of more than {MOST_PARTS} parts"


def size(term: Tree, most: int) -> int:
    """Return how many parts a term has as it is written, where those of long numbers count; beyond `most`, any more."""
    left: list[Any] = [term]
    count = 0
    while left and count <= most:
        part = left.pop()
        left += part.args
        count += 1
        if part.head == "Number":
            bits = part.value.numerator.bit_length() + part.value.denominator.bit_length()
            count += bits // WORD if bits < LONGEST else most + 1
    return count


def _plain(term: Any) -> str:
    return _written(term)[0]


def _written(term: Any) -> tuple[str, int]:
    """Return a term, and how tightly it binds."""
    match term.head, term.args:
        case "Number", _:
            value = term.value
            return str(value), SUM if value < 0 else ATOM if value.denominator == 1 else PRODUCT
        case "Symbol", _:
            return term.name, ATOM
        case "Text", _:
            return term.text, ATOM
        case "Add", (_, *_):
            (negative, start), *others = _in_order(term.args)
            rest = "".join(f" {'-' if minus else '+'} {written}" for minus, written in others)
            return f"{'-' if negative else ''}{start}{rest}", SUM
        case "Mul", (_, *_):
            negative, written = _signed(term)
            return (f"-{written}", SUM) if negative else (written, PRODUCT)
        case "pow", (_, exponent):
            return (_quotient([], [term]), PRODUCT) if _is_negative(exponent) else (_power(term), POWER)
        case "Array", (symbol,):
            return _written(symbol)
        case "Indexed", (array, index):
            return f"{_plain(array)}[{_plain(index)}]", ATOM
        case head, ():
            return head, ATOM
    return f"{term.head}({', '.join(map(_plain, term.args))})", ATOM


def _in_order(terms: Sequence[Any]) -> list[tuple[bool, str]]:
    """Return the terms of a sum with their signs: numbers last, and a positive one first if there is one."""
    written = [_signed(term) for term in sorted(terms, key=lambda term: term.head == "Number")]
    first = next((place for place, (negative, _) in enumerate(written) if not negative), 0)
    return [written[first], *written[:first], *written[first + 1 :]]


def _signed(term: Any) -> tuple[bool, str]:
    """Return whether a term carries a minus sign, and what stands behind it."""
    if term.head == "Number":
        return term.value < 0, str(abs(term.value))
    if term.head != "Mul" or not term.args:
        return False, _fenced(term, PRODUCT)
    first, *others = term.args
    if first.head != "Number":
        first, others = None, list(term.args)
    number = first.value if first else Fraction(1)
    above = [f for f in others if not _is_below(f)]
    below = [f for f in others if _is_below(f)]
    return number < 0, _quotient(above, below, abs(number))


def _quotient(above: Sequence[Any], below: Sequence[Any], number: Fraction = Fraction(1)) -> str:
    """Write factors over the opposites of others, which are powers with a negative exponent."""
    alone = len(above) == 1 and not below and number == 1
    top = [str(number.numerator)] if number.numerator != 1 else []
    top += [_fenced(f, PRODUCT if alone else POWER) for f in above]
    bottom = [str(number.denominator)] if number.denominator != 1 else []
    bottom += [_power(f, -1) for f in below]
    if not bottom:
        return "*".join(top) or "1"
    return f"{'*'.join(top) or '1'}/{bottom[0] if len(bottom) == 1 else '(' + '*'.join(bottom) + ')'}"


def _power(term: Any, sign: int = 1) -> str:
    base, exponent = term.args
    if sign < 0 and exponent.value == -1:
        return _fenced(base, POWER)
    raised = _fenced(exponent, ATOM) if sign > 0 else _number(-exponent.value)
    return f"{_fenced(base, ATOM)}**{raised}"


def _number(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"({value})"


def _is_below(factor: Any) -> bool:
    return factor.head == "pow" and _is_negative(factor.args[1])


def _is_negative(exponent: Any) -> bool:
    return exponent.head == "Number" and bool(exponent.value < 0)


def _fenced(term: Any, least: int) -> str:
    written, binds = _written(term)
    return written if binds >= least else f"({written})"

"""Parameters read in another way: a standard deviation that stands for a variance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from sympy import Basic, Expr, Indexed, Mul, Pow, Rational, Symbol

from kl_symbolic.proof.language import Exp, Log, Sqrt
from kl_symbolic.proof.parameters import base_of, parameter_records
from kl_symbolic.proof.statement import laws
from kl_symbolic.slips.quantities import Quantity
from kl_symbolic.slips.terms import terms

Reading: TypeAlias = Callable[[Expr], Expr]


@dataclass(frozen=True)
class Meaning:
    """What a parameter may stand for: a power of something positive, or what becomes one by `inverse`.

    Parameters
    ----------
    words
        "the " and the meaning of a parameter of a family; or something else that no family has.
    of, power
        Of what it is a power, and which one.
    inverse
        Makes that power of what is written.
    direct
        The other way round; None where no family has such a parameter.
    """

    words: str
    of: str
    power: int = 1
    inverse: Callable[[Expr], Expr] | None = None
    direct: Callable[[Expr], Expr] | None = None


def _softplus(rho: Expr) -> Expr:
    return Log(1 + Exp(rho))


MEANINGS = (
    Meaning("the standard deviation", "spread"),
    Meaning("the variance", "spread", 2),
    Meaning("the log-variance", "spread", 2, Exp, Log),
    Meaning("the logarithm of the standard deviation", "spread", 1, Exp, Log),
    Meaning("the precision", "spread", -2),
    Meaning("the logarithm of the precision", "spread", -2, Exp, Log),
    Meaning("rho, whose softplus is the standard deviation", "spread", 1, _softplus),
    Meaning("rho, whose softplus is the variance", "spread", 2, _softplus),
    Meaning("the rate", "rate"),
    Meaning("the scale, which is 1/rate", "rate", -1),
    Meaning("the logarithm of the rate", "rate", 1, Exp, Log),
    Meaning("rho, whose softplus is the rate", "rate", 1, _softplus),
)


def reading(right: Meaning, other: Meaning) -> Reading:
    """Return how a parameter with the right meaning follows from what is written with the other one.

    Examples
    --------
    >>> from sympy import Symbol
    >>> std, var, logvar, logstd, *_ = MEANINGS
    >>> [reading(a, b)(Symbol("s")) for a, b in ((std, var), (var, std), (std, logvar), (logvar, logstd))]
    [Sqrt(s), s**2, Exp(s/2), 2*s]
    """
    ratio = Rational(right.power, other.power)

    def read(written: Expr) -> Expr:
        if other.inverse is Exp:  # Exp(s) to a power, and its logarithm, are written at once
            return Mul(ratio, written) if right.direct is Log else Exp(Mul(ratio, written))
        base = other.inverse(written) if other.inverse else written
        if right.direct is not None:
            return Mul(ratio, right.direct(base))
        return Pow(base, ratio) if ratio.q == 1 else Pow(Sqrt(base), 2 * ratio)

    return read


def misread(quantity: Quantity) -> Iterator[tuple[str, Expr]]:
    """Yield in words which parameters are read in another way, and the quantity if they are."""
    readable = _readable(quantity)
    choices: list[list[Meaning | None]] = [[None, *_others(own)] for _, own in readable]
    for chosen in sorted(product(*choices), key=lambda c: sum(one is not None for one in c)):
        read = [(s, own, one) for (s, own), one in zip(readable, chosen, strict=True) if one is not None]
        # Who takes one law's standard deviation for its variance takes no other's for its precision.
        if read and len({(own, one) for _, own, one in read}) == len({own for _, own, _ in read}):
            words = " and ".join(f"{quantity.name(s)} stands for {one.words}" for s, _, one in read)
            yield words, _with_readings(quantity.expression, {_name(s): reading(own, one) for s, own, one in read})


def misread_in_one_term(quantity: Quantity) -> Iterator[tuple[str, Expr]]:
    """Yield in words which parameter is read in another way in one term, and the quantity if it is."""
    for symbol, own in _readable(quantity):
        name = quantity.name(symbol)
        for term, put in terms(quantity.expression):
            for one in _others(own):
                other = _with_readings(term, {_name(symbol): reading(own, one)})
                if other != term:
                    yield f"{name} stands for {one.words} in the term {quantity.written(term)}", put(other)


def _others(own: Meaning) -> list[Meaning]:
    return [one for one in MEANINGS if one.of == own.of and one is not own]


def _readable(quantity: Quantity) -> list[tuple[Basic, Meaning]]:
    """Return the parameters that may stand for something else, with their meanings."""
    known = {one.words: one for one in MEANINGS}
    pairs = zip(laws(quantity.claim).parameters, parameter_records(quantity.claim), strict=True)
    names = {_name(s) for s in quantity.expression.atoms(Symbol, Indexed)}
    return [(s, known[f"the {r.meaning}"]) for s, r in pairs if _name(s) in names and f"the {r.meaning}" in known]


def _with_readings(expr: Expr, readings: dict[str, Reading]) -> Expr:
    """Replace parameters by name, those of coordinates at each coordinate."""
    found = {s: readings[_name(s)](s) for s in expr.free_symbols | expr.atoms(Indexed) if _name(s) in readings}
    return expr.xreplace(found)


def _name(symbol: Basic) -> str:
    return str(base_of(symbol))

"""Parameters read in another way: a standard deviation that stands for a variance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from typing import TypeAlias

from kl_symbolic.engine import worked_out
from kl_symbolic.families import Family, Spelling
from kl_symbolic.proof.parameters import base_of, free_laws, records_by_law, symbol_of
from kl_symbolic.proof.statement import laws
from kl_symbolic.slips.quantities import Candidate
from kl_symbolic.slips.terms import replaced, terms
from kl_symbolic.terms import Term, parts_with, power
from kl_symbolic.terms import names as names_in

Reading: TypeAlias = Callable[[Term], Term]

_log: Reading = partial(Term, "log")
_exp: Reading = partial(Term, "exp")
_sqrt: Reading = partial(Term, "sqrt")


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
    inverse: Reading | None = None
    direct: Reading | None = None


def _softplus(rho: Term) -> Term:
    return _log(1 + _exp(rho))


def meanings(family: Family) -> tuple[Meaning, ...]:
    """Return what the parameters of a family may stand for: powers, their logarithms, what becomes one by softplus.

    Examples
    --------
    >>> from kl_symbolic.families import find
    >>> [one.words for one in meanings(find("poisson").family)]
    ['the rate', 'the logarithm of the rate', 'rho, whose softplus is the rate']
    """
    known = [one for one in family.spellings if one.title]
    positive = [one for one in known if one.power > 0]
    return (
        *(Meaning(f"the {one.title}", one.of, one.power) for one in known),
        *(Meaning(f"the {_logarithm(one, family)}", one.of, one.power, _exp, _log) for one in known),
        *(Meaning(f"rho, whose softplus is the {one.title}", one.of, one.power, _softplus) for one in positive),
    )


def _logarithm(spelling: Spelling, family: Family) -> str:
    """Return what the logarithm of something is called: as a parameter of the family, if it is one."""
    names = {f"log{word}" for word in spelling.words}
    parameters = (p.meaning for p in family.all_parameters if p.logarithm and p.name in names)
    return next(parameters, f"logarithm of the {spelling.title}")


def reading(right: Meaning, other: Meaning) -> Reading:
    """Return how a parameter with the right meaning follows from what is written with the other one.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> from kl_symbolic.families import find
    >>> std, var, _, logstd, logvar, *_ = meanings(find("normal").family)
    >>> [reading(a, b)(Symbol("s")) for a, b in ((std, var), (var, std), (std, logvar), (logvar, logstd))]
    [sqrt(s), s**2, exp(s/2), 2*s]
    """
    ratio = Fraction(right.power, other.power)

    def read(written: Term) -> Term:
        if other.inverse is _exp:  # exp(s) to a power, and its logarithm, are written at once
            return ratio * written if right.direct is _log else _exp(ratio * written)
        base = written if other.inverse is None else other.inverse(written)
        if right.direct is not None:
            return ratio * right.direct(base)
        return power(base, ratio) if ratio.denominator == 1 else power(_sqrt(base), 2 * ratio)

    return read


def misread(quantity: Candidate) -> Iterator[tuple[str, Term]]:
    """Yield in words which parameters are read in another way, and the quantity if they are."""
    readable = _readable(quantity)
    choices: list[list[Meaning | None]] = [[None, *others] for _, _, others in readable]
    for chosen in sorted(product(*choices), key=lambda c: sum(one is not None for one in c)):
        read = [(s, own, one) for (s, own, _), one in zip(readable, chosen, strict=True) if one is not None]
        # Who takes one law's standard deviation for its variance takes no other's for its precision.
        if read and len({(own, one) for _, own, one in read}) == len({own for _, own, _ in read}):
            words = " and ".join(f"{quantity.name(s)} stands for {one.words}" for s, _, one in read)
            yield words, _with_readings(quantity.expression, {_name(s): reading(own, one) for s, own, one in read})


def misread_in_one_term(quantity: Candidate) -> Iterator[tuple[str, Term]]:
    """Yield in words which parameter is read in another way in one term, and the quantity if it is."""
    found = terms(quantity.expression)
    for symbol, own, others in _readable(quantity):
        for k, term in enumerate(found.parts):
            for one in others:
                other = _with_readings(term, {_name(symbol): reading(own, one)})
                if worked_out(other) != worked_out(term):
                    words = f"{quantity.name(symbol)} stands for {one.words} in the term {quantity.written(term)}"
                    yield words, found.put({k: other})


def _readable(quantity: Candidate) -> list[tuple[Term, Meaning, list[Meaning]]]:
    """Return the parameters that may stand for something else, with their meanings and the others."""
    question, found = quantity.question, []
    names = names_in([quantity.expression])
    symbols = {symbol_of(s).name: s for s in laws(question).parameters}
    for place, records in records_by_law(question).items():
        known = meanings(free_laws(question)[place].family)
        for name, record in records.items():
            own = next((one for one in known if one.words.partition(",")[0] == f"the {record.meaning}"), None)
            if own is not None and name in symbols and name in names:
                found.append((symbols[name], own, [one for one in known if one.of == own.of and one is not own]))
    return found


def _with_readings(expression: Term, readings: dict[str, Reading]) -> Term:
    """Replace parameters by name, those of coordinates at each coordinate."""
    symbols = parts_with(expression, "Indexed") or parts_with(expression, "Symbol")  # all have coordinates, or none
    return replaced(expression, {s: readings[_name(s)](s) for s in symbols if _name(s) in readings})


def _name(symbol: Term) -> str:
    return str(base_of(symbol))

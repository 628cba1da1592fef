"""A closed form in somebody's names: each parameter by what they call it, a power of it or its logarithm."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sympy import Expr, Indexed, Integer, Mul, Pow, Rational, Symbol

from kl_symbolic.families import Domain, Family, Parameter
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Exp, Log, Sum
from kl_symbolic.proof.parameters import base_of, free_laws, parameter_records
from kl_symbolic.proof.statement import laws
from kl_symbolic.reading.alphabet import GREEK
from kl_symbolic.reading.meaning import Meaning
from kl_symbolic.reading.symbols import Symbols
from kl_symbolic.reading.syntax import Call, Name, Node, Number, Own, Power

_EXPONENT = re.compile(r"(?:\^\s*(?:\{[^{}]*\}|\w)|²)(?=\s*_|[₀-₉ᵢⱼₖ])")  # between a name and its index
_LETTERS = {name: letter for letter, name in GREEK.items()}


class Naming(NamedTuple):
    """How a parameter, g or log g, is called: the name is g^power or the logarithm of that."""

    written: str
    power: Rational = Integer(1)
    is_logarithm: bool = False


class Wording:
    """The names of the parameters of a claim.

    Parameters
    ----------
    claim
        Whose closed form is to be written.
    namings
        By the parameter's own name, in the order in which they are written.
    """

    def __init__(self, claim: Claim, namings: Mapping[str, list[Naming]]) -> None:
        self.namings = namings
        self.records = records_of(claim)
        self.written: dict[Expr, str] = {}

    def put_into(self, e: Expr) -> Expr:
        """Put the names into an expression."""
        own = self._own(e)
        if own is not None:
            return self._logarithm(own) if self.records[own].logarithm else self._power(own, Integer(1))
        match e:
            case Pow() if (own := self._own(e.args[0])) is not None and not self.records[own].logarithm:
                return self._power(own, e.args[1])
            case Log():
                return self._log_of(e.args[0])
            case Exp():
                return self._exp_of(e.args[0])
            case Sum():
                return Sum(self.put_into(e.args[0]), *e.args[1:])
        return e.func(*map(self.put_into, e.args)) if e.args else e

    def _own(self, e: Expr) -> str | None:
        name = str(base_of(e)) if isinstance(e, Symbol | Indexed) else ""
        return name if name in self.records else None

    def _log_of(self, inside: Expr) -> Expr:
        """Return the logarithm of a product, that of each parameter alone."""
        terms, others = Integer(0), Integer(1)
        for factor in Mul.make_args(inside):
            base, exponent = factor.as_base_exp()
            own = self._own(base)
            if own is None or self.records[own].logarithm:
                others *= self.put_into(factor)
            else:
                terms += exponent * self._logarithm(own)
        return terms if others == 1 else terms + Log(others)

    def _exp_of(self, inside: Expr) -> Expr:
        number, rest = inside.as_coeff_Mul()
        own = self._own(rest)
        return Exp(self.put_into(inside)) if own is None else self._power(own, number)

    def _power(self, own: str, exponent: Expr) -> Expr:
        """Return g to a power."""
        named = self.namings[own]
        naming = next((one for one in named if not one.is_logarithm), named[0])
        total = exponent / naming.power
        if not naming.is_logarithm:
            return self._symbol(own, naming) ** total
        return Exp(total * self._symbol(own, naming)) if total > 0 else 1 / Exp(-total * self._symbol(own, naming))

    def _logarithm(self, own: str) -> Expr:
        """Return log g."""
        named = self.namings[own]
        naming = next((one for one in named if one.is_logarithm), named[0])
        symbol = self._symbol(own, naming)
        return (symbol if naming.is_logarithm else Log(symbol)) / naming.power

    def _symbol(self, own: str, naming: Naming) -> Symbol:
        """Return a symbol for a name; its own name only puts it in its place among others."""
        stem = "logvar" if naming.is_logarithm else "sigma" if self.records[own].logarithm else own.rstrip("_12")
        positive = self.records[own].domain is Domain.POSITIVE or self.records[own].logarithm
        symbol = Symbol(
            stem + own[len(own.rstrip("_12")) :], real=True, positive=None if naming.is_logarithm else positive or None
        )
        self.written[symbol] = naming.written
        return symbol


def records_of(claim: Claim) -> dict[str, Parameter]:
    """Return what the families say of each parameter, by its own name."""
    pairs = zip(laws(claim).parameters, parameter_records(claim), strict=True)
    return {str(base_of(symbol)): record for symbol, record in pairs}


def namings_of(
    found: Iterable[tuple[str, Meaning]], claim: Claim, symbols: Mapping[str, str], names: Iterable[Name]
) -> dict[str, list[Naming]]:
    """Return how the parameters are called: by names that were read, and by those that somebody explained."""
    made: dict[str, list[Naming]] = {}
    said, records = Symbols(symbols), records_of(claim)
    for name in names:
        if name in said:
            for own, naming in _explained(said, name, records):
                made.setdefault(own, []).append(naming)
    for written, meaning in found:
        naming = Naming(cleaned(written), meaning.power, meaning.is_logarithm)
        made.setdefault(meaning.own_name, []).append(naming)
    return made


def cleaned(written: str) -> str:
    r"""Return a name without an exponent in its midst.

    >>> cleaned(r"\sigma^2_j"), cleaned(r"\lambda _ { 1 }")
    ('\\sigma_j', '\\lambda_{1}')
    """
    text = _EXPONENT.sub("", written)
    return re.sub(r"\s*([_{}\[\]])\s*", r"\1", text) if "\\" in text else text


def _explained(said: Symbols, name: Name, records: Mapping[str, Parameter]) -> Iterator[tuple[str, Naming]]:
    """Yield the parameter that a name stands for, where it is a power of it or its logarithm."""
    keys = [key for key in said.meanings if name.spelling.strip("_") == key or name.spelling.startswith(f"{key}_")]
    meaning: Node = said.meanings[max(keys, key=len)]
    function, power = "", Integer(1)
    if isinstance(meaning, Call):
        function, meaning = meaning.function, meaning.argument
    if isinstance(meaning, Power) and isinstance(meaning.exponent, Number):
        value = meaning.exponent.value
        meaning, power = meaning.base, Rational(value.numerator, value.denominator)
    record = records.get(meaning.name) if isinstance(meaning, Own) else None
    if not isinstance(meaning, Own) or record is None:
        return
    if record.logarithm and power == 1 and function in ("", "exp"):
        yield meaning.name, Naming(cleaned(name.written), is_logarithm=not function)
    elif not record.logarithm and function in ("", "log", "sqrt"):
        root = Rational(1, 2) if function == "sqrt" else 1
        yield meaning.name, Naming(cleaned(name.written), power * root, function == "log")


def completed(namings: Mapping[str, list[Naming]], claim: Claim, *, tex: bool) -> dict[str, list[Naming]]:
    r"""Name the parameters that somebody does not name: as those beside are named, else as we do.

    Examples
    --------
    >>> claim = Claim("kl", "normal", "normal")
    >>> known = {"sigma_1": [Naming("\\sigma_q")], "sigma_2": [Naming("\\sigma_p")], "mu_1": [Naming("\\mu_q")]}
    >>> completed(known, claim, tex=True)["mu_2"][0].written
    '\\mu_p'
    """
    found = dict(namings)
    records, places = records_of(claim), free_laws(claim)
    for own, record in records.items():
        if own in found:
            continue
        place = int(own[-1]) if len(places) > 1 else next(iter(places))
        family = places[place].family
        beside = next((found[one][0] for one in records if one in found and _law(one) == _law(own)), None)
        alike = next((found[one][0] for one in found if one in records and records[one].name == record.name), None)
        named = alike and _stem(alike.written, family)
        naming = Naming(named, alike.power, alike.is_logarithm) if alike and named else _usual(record, beside, tex=tex)
        around = beside and _stem(beside.written, family)
        if beside and around:
            naming = naming._replace(written=beside.written.replace(around, naming.written, 1))
        elif len(places) > 1:
            naming = naming._replace(written=f"{naming.written}_{place}")
        found[own] = [naming]
    return found


def entrywise(claim: Claim) -> dict[str, list[Naming]]:
    r"""Name the coordinates of parameters as LaTeX does, where somebody writes vectors and matrices.

    >>> entrywise(Claim("kl", "diagonal_normal", "diagonal_normal"))["sigma_2"]
    [Naming(written='\\sigma_{2,i}', power=1, is_logarithm=False)]
    """
    return {
        own: [Naming(f"{record.tex}_{{{_law(own)},i}}" if _law(own) else f"{record.tex}_i", Rational(1, record.power))]
        for own, record in records_of(claim).items()
    }


def _usual(record: Parameter, beside: Naming | None, *, tex: bool) -> Naming:
    """Return our own name of a parameter, as a letter where letters are written."""
    letter = record.tex.removeprefix("\\")
    greek = beside is not None and any(c in GREEK for c in beside.written)
    if not (tex or greek):
        return Naming(record.name, is_logarithm=record.logarithm)
    return Naming(record.tex if tex else _LETTERS.get(letter, letter), Rational(1, record.power))


def _law(own: str) -> str:
    return own[-1] if own[-1].isdigit() else ""


def _stem(written: str, family: Family) -> str:
    """Return the part of a name that says which parameter it is, or nothing."""
    words = sorted({word for one in family.spellings for word in one.words}, key=len, reverse=True)
    letters = [_LETTERS[word] for word in words if word in _LETTERS]
    pattern = (
        rf"(?:log_?|ln_?)?(?:\\(?:{'|'.join(words)})(?![A-Za-z])|{'|'.join((*letters, *words))})(?:_?sq(?:uared)?)?"
    )
    return max((one[0] for one in re.finditer(pattern, written, re.IGNORECASE)), key=len, default="")

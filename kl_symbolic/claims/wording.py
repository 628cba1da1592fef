"""A closed form in somebody's names: each parameter by what they call it, a power of it or its logarithm."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from kl_symbolic.families import Family, Parameter
from kl_symbolic.functions import Domain
from kl_symbolic.proof.parameters import base_of, free_laws, parameter_records
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.reading.alphabet import GREEK
from kl_symbolic.reading.meaning import Meaning
from kl_symbolic.reading.symbols import Symbols
from kl_symbolic.reading.syntax import Call, Name, Node, Own, Power
from kl_symbolic.reading.syntax import Number as Numeral
from kl_symbolic.terms import Number, Symbol, Term, add, base_and_exponent, coefficient, factors, mul, power

_EXPONENT = re.compile(r"(?:\^\s*(?:\{[^{}]*\}|\w)|²)(?=\s*_|[₀-₉ᵢⱼₖ])")  # between a name and its index
_LETTERS = {name: letter for letter, name in GREEK.items()}


class Naming(NamedTuple):
    """How a parameter, g or log g, is called: the name is g^power or the logarithm of that."""

    written: str
    power: Fraction = Fraction(1)
    is_logarithm: bool = False


class Wording:
    """The names of the parameters of a question.

    Parameters
    ----------
    question
        Whose closed form is to be written.
    namings
        By the parameter's own name, in the order in which they are written.
    """

    def __init__(self, question: Question, namings: Mapping[str, list[Naming]]) -> None:
        self.namings = namings
        self.records = records_of(question)
        self.written: dict[Term, str] = {}

    def put_into(self, e: Term) -> Term:
        """Put the names into an expression."""
        own = self._own(e)
        if own is not None:
            return self._logarithm(own) if self.records[own].logarithm else self._power(own, Number(1))
        match e:
            case Term("pow", (base, exponent)) if (own := self._own(base)) and not self.records[own].logarithm:
                return self._power(own, exponent)
            case Term("log", (inside,)):
                return self._log_of(inside)
            case Term("exp", (inside,)):
                return self._exp_of(inside)
        return Term(e.head, *map(self.put_into, e.args)) if e.args else e

    def _own(self, e: Term) -> str | None:
        name = str(base_of(e)) if e.head in ("Symbol", "Indexed") else ""
        return name if name in self.records else None

    def _log_of(self, inside: Term) -> Term:
        """Return the logarithm of a product, that of each parameter alone."""
        terms, others = [], []
        for factor in factors(inside):
            base, exponent = base_and_exponent(factor)
            own = self._own(base)
            if own is None or self.records[own].logarithm:
                others.append(self.put_into(factor))
            else:
                terms.append(exponent * self._logarithm(own))
        return add(*terms, Term("log", mul(*others))) if others else add(*terms)

    def _exp_of(self, inside: Term) -> Term:
        number, rest = coefficient(inside)
        own = self._own(rest)
        return Term("exp", self.put_into(inside)) if own is None else self._power(own, Number(number))

    def _power(self, own: str, exponent: Term) -> Term:
        """Return g to a power."""
        named = self.namings[own]
        naming = next((one for one in named if not one.is_logarithm), named[0])
        symbol, total = self._symbol(own, naming), exponent / naming.power
        if not naming.is_logarithm:
            return power(symbol, total)
        if coefficient(total)[0] > 0:
            return Term("exp", total * symbol)
        return 1 / Term("exp", -total * symbol)

    def _logarithm(self, own: str) -> Term:
        """Return log g."""
        named = self.namings[own]
        naming = next((one for one in named if one.is_logarithm), named[0])
        symbol = self._symbol(own, naming)
        return (symbol if naming.is_logarithm else Term("log", symbol)) / naming.power

    def _symbol(self, own: str, naming: Naming) -> Symbol:
        """Return a symbol for a name; its own name only puts it in its place among others."""
        stem, logarithm = own.rstrip("_12"), self.records[own].logarithm
        if naming.is_logarithm != logarithm:
            stem = f"log{stem}" if naming.is_logarithm else stem.removeprefix("log")
        positive = self.records[own].domain.positive or self.records[own].logarithm
        domain = Domain.POSITIVE if positive and not naming.is_logarithm else Domain.REAL
        symbol = Symbol(stem + own[len(own.rstrip("_12")) :], domain)
        self.written[symbol] = naming.written
        return symbol


def records_of(question: Question) -> dict[str, Parameter]:
    """Return what the families say of each parameter, by its own name."""
    pairs = zip(laws(question).parameters, parameter_records(question), strict=True)
    return {str(base_of(symbol)): record for symbol, record in pairs}


def namings_of(
    found: Iterable[tuple[str, Meaning]], question: Question, symbols: Mapping[str, str], names: Iterable[Name]
) -> dict[str, list[Naming]]:
    """Return how the parameters are called: by names that were read, and by those that somebody explained."""
    made: dict[str, list[Naming]] = {}
    said, records = Symbols(symbols), records_of(question)
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
    function, exponent = "", Fraction(1)
    if isinstance(meaning, Call):
        function, meaning = meaning.function, meaning.argument
    match meaning:
        case Power(base, Numeral(value)):
            meaning, exponent = base, value
    record = records.get(meaning.name) if isinstance(meaning, Own) else None
    if not isinstance(meaning, Own) or record is None:
        return
    if record.logarithm and exponent == 1 and function in ("", "exp"):
        yield meaning.name, Naming(cleaned(name.written), is_logarithm=not function)
    elif not record.logarithm and function in ("", "log", "sqrt"):
        exponent *= Fraction(1, 2) if function == "sqrt" else 1
        yield meaning.name, Naming(cleaned(name.written), exponent, function == "log")


def completed(namings: Mapping[str, list[Naming]], question: Question, *, tex: bool) -> dict[str, list[Naming]]:
    r"""Name the parameters that somebody does not name: as those beside are named, else as we do.

    Examples
    --------
    >>> question = Question("kl", "normal", "normal")
    >>> known = {"sigma_1": [Naming("\\sigma_q")], "sigma_2": [Naming("\\sigma_p")], "mu_1": [Naming("\\mu_q")]}
    >>> completed(known, question, tex=True)["mu_2"][0].written
    '\\mu_p'
    """
    found = dict(namings)
    records, places = records_of(question), free_laws(question)
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


def entrywise(question: Question) -> dict[str, list[Naming]]:
    r"""Name the coordinates of parameters as LaTeX does, where somebody writes vectors and matrices.

    >>> entrywise(Question("kl", "diagonal_normal", "diagonal_normal"))["sigma_2"]
    [Naming(written='\\sigma_{2,i}', power=Fraction(1, 1), is_logarithm=False)]
    """
    return {
        own: [Naming(f"{record.tex}_{{{_law(own)},i}}" if _law(own) else f"{record.tex}_i", Fraction(1, record.power))]
        for own, record in records_of(question).items()
    }


def _usual(record: Parameter, beside: Naming | None, *, tex: bool) -> Naming:
    """Return our own name of a parameter, as a letter where letters are written."""
    letter = record.tex.removeprefix("\\")
    greek = beside is not None and any(c in GREEK for c in beside.written)
    if not (tex or greek):
        return Naming(record.name, is_logarithm=record.logarithm)
    return Naming(record.tex if tex else _LETTERS.get(letter, letter), Fraction(1, record.power))


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

"""What a document says beside its formulas: which laws, under which conditions, and what was proved and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction as Rational
from typing import TypeAlias

from kl_symbolic.divergences import find_quantity
from kl_symbolic.functions import find_function
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.parameters import records_by_law
from kl_symbolic.proof.special import Special
from kl_symbolic.proof.statement import Laws
from kl_symbolic.proof.where import read_condition
from kl_symbolic.render import captions
from kl_symbolic.render.layout import EQUALS, Layout, Mark, number, row
from kl_symbolic.render.printer import Printer
from kl_symbolic.terms import COORDINATE, DIMENSION, Array, Namespace, Number, Symbol, Term, parts, term

FORMULAS = Namespace()
ABOVE, BELOW, AT_MOST = (Mark(sign, "operator") for sign in (">", "<", r"\le"))


@dataclass(frozen=True)
class Math:
    """A formula within a sentence."""

    layout: Layout


@dataclass(frozen=True)
class Reference:
    """A link to another part: its name, its number in words, its title, and its label; None if it is not shown."""

    name: str
    words: str
    title: str
    label: str | None


Fragment: TypeAlias = str | Math | Reference
Sentence: TypeAlias = tuple[Fragment, ...]


@dataclass(frozen=True)
class Certificate:
    """What was proved and what agreed, in plain data."""

    steps: int
    lemmas: int
    axioms: tuple[str, ...]
    computed: tuple[str, ...] = ()
    positive: tuple[Term, ...] = ()
    units: tuple[Term, ...] = ()
    bounds: tuple[tuple[Term, Term], ...] = ()
    coordinates: tuple[Term, ...] = ()
    integrals: int = 0
    interchanges: int = 0
    agreement: tuple[str, ...] = ()


def values(special: Special, printer: Printer) -> list[Layout]:
    """Return what parameters of a special case are equal to."""
    return [row(printer.expression(one), EQUALS, printer.expression(value)) for one, value in special.values]


def conditions(where: tuple[str, ...], pair: Laws, printer: Printer) -> Iterator[Layout]:
    """Yield the conditions of a question; those on product laws hold for each coordinate."""

    def written(thing: str | Rational) -> Layout:
        if not isinstance(thing, str):
            return printer.expression(Number(thing))
        symbol = Symbol(thing)
        return printer.expression(Array(symbol)[COORDINATE] if pair.p.head == "ProductLaw" else symbol)

    for name, sign, other in map(read_condition, where):
        yield row(written(name), EQUALS if sign == "=" else ABOVE, written(other))


def listed(relations: list[Layout]) -> Sentence:
    """Return formulas with commas between them."""
    return tuple(part for k, one in enumerate(relations) for part in (", " if k else "", Math(one)) if part)


def setting(derivation: Derivation, pair: Laws, printer: Printer) -> tuple[Sentence, ...]:
    """Return which laws a derivation speaks of, and the unit."""
    question = derivation.question
    sentences: list[Sentence] = []
    records = records_by_law(question)
    for place, (letter, name, law) in enumerate((("P", question.p, pair.p), ("Q", question.q, pair.q)), start=1):
        if name is None or law is None:
            continue
        words: list[Fragment] = [Math(printer.notation.law(letter)), ": "]
        if law.head == "ProductLaw":
            i, size = printer.expression(law.args[1]), printer.expression(law.args[2])
            words += [Math(size), " independent coordinates, the ", Math(i), "-th with the "]
        words.append(captions.law_in_words(name))
        for count, (ours, record) in enumerate(records.get(place, {}).items()):
            symbol = Array(Symbol(ours))[COORDINATE] if law.head == "ProductLaw" else Symbol(ours)
            words += [" with " if count == 0 else " and ", f"{record.meaning} ", Math(printer.expression(symbol))]
        sentences.append(tuple(words))
    if find_quantity(question.quantity).bits:
        logarithm = printer.notation.log
        sentences.append((f"Unit: {question.unit}; {logarithm} is the natural logarithm.",))
    return tuple(sentences)


def meanings_of_functions(terms: Iterable[Term], printer: Printer) -> tuple[Sentence, ...]:
    """Return what the functions in some terms stand for that are abbreviations."""
    heads = dict.fromkeys(part.head for one in terms for part in parts(one))
    records = [record for head in heads if (record := find_function(head)) is not None]
    said = []
    for record in records:
        if record.definition:
            x = [Symbol(name, domain) for name, domain in zip("xabc", record.domains, strict=False)]
            said.append(printer.equation(Term(record.name, *x), term(record.definition(FORMULAS, *x))))
    return (("Here ", *listed(said), "."),) if said else ()


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def what_was_proved(certificate: Certificate, printer: Printer) -> tuple[Sentence, ...]:
    """Return what was proved, what it leans on, and what the numbers say."""
    lemmas = f", {_counted(certificate.lemmas, 'lemma')} included" if certificate.lemmas else ""
    proved = f"Proved: {_counted(certificate.steps, 'step')}{lemmas}, each by the kernel."
    sentences: list[Sentence] = [(proved,), (f"Axioms: {'; '.join(certificate.axioms)}.",)]
    domains = [row(printer.expression(symbol), ABOVE, number(0)) for symbol in certificate.positive]
    domains += [row(number(0), BELOW, printer.expression(s), BELOW, number(1)) for s in certificate.units]
    domains += [row(printer.expression(one), ABOVE, printer.expression(low)) for one, low in certificate.bounds]
    size = printer.expression(DIMENSION)
    domains += [row(number(1), AT_MOST, printer.expression(j), AT_MOST, size) for j in certificate.coordinates]
    conditions: list[Fragment] = []
    for domain in domains:
        conditions += [", " if conditions else "", Math(domain)]
    for count, one, more in (
        (certificate.integrals, "integral converges absolutely", "integrals converge absolutely"),
        (certificate.interchanges, "derivative moves through an integral", "derivatives move through integrals"),
    ):
        if count:
            conditions += ["; " if conditions else "", f"{count} {one if count == 1 else more}"]
    if conditions:
        sentences.append(("Conditions: ", *(c for c in conditions if c), "."))
    computed = ", ".join(certificate.computed) or "nothing; every value is proved"
    sentences.append((f"Computed, not proved: {computed}.",))
    sentences += [(f"Cross-check: {words}",) for words in certificate.agreement]
    return tuple(sentences)

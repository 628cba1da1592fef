"""A derivation as a document: parts, numbered stages, and for each stage its rule and what it cites.

Writers turn a document into text, LaTeX, Markdown or HTML. Nothing here computes mathematics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sympy import Basic

from kl_symbolic.families import find
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.language import ProductLaw
from kl_symbolic.proof.statement import DIMENSION, Laws, family_of, laws, variable
from kl_symbolic.render import captions
from kl_symbolic.render.layout import EQUALS, Layout, Mark, number, row
from kl_symbolic.render.notation import Notation
from kl_symbolic.render.printer import Printer

ABOVE, AT_MOST = Mark(">", "operator"), Mark(r"\le", "operator")


@dataclass(frozen=True)
class Math:
    """A formula within a sentence."""

    layout: Layout


@dataclass(frozen=True)
class Reference:
    """A link to another part: its name, its number in words, and its title for where there is nothing to link to."""

    name: str
    words: str
    title: str


Fragment: TypeAlias = str | Math | Reference
Sentence: TypeAlias = tuple[Fragment, ...]


@dataclass(frozen=True)
class Stage:
    """One line of a derivation: the rule, what it says and cites, and the new right-hand side.

    `terms` are the terms of that side with their signs, so that a writer can break a long line between them.
    """

    number: int
    rule: str
    words: Sentence
    terms: tuple[tuple[bool, Layout], ...]


@dataclass(frozen=True)
class Part:
    """A derivation within a document: the theorem itself, or a lemma by its number."""

    number: int
    name: str
    title: str
    setting: tuple[Sentence, ...]
    left: Layout
    right: Layout
    stages: tuple[Stage, ...]
    folded: bool = False


@dataclass(frozen=True)
class Certificate:
    """What was proved and what agreed, in plain data."""

    steps: int
    lemmas: int
    axioms: tuple[str, ...]
    computed: tuple[str, ...] = ()
    positive: tuple[Basic, ...] = ()
    coordinates: tuple[Basic, ...] = ()
    integrals: int = 0
    interchanges: int = 0
    agreement: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """The theorem, its lemmas in the order in which they are proved, and what was proved and checked."""

    theorem: Part
    lemmas: tuple[Part, ...]
    certificate: tuple[Sentence, ...]


def document(
    derivation: Derivation,
    notation: Notation | None = None,
    *,
    certificate: Certificate | None = None,
    stages: frozenset[int] | None = None,
    fold: bool = False,
) -> Document:
    """Lay a derivation out.

    Parameters
    ----------
    derivation
        What to show.
    notation
        How symbols are written.
    certificate
        What was proved and checked; None leaves the closing block out.
    stages
        Numbers of the stages to show; None shows all. With a selection only the statements of the lemmas that these
        stages cite are shown.
    fold
        Show only the statements of the lemmas.
    """
    notation = notation or Notation()
    *lemmas, _ = derivation.with_lemmas()
    chosen = stages if stages is not None else frozenset(range(1, len(derivation.steps) + 1))
    cited = {c.name for k, step in enumerate(derivation.steps, start=1) if k in chosen for c in step.cites}
    folded = fold or stages is not None
    return Document(
        _part(derivation, notation, derivation, 0, chosen),
        tuple(
            _part(lemma, notation, derivation, number, folded=folded)
            for number, lemma in enumerate(lemmas, start=1)
            if stages is None or lemma.name in cited
        ),
        _closing(certificate, Printer(notation, laws(derivation.claim))) if certificate else (),
    )


def _part(
    derivation: Derivation,
    notation: Notation,
    outermost: Derivation,
    number: int,
    chosen: frozenset[int] | None = None,
    *,
    folded: bool = False,
) -> Part:
    claim = derivation.claim
    pair = laws(claim)
    printer = Printer(notation, pair)
    literal = Printer(notation, pair, literal=True)
    shown = [
        Stage(
            k,
            captions.RULES[step.rule][0],
            _words(step, derivation, outermost, literal),
            tuple(printer.terms(step.after)),
        )
        for k, step in enumerate(derivation.steps, start=1)
        if chosen is None or k in chosen
    ]
    left, right = (printer.expression(side) for side in derivation.statement)
    setting = _setting(derivation, pair, printer)
    return Part(number, derivation.name, captions.title(claim), setting, left, right, tuple(shown), folded)


def _words(step: Step, derivation: Derivation, outermost: Derivation, printer: Printer) -> Sentence:
    support = family_of(laws(derivation.claim).p).support
    sentence = captions.RULES[step.rule][1]
    words: list[Fragment] = [sentence.format(integral="sum" if support.discrete else "integral", x=variable(support))]
    for count, citation in enumerate(step.cites):
        words += [" " if count == 0 else " and ", *_cited(citation, outermost, printer)]
    return tuple(words)


def _cited(citation: Citation, outermost: Derivation, printer: Printer) -> Sentence:
    lemmas = list(outermost.with_lemmas())
    number, lemma = next((k, part) for k, part in enumerate(lemmas, start=1) if part.name == citation.name)
    values: list[Fragment] = []
    for parameter, value in citation.substitution:
        if parameter != value:
            pair = row(printer.expression(parameter), EQUALS, printer.expression(value))
            values += [", " if values else " with ", Math(pair)]
    return (Reference(lemma.name, f"Lemma {number}", captions.title(lemma.claim)), *values)


def _setting(derivation: Derivation, pair: Laws, printer: Printer) -> tuple[Sentence, ...]:
    claim = derivation.claim
    sentences: list[Sentence] = []
    remaining = list(pair.parameters)
    for letter, name, law in (("P", claim.p, pair.p), ("Q", claim.q, pair.q)):
        if name is None or law is None:
            continue
        meanings = captions.parameter_meanings(find(name), claim.param)
        mine, remaining = remaining[: len(meanings)], remaining[len(meanings) :]
        words: list[Fragment] = [Math(Mark(letter)), ": "]
        if isinstance(law, ProductLaw):
            i, size = printer.expression(law.args[1]), printer.expression(law.args[2])
            words += [Math(size), " independent coordinates, the ", Math(i), "-th with the "]
        words.append(captions.law_in_words(name))
        for count, (meaning, symbol) in enumerate(zip(meanings, mine, strict=True)):
            words += [" with " if count == 0 else " and ", f"{meaning} ", Math(printer.expression(symbol))]
        sentences.append(tuple(words))
    if claim.quantity not in ("moment", "score"):
        logarithm = printer.notation.logarithm
        sentences.append((f"Unit: {claim.unit}; {logarithm} is the natural logarithm.",))
    return tuple(sentences)


def _closing(certificate: Certificate, printer: Printer) -> tuple[Sentence, ...]:
    lemmas = f", {certificate.lemmas} lemmas included" if certificate.lemmas else ""
    sentences: list[Sentence] = [(f"Proved: {certificate.steps} steps{lemmas}, each by the kernel.",)]
    sentences.append((f"Axioms: {'; '.join(certificate.axioms)}.",))
    domains = [row(printer.expression(symbol), ABOVE, number(0)) for symbol in certificate.positive]
    domains += [
        row(number(1), AT_MOST, printer.expression(index), AT_MOST, printer.expression(DIMENSION))
        for index in certificate.coordinates
    ]
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

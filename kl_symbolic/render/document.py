"""A derivation as a document: parts, numbered stages, and for each stage its rule and what it cites.

Writers turn a document into text, LaTeX, Markdown or HTML. Nothing here computes mathematics.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from kl_symbolic.options import Lemmas, label
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.special import Special
from kl_symbolic.proof.statement import laws
from kl_symbolic.proof.supports import family_of, variable
from kl_symbolic.render import captions, sentences
from kl_symbolic.render.layout import EQUALS, Layout, row
from kl_symbolic.render.notation import Notation
from kl_symbolic.render.printer import Printer
from kl_symbolic.render.sentences import Certificate, Fragment, Math, Reference, Sentence
from kl_symbolic.terms import parts_with

Terms: TypeAlias = tuple[tuple[bool, Layout], ...]  # of a sum: whether each is negative, and its absolute value


@dataclass(frozen=True)
class Stage:
    """One line of a derivation: the rule, what it says and cites, and the new right-hand side.

    `terms` are the terms of that side with their signs, so that a writer can break a long line between them.
    """

    number: int
    rule: str
    words: Sentence
    terms: Terms


@dataclass(frozen=True)
class Part:
    """A derivation within a document: the theorem itself, or a lemma by its number.

    The labels of its equations begin with `label`; `where` says which values parameters have.
    """

    number: int
    name: str
    label: str
    title: str
    setting: tuple[Sentence, ...]
    left: Layout
    right: Layout
    terms: Terms
    stages: tuple[Stage, ...]
    folded: bool = False
    where: Sentence = ()


@dataclass(frozen=True)
class Document:
    """The theorem, its lemmas in the order in which they are proved, and what was proved and checked.

    A `macro` is the author's own name of the divergence, which LaTeX has to know.
    LaTeX and Markdown put the stages of an `aligned` document into one formula, with their equals signs in one column.
    """

    theorem: Part
    lemmas: tuple[Part, ...]
    certificate: tuple[Sentence, ...]
    aligned: bool
    macro: str | None


def document(
    derivation: Derivation,
    notation: Notation | None = None,
    *,
    certificate: Certificate | None = None,
    stages: frozenset[int] | None = None,
    lemmas: Lemmas | None = None,
    prefix: str | None = None,
    special: Special | None = None,
    aligned: bool = False,
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
        Numbers of the stages to show; None shows all.
    lemmas
        Show the lemmas with their proofs (``"full"``), only their statements (``"fold"``), or name them where they are
        cited (``"name"``). By default the first; with a selection of stages the second, of those that they cite.
    prefix
        Of all labels; by default it is made of the name of the derivation.
    special
        Values in place of parameters; they are one stage more.
    aligned
        Whether LaTeX and Markdown align the stages.
    """
    parts = list(derivation.with_lemmas())
    chosen = stages if stages is not None else frozenset(range(1, len(derivation.steps) + 2))
    cited = {c.name for k, step in enumerate(derivation.steps, start=1) if k in chosen for c in step.cites}
    how = lemmas or ("full" if stages is None else "fold")
    if how == "name":
        shown = set[str]()
    elif stages is None:
        shown = {part.name for part in parts[:-1]}
    else:
        shown = {p.name for q in parts if q.name in cited for p in (q.with_lemmas() if how == "full" else [q])}
    numbers = {part.name: number for number, part in enumerate(parts, start=1)}
    prefix = prefix or label(derivation.name)
    labels = {name: f"{prefix}-lemma-{numbers[name]}" for name in shown} | {derivation.name: prefix}
    made = _Parts(notation or Notation(), numbers, labels)
    return Document(
        made.part(derivation, chosen, special=special),
        tuple(made.part(part, folded=how == "fold") for part in parts if part.name in shown),
        sentences.what_was_proved(certificate, Printer(made.notation, laws(derivation.question)))
        if certificate
        else (),
        aligned,
        made.notation.macro,
    )


@dataclass(frozen=True)
class _Parts:
    """Makes the parts of one document: the notation, and by name the numbers of all, and the labels of those shown."""

    notation: Notation
    numbers: Mapping[str, int]
    labels: Mapping[str, str]

    def part(
        self,
        derivation: Derivation,
        chosen: frozenset[int] | None = None,
        *,
        special: Special | None = None,
        folded: bool = False,
    ) -> Part:
        """Return a derivation with all stages, or those that are chosen."""
        name, question = derivation.name, derivation.question
        pair = laws(question)
        printer, literal = Printer(self.notation, pair), Printer(self.notation, pair, literal=True)
        shown = [
            Stage(
                k,
                captions.RULES[step.rule][0],
                self._words(step, derivation, literal),
                tuple(printer.terms(step.after)),
            )
            for k, step in enumerate(derivation.steps, start=1)
            if chosen is None or k in chosen
        ]
        left, right = derivation.statement
        setting, title = sentences.setting(derivation, pair, printer), captions.title(question)
        relations = list(sentences.conditions(question.where, pair, printer))
        if special is not None:
            right, values, count = (
                special.right,
                sentences.listed(sentences.values(special, printer)),
                len(derivation.steps) + 1,
            )
            relations += sentences.values(special, printer)
            title = f"{title}, a special case"
            if chosen is None or count in chosen:
                insert = ("insert ", *values, "; combine the terms")
                shown.append(Stage(count, "Special case", insert, tuple(printer.terms(right))))
        where: Sentence = ("where ", *sentences.listed(relations)) if relations else ()
        setting = (*setting, (*where, ".")) if where else setting
        setting += sentences.meanings_of_functions([right, *(step.after for step in derivation.steps)], printer)
        return Part(
            self.numbers[name],
            name,
            self.labels[name],
            title,
            setting,
            printer.expression(left),
            printer.expression(right),
            tuple(printer.terms(right)),
            tuple(shown),
            folded,
            where,
        )

    def _words(self, step: Step, derivation: Derivation, printer: Printer) -> Sentence:
        support = family_of(laws(derivation.question).p).support
        integrals = parts_with(step.before, "Integral")
        expected = bool(integrals) and all(printer.expectation_under(i) is not None for i in integrals)
        stands: dict[str, Fragment] = {
            "integral": "expectation" if expected else "sum" if support.discrete else "integral",
            "x": Math(printer.expression(variable(support))),
            "p": Math(printer.notation.density("P")),
        }
        for letter, law in zip("pq", laws(derivation.question)[:2], strict=True):
            if law is not None:
                stands[f"{letter}_space"] = Math(printer.space(law))
        # Every other one is the name of what stands there.
        pieces = re.split(r"\{(\w+)\}", captions.RULES[step.rule][1])
        words = [stands[piece] if k % 2 else piece for k, piece in enumerate(pieces)]
        for count, citation in enumerate(step.cites):
            words += [" " if count == 0 else " and ", *self._cited(citation, derivation, printer)]
        return tuple(words)

    def _cited(self, citation: Citation, derivation: Derivation, printer: Printer) -> Sentence:
        lemma = next(part for part in derivation.with_lemmas() if part.name == citation.name)
        values: list[Fragment] = []
        for parameter, value in citation.substitution:
            left, right = printer.expression(parameter), printer.expression(value)
            if left != right:  # a symbol and the same one with a bound look alike
                values += [", " if values else " with ", Math(row(left, EQUALS, right))]
        words = f"Lemma {self.numbers[lemma.name]}"
        return (Reference(lemma.name, words, captions.title(lemma.question), self.labels.get(lemma.name)), *values)

"""Documents as Unicode text, for a terminal."""

from __future__ import annotations

from typing import NamedTuple

from kl_symbolic.render.document import Document, Part
from kl_symbolic.render.layout import EQUALS, MINUS, PLUS, Layout, row
from kl_symbolic.render.sentences import Math, Reference, Sentence
from kl_symbolic.render.text import text

INDENT = "    "


class Line(NamedTuple):
    """A line and what it is, so that a terminal can colour it: title, heading, rule, formula, result, note."""

    kind: str
    text: str


def lines(document: Document) -> list[Line]:
    """Return a document line by line."""
    theorem = document.theorem
    out = [Line("title", theorem.title), Line("rule", "=" * len(theorem.title))]
    out.append(Line("result", INDENT + text(row(theorem.left, EQUALS, theorem.right))))
    out.append(Line("note", ""))
    out += [Line("note", _plain(sentence)) for sentence in theorem.setting]
    for lemma in document.lemmas:
        out += [Line("note", ""), Line("heading", f"Lemma {lemma.number}. {lemma.title}")]
        out += [Line("note", INDENT + _plain(sentence)) for sentence in lemma.setting if not _is_unit(sentence)]
        if lemma.folded:
            out.append(Line("formula", INDENT + text(row(lemma.left, EQUALS, lemma.right))))
        else:
            out += _chain(lemma)
    out += [Line("note", ""), Line("heading", f"Theorem. {theorem.title}"), *_chain(theorem)]
    if document.certificate:
        out += [Line("note", ""), *(Line("certificate", _plain(sentence)) for sentence in document.certificate)]
    return out


def _is_unit(sentence: Sentence) -> bool:
    """Whether a sentence says nothing but the unit, which a lemma shares with its theorem."""
    return isinstance(sentence[0], str) and sentence[0].startswith("Unit")


def plain(document: Document) -> str:
    """Return a document as one text."""
    return "\n".join(line.text.rstrip() for line in lines(document)) + "\n"


def one_line(document: Document) -> str:
    """Return the statement alone, with the values that parameters have."""
    theorem = document.theorem
    where = f", {_plain(theorem.where)}" if theorem.where else ""
    return text(row(theorem.left, EQUALS, theorem.right)) + where


def _chain(part: Part) -> list[Line]:
    out = [Line("formula", INDENT + text(part.left))]
    for stage in part.stages:
        out.append(Line("rule", f"{stage.number:>3} {stage.rule}: {_plain(stage.words)}"))
        out.append(Line("formula", f"{INDENT}= {text(joined(stage.terms))}"))
    return out


def joined(terms: tuple[tuple[bool, Layout], ...]) -> Layout:
    """Put the terms of a sum side by side."""
    parts: list[Layout] = []
    for negative, term in terms:
        parts += [MINUS] if negative else [PLUS] if parts else []
        parts.append(term)
    return row(*parts)


def _plain(sentence: Sentence) -> str:
    words = ""
    for fragment in sentence:
        if isinstance(fragment, Math):
            words += text(fragment.layout)
        elif isinstance(fragment, Reference):
            words += fragment.words if fragment.label else fragment.title
        else:
            words += fragment
    return words

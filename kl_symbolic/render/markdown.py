"""Documents as Markdown, with ``$$`` or in the form that GitHub typesets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from kl_symbolic.render.document import Document, Part
from kl_symbolic.render.latex import latex
from kl_symbolic.render.sentences import Math, Reference, Sentence
from kl_symbolic.render.tex import aligned, rows, stage_lines


class Dialect(NamedTuple):
    """How a dialect of Markdown writes formulas."""

    inline: Callable[[str], str]
    display: Callable[[str], str]


MARKDOWN = Dialect(lambda tex: f"${tex}$", lambda tex: f"$$\n{tex}\n$$")
# GitHub reads Markdown before mathematics, and backslashes are lost between $$.
GITHUB = Dialect(lambda tex: f"$`{tex}`$", lambda tex: f"```math\n{tex}\n```")


def markdown(document: Document, dialect: Dialect = MARKDOWN) -> str:
    """Return a document as Markdown."""
    theorem = document.theorem
    out = [f"# {_escape(theorem.title)}", _statement(theorem, dialect)]
    out += _setting(theorem, dialect)
    for lemma in document.lemmas:
        anchor = f'<a id="{lemma.label}"></a>'
        out += [f"## {anchor}Lemma {lemma.number}. {_escape(lemma.title)}", *_setting(lemma, dialect)]
        if lemma.folded:
            out.append(_statement(lemma, dialect))
        else:
            out += _chain(lemma, document, dialect)
    out += ["## Proof", *_chain(theorem, document, dialect)]
    if document.certificate:
        out += ["## What was checked", "\n".join(f"- {_sentence(s, dialect)}" for s in document.certificate)]
    return "\n\n".join(out) + "\n"


def _statement(part: Part, dialect: Dialect) -> str:
    return dialect.display(aligned(rows(latex(part.left), part.terms)))


def _setting(part: Part, dialect: Dialect) -> list[str]:
    return ["\n".join(f"- {_sentence(s, dialect)}" for s in part.setting)]


def _chain(part: Part, document: Document, dialect: Dialect) -> list[str]:
    reasons = [
        f"**{stage.number}. {_escape(stage.rule)}**: {_sentence(stage.words, dialect)}." for stage in part.stages
    ]
    if document.aligned and part.stages:
        return [dialect.display(aligned([line for lines in stage_lines(part) for line in lines])), *reasons]
    out = []
    for reason, stage in zip(reasons, part.stages, strict=True):
        out += [
            reason,
            dialect.display(aligned(rows(latex(part.left) if stage is part.stages[0] else "", stage.terms))),
        ]
    return out


def _sentence(sentence: Sentence, dialect: Dialect) -> str:
    words = ""
    for part in sentence:
        if isinstance(part, Math):
            words += dialect.inline(latex(part.layout))
        elif isinstance(part, Reference):
            words += f"[{_escape(part.words)}](#{part.label})" if part.label else f"*{_escape(part.title)}*"
        else:
            words += _escape(part)
    return words


def _escape(words: str) -> str:
    return re.sub(r"[\\`*_{}\[\]<>&#|$~]", r"\\\g<0>", words)

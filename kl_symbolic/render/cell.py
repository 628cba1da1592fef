"""Documents as the output of a notebook's cell: HTML with MathML that fits into any page, light or dark.

It brings no style sheet, class, id or link, which could meet those of the page or of another output: what style it
needs stands at its elements, and a stage cites a lemma by the number under which it is folded above.
"""

from __future__ import annotations

from html import escape

from kl_symbolic.render.document import Document, Part
from kl_symbolic.render.html import equation, sentence
from kl_symbolic.render.latex import latex
from kl_symbolic.render.layout import EQUALS, Layout, row
from kl_symbolic.render.mathml import mathml
from kl_symbolic.render.plain import one_line
from kl_symbolic.render.sentences import Sentence

# JupyterLab takes MathML, but not its letters, out of the outputs of a notebook that is not trusted: fractions would
# read as numbers. It also takes out what it does not know in a style, so that nothing of it is displayed, and the tags
# of a template, which nobody else displays.
TRUSTED = "display:none;display:revert"
WIDE = "overflow-x:auto;overflow-y:hidden"  # scrolls
SCROLL = f"{WIDE};padding:.35em 0"
STATEMENT = f"{SCROLL};padding-left:1em;margin:.6em 0;border-left:4px solid #4a7"
PROOF = "margin:1em 0 0"
LEMMA = "padding-left:1em;margin:.4em 0 1em;border-left:1px solid #8888"


def cell(document: Document) -> str:
    """Return a document as HTML for the output of a cell."""
    theorem = document.theorem
    plain = f"{one_line(document)} (the derivation is shown when the notebook is trusted)"
    body = [f"<p><strong>{escape(theorem.title)}</strong></p>", _statement(theorem), _listed(theorem.setting)]
    for lemma in document.lemmas:
        title = f"Lemma {lemma.number}. {escape(lemma.title)}"
        inside = "".join([_statement(lemma), _listed(lemma.setting), *([] if lemma.folded else _chain(lemma))])
        body.append(f'<details><summary>{title}</summary><div style="{LEMMA}">{inside}</div></details>')
    body += [*([f'<p style="{PROOF}"><strong>Proof</strong></p>'] if document.lemmas else []), *_chain(theorem)]
    if document.certificate:
        body.append(_listed(document.certificate))
    return f'<template><p>{escape(plain)}</p></template>\n<div style="{TRUSTED}">\n' + "\n".join(body) + "\n</div>\n"


def _statement(part: Part) -> str:
    return _formula(row(part.left, EQUALS, part.right), STATEMENT)


def _listed(sentences: tuple[Sentence, ...]) -> str:
    items = (f'<li><div style="{WIDE}">{sentence(s, linked=False)}</div></li>' for s in sentences)
    return f"<ul>{''.join(items)}</ul>"


def _chain(part: Part) -> list[str]:
    out = []
    for stage in part.stages:
        words = f"<strong>{stage.number}. {escape(stage.rule)}</strong>: {sentence(stage.words, linked=False)}."
        out.append(f'<p style="margin:.8em 0 0">{words}</p>{_formula(equation(part, stage), SCROLL)}')
    return out


def _formula(layout: Layout, style: str) -> str:
    return f'<div style="{style}">{mathml(layout, alternative=latex(layout))}</div>'

"""Documents as one stand-alone HTML page: MathML, no script, nothing fetched from anywhere."""

from __future__ import annotations

from html import escape

from kl_symbolic.render.document import Document, Part, Stage
from kl_symbolic.render.latex import latex
from kl_symbolic.render.layout import EQUALS, Layout, row
from kl_symbolic.render.mathml import mathml
from kl_symbolic.render.plain import joined
from kl_symbolic.render.sentences import Math, Reference, Sentence

STYLE = """
:root { color-scheme: light dark; }
body { font: 17px/1.55 Charter, Georgia, serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
.stage { margin: .9rem 0; } .stage p { margin: 0; } .rule { font-weight: bold; }
.formula, .setting div { overflow-x: auto; overflow-y: hidden; } .formula { padding: .35rem 0; }
.statement { border-left: 4px solid #4a7; padding-left: 1rem; } .setting { margin: .3rem 0; padding-left: 1.2rem; }
.certificate { border: 1px solid #8888; border-radius: .5rem; padding: .6rem 1rem .6rem 2rem; margin-top: 2rem; }
math { font-size: 1.08em; }
"""


def html(document: Document) -> str:
    """Return a document as a stand-alone page."""
    theorem = document.theorem
    body = [f"<h1>{escape(theorem.title)}</h1>", _statement(theorem), _setting(theorem)]
    for lemma in document.lemmas:
        body += [f'<h2 id="{lemma.label}">Lemma {lemma.number}. {escape(lemma.title)}</h2>', _setting(lemma)]
        body += [_statement(lemma)] if lemma.folded else _chain(lemma)
    body += ["<h2>Proof</h2>", *_chain(theorem)]
    if document.certificate:
        items = "".join(f"<li>{sentence(s)}</li>" for s in document.certificate)
        body += ["<h2>What was checked</h2>", f'<ul class="certificate">{items}</ul>']
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(theorem.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _statement(part: Part) -> str:
    return f'<div class="statement">{_formula(row(part.left, EQUALS, part.right))}</div>'


def _setting(part: Part) -> str:
    return '<ul class="setting">' + "".join(f"<li><div>{sentence(s)}</div></li>" for s in part.setting) + "</ul>"


def _chain(part: Part) -> list[str]:
    out = []
    for stage in part.stages:
        formula = _formula(equation(part, stage))
        words = f'<p><span class="rule">{stage.number}. {escape(stage.rule)}</span>: {sentence(stage.words)}.</p>'
        out.append(f'<div class="stage" id="{part.label}-{stage.number}">{words}{formula}</div>')
    return out


def _formula(layout: Layout) -> str:
    return f'<div class="formula">{mathml(layout, alternative=latex(layout))}</div>'


def equation(part: Part, stage: Stage) -> Layout:
    """Return what a stage shows: left = right, the left side at the first stage that is shown only."""
    right = row(EQUALS, joined(stage.terms))
    return row(part.left, right) if stage is part.stages[0] else right


def sentence(fragments: Sentence, *, linked: bool = True) -> str:
    """Return a sentence; where its references are not linked they are words."""
    words = ""
    for part in fragments:
        if isinstance(part, Math):
            words += mathml(part.layout, display=False)
        elif isinstance(part, Reference):
            if part.label is None:
                words += f"<em>{escape(part.title)}</em>"
            else:
                words += f'<a href="#{part.label}">{escape(part.words)}</a>' if linked else escape(part.words)
        else:
            words += escape(part)
    return words

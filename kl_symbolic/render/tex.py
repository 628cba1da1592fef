"""Documents as LaTeX: a fragment to paste, or a complete article."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kl_symbolic.render.document import Document, Math, Part, Reference, Sentence, Stage
from kl_symbolic.render.latex import latex
from kl_symbolic.render.layout import EQUALS, MINUS, PLUS, Layout, row
from kl_symbolic.render.text import text

# A line of the article holds about this many characters of plain text; longer ones are broken between terms.
LINE = 78
SPECIAL = {c: rf"\{c}" for c in "_&%#${}"} | {
    "‖": r"$\|$", "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": "$<$", ">": "$>$",
}  # fmt: skip

PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[a4paper,margin=2cm]{geometry}
\usepackage{amsmath,amssymb,amsthm}
\usepackage[hidelinks]{hyperref}
\newtheorem{theorem}{Theorem}
\newtheorem{lemma}{Lemma}
\allowdisplaybreaks
"""


def fragment(document: Document) -> str:
    """Return LaTeX to paste into a document that loads amsmath and amssymb: the theorem and its stages."""
    theorem = document.theorem
    setting = "\\\\\n".join(_sentence(s) for s in theorem.setting)
    body = [setting, _display(theorem, theorem.right), *_chain(theorem, linked=False)]
    return "\n".join(body) + "\n"


def article(document: Document) -> str:
    """Return a complete article: the theorem, its lemmas with their proofs, the proof, and what was checked."""
    theorem = document.theorem
    parts = [
        PREAMBLE,
        rf"\title{{{_escape(theorem.title)}}}",
        r"\author{}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
    ]
    parts += _environment("theorem", theorem)
    if document.lemmas:
        parts.append(r"\section*{Lemmas}")
    for lemma in document.lemmas:
        parts += [
            rf"\setcounter{{lemma}}{{{lemma.number - 1}}}",
            *_environment("lemma", lemma),
            *([] if lemma.folded else _proof(lemma)),
        ]
    parts += [r"\section*{Proof of the theorem}", *_proof(theorem)]
    if document.certificate:
        parts += [r"\section*{What was checked}", r"\begin{itemize}"]
        parts += [rf"\item {_sentence(s)}" for s in document.certificate]
        parts.append(r"\end{itemize}")
    return "\n".join([*parts, r"\end{document}"]) + "\n"


def display(document: Document) -> str:
    """Return the statement alone between ``$$``, for notebooks."""
    theorem = document.theorem
    return f"$$\n{latex(row(theorem.left, EQUALS, theorem.right))}\n$$"


def label(name: str) -> str:
    """Return the label of a part: ``kl(normal, normal)`` -> ``kl-normal-normal``.

    >>> label("kl(normal, normal)")
    'kl-normal-normal'
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")


def _environment(kind: str, part: Part) -> list[str]:
    setting = r"\\ ".join(_sentence(s) for s in part.setting)
    start = rf"\begin{{{kind}}}[{_escape(part.title)}]\label{{{label(part.name)}}}"
    return [start, setting, _display(part, part.right), rf"\end{{{kind}}}"]


def _proof(part: Part) -> list[str]:
    return [r"\begin{proof}", *_chain(part), r"\end{proof}"]


def _display(part: Part, right: Layout) -> str:
    return _equation(label(part.name) + "-statement", latex(row(part.left, EQUALS, right)))


def _chain(part: Part, *, linked: bool = True) -> list[str]:
    """Return for each stage a sentence about its rule and its equation; the first one shows the left side."""
    out = []
    for stage in part.stages:
        out.append(rf"\textit{{{_escape(stage.rule)}}}: {_sentence(stage.words, linked=linked)}.")
        left = latex(part.left) if stage is part.stages[0] else ""
        out.append(_equation(f"{label(part.name)}-{stage.number}", broken(left, stage)))
    return out


def broken(left: str, stage: Stage) -> str:
    """Write left = terms, with line breaks between terms where a line would be too long."""
    lines = rows(left, stage)
    if len(lines) == 1:
        return lines[0]
    return "\\begin{split}\n" + " \\\\\n".join(lines) + "\n\\end{split}"


def aligned(lines: Sequence[str]) -> str:
    """Return lines in the environment that MathJax and every KaTeX know, also where no equation is around it."""
    if len(lines) == 1:
        return lines[0]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def rows(left: str, stage: Stage) -> list[str]:
    """Write left = terms as the lines of an amsmath ``split``, or as one line if it is short enough."""
    lines, width = [""], 0
    for k, (negative, term) in enumerate(stage.terms):
        sign = latex(MINUS if negative else PLUS)
        size = len(text(term)) + 3
        if k and width + size > LINE:
            lines.append("")
            width = 0
        lines[-1] += (sign if k else sign.strip() if negative else "") + latex(term)
        width += size
    if len(lines) == 1:
        return [f"{left or '{}'} = {lines[0]}"]
    return [f"{left} &= {lines[0]}", *(rf"&\quad{{}}{line}" for line in lines[1:])]


def _equation(name: str, body: str) -> str:
    return f"\\begin{{equation}}\\label{{{name}}}\n{body}\n\\end{{equation}}"


def _sentence(sentence: Sentence, *, linked: bool = True) -> str:
    words = ""
    for part in sentence:
        if isinstance(part, Math):
            words += f"${latex(part.layout)}$"
        elif isinstance(part, Reference):
            link = rf"\hyperref[{label(part.name)}]{{{_escape(part.words)}}}"
            words += link if linked else rf"\emph{{{_escape(part.title)}}}"
        else:
            words += _escape(part)
    return words


def _escape(words: str) -> str:
    return "".join(SPECIAL.get(c, c) for c in words)

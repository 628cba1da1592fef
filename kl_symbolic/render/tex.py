"""Documents as LaTeX: a fragment to paste, or a complete article."""

from __future__ import annotations

from collections.abc import Sequence

from kl_symbolic.render.document import Document, Part, Terms
from kl_symbolic.render.latex import latex
from kl_symbolic.render.layout import EQUALS, MINUS, PLUS, row
from kl_symbolic.render.notation import DIVERGENCE
from kl_symbolic.render.sentences import Math, Reference, Sentence
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
    """Return LaTeX to paste into a document that loads amsmath and amssymb: the theorem, its stages, and the lemmas.

    Lemmas have no numbers there, which would be in the way of those of the document: their equations have. A comment
    names those that are cited and not there.
    """
    theorem = document.theorem
    parts = [_setting(theorem), _display(theorem)]
    for lemma in document.lemmas:
        parts += [rf"\par\medskip\noindent\textbf{{{_escape(lemma.title)}.}}", _setting(lemma), _display(lemma)]
        parts += [] if lemma.folded else _chain(lemma, document, numbered=False)
    parts += [r"\par\medskip\noindent\textbf{Proof.}"] if document.lemmas else []
    parts += _chain(theorem, document, numbered=False)
    pieces = [piece for part in (theorem, *document.lemmas) for stage in part.stages for piece in stage.words]
    absent = dict.fromkeys(p.title for p in pieces if isinstance(p, Reference) and p.label is None)
    if absent:
        titles = "; ".join(absent).replace("‖", "||")
        parts.insert(0, f"% Cited, but not in here: {titles}. The option lemmas puts them here: fold, or full.")
    return "\n".join(parts) + "\n"


def article(document: Document) -> str:
    """Return a complete article: the theorem, its lemmas with their proofs, the proof, and what was checked."""
    theorem = document.theorem
    parts = [
        PREAMBLE,
        *([rf"\providecommand{{{document.macro}}}{{{DIVERGENCE}}}"] if document.macro else []),
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
            *([] if lemma.folded else _proof(lemma, document)),
        ]
    parts += [r"\section*{Proof of the theorem}", *_proof(theorem, document)]
    if document.certificate:
        parts += [r"\section*{What was checked}", r"\begin{itemize}"]
        parts += [rf"\item {_sentence(s)}" for s in document.certificate]
        parts.append(r"\end{itemize}")
    return "\n".join([*parts, r"\end{document}"]) + "\n"


def display(document: Document) -> str:
    """Return the statement alone between ``$$``, for notebooks."""
    theorem = document.theorem
    pairs = ", ".join(latex(part.layout) for part in theorem.where if isinstance(part, Math))
    where = rf" \quad\text{{where }} {pairs}" if pairs else ""
    return f"$$\n{latex(row(theorem.left, EQUALS, theorem.right))}{where}\n$$"


def _environment(kind: str, part: Part) -> list[str]:
    start = rf"\begin{{{kind}}}[{_escape(part.title)}]\label{{{part.label}}}"
    return [start, _setting(part), _display(part), rf"\end{{{kind}}}"]


def _setting(part: Part) -> str:
    return "\\\\\n".join(_sentence(s) for s in part.setting)


def _proof(part: Part, document: Document) -> list[str]:
    return [r"\begin{proof}", *_chain(part, document), r"\end{proof}"]


def _display(part: Part) -> str:
    return _equation(f"{part.label}-statement", broken(latex(part.left), part.terms))


def _chain(part: Part, document: Document, *, numbered: bool = True) -> list[str]:
    """Return for each stage a sentence about its rule and its equation; the first one shows the left side.

    In an aligned document the sentences come after all equations. `numbered` says that lemmas have numbers.
    """
    reasons = [
        rf"\textit{{{_escape(stage.rule)}}}: {_sentence(stage.words, numbered=numbered)}." for stage in part.stages
    ]
    labels = [f"{part.label}-{stage.number}" for stage in part.stages]
    if not document.aligned or not part.stages:
        return [
            line
            for reason, name, stage in zip(reasons, labels, part.stages, strict=True)
            for line in (
                reason,
                _equation(name, broken(latex(part.left) if stage is part.stages[0] else "", stage.terms)),
            )
        ]
    lines = []
    for name, written in zip(labels, stage_lines(part), strict=True):
        lines += [rf"{line} \notag" for line in written[:-1]] + [rf"{written[-1]} \label{{{name}}}"]
    items = [rf"\item[\eqref{{{name}}}] {reason}" for name, reason in zip(labels, reasons, strict=True)]
    return [r"\begin{align}", " \\\\\n".join(lines), r"\end{align}", r"\begin{itemize}", *items, r"\end{itemize}"]


def broken(left: str, terms: Terms) -> str:
    """Write left = terms, with line breaks between terms where a line would be too long."""
    lines = rows(left, terms)
    if len(lines) == 1:
        return lines[0]
    return "\\begin{split}\n" + " \\\\\n".join(lines) + "\n\\end{split}"


def aligned(lines: Sequence[str]) -> str:
    """Return lines in the environment that MathJax and every KaTeX know, also where no equation is around it."""
    if len(lines) == 1 and "&" not in lines[0]:
        return lines[0]
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def rows(left: str, terms: Terms) -> list[str]:
    """Write left = terms as the lines of an amsmath ``split``, or as one line if it is short enough."""
    first, *more = _lines(terms)
    return _continued(f"{left} &= {first}", more) if more else [f"{left or '{}'} = {first}"]


def stage_lines(part: Part) -> list[list[str]]:
    """Write all stages as the lines of an amsmath ``align``, those of each stage apart."""
    left = latex(part.left)
    found = []
    for stage in part.stages:
        first, *more = _lines(stage.terms)
        found.append(_continued(f"{left if stage is part.stages[0] else ''} &= {first}".strip(), more))
    return found


def _continued(first: str, more: list[str]) -> list[str]:
    return [first, *(rf"&\quad{{}}{line}" for line in more)]


def _lines(terms: Terms) -> list[str]:
    """Write the terms of a sum, broken into lines between them where a line would be too long."""
    lines, width = [""], 0
    for k, (negative, term) in enumerate(terms):
        sign = latex(MINUS if negative else PLUS)
        size = len(text(term)) + 3
        if k and width + size > LINE:
            lines.append("")
            width = 0
        lines[-1] += (sign if k else sign.strip() if negative else "") + latex(term)
        width += size
    return lines


def _equation(name: str, body: str) -> str:
    return f"\\begin{{equation}}\\label{{{name}}}\n{body}\n\\end{{equation}}"


def _sentence(sentence: Sentence, *, numbered: bool = True) -> str:
    return "".join(
        f"${latex(part.layout)}$"
        if isinstance(part, Math)
        else _reference(part, numbered=numbered)
        if isinstance(part, Reference)
        else _escape(part)
        for part in sentence
    )


def _reference(reference: Reference, *, numbered: bool) -> str:
    """Refer to a lemma by its number, or by its title and the number of its equation, or by its title alone."""
    title = rf"\emph{{{_escape(reference.title)}}}"
    if reference.label is None:
        return title
    if numbered:
        return rf"\hyperref[{reference.label}]{{{_escape(reference.words)}}}"
    return rf"{title} \eqref{{{reference.label}-statement}}"


def _escape(words: str) -> str:
    return "".join(SPECIAL.get(c, c) for c in words)

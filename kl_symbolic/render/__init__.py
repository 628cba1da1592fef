"""Renderers: derivations as text, LaTeX, Markdown, HTML and PDF. They compute no mathematics."""

from kl_symbolic.render.cell import cell
from kl_symbolic.render.document import Certificate, Document, Math, Part, Reference, Sentence, Stage, document
from kl_symbolic.render.html import html
from kl_symbolic.render.latex import latex
from kl_symbolic.render.markdown import GITHUB, MARKDOWN, markdown
from kl_symbolic.render.mathml import mathml
from kl_symbolic.render.notation import Notation, parse_stages, parse_symbols
from kl_symbolic.render.pdf import pdf
from kl_symbolic.render.plain import joined, lines, one_line, plain
from kl_symbolic.render.tex import aligned, article, display, fragment, label, rows
from kl_symbolic.render.text import text

__all__ = [
    "GITHUB",
    "MARKDOWN",
    "Certificate",
    "Document",
    "Math",
    "Notation",
    "Part",
    "Reference",
    "Sentence",
    "Stage",
    "aligned",
    "article",
    "cell",
    "display",
    "document",
    "fragment",
    "html",
    "joined",
    "label",
    "latex",
    "lines",
    "markdown",
    "mathml",
    "one_line",
    "parse_stages",
    "parse_symbols",
    "pdf",
    "plain",
    "rows",
    "text",
]

"""Renderers: derivations as text, LaTeX, Markdown, HTML and PDF. They compute no mathematics."""

from kl_symbolic.render.document import Certificate, Document, document
from kl_symbolic.render.html import html
from kl_symbolic.render.latex import latex
from kl_symbolic.render.markdown import GITHUB, MARKDOWN, markdown
from kl_symbolic.render.notation import Notation, parse_symbols
from kl_symbolic.render.pdf import pdf
from kl_symbolic.render.plain import lines, one_line, plain
from kl_symbolic.render.tex import article, display, fragment

__all__ = [
    "GITHUB",
    "MARKDOWN",
    "Certificate",
    "Document",
    "Notation",
    "article",
    "display",
    "document",
    "fragment",
    "html",
    "latex",
    "lines",
    "markdown",
    "one_line",
    "parse_symbols",
    "pdf",
    "plain",
]

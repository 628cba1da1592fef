"""Renderers: derivations as text, LaTeX, Markdown, HTML and PDF. They compute no mathematics."""

from kl_symbolic.render.cell import cell
from kl_symbolic.render.document import Document, Part, Stage, document
from kl_symbolic.render.html import html
from kl_symbolic.render.latex import latex
from kl_symbolic.render.markdown import GITHUB, MARKDOWN, markdown
from kl_symbolic.render.mathml import mathml
from kl_symbolic.render.notation import DIVERGENCE, Notation, NotationFields, tex_of_name
from kl_symbolic.render.pdf import pdf
from kl_symbolic.render.plain import joined, lines, one_line, plain
from kl_symbolic.render.sentences import Certificate, Math, Reference, Sentence
from kl_symbolic.render.tex import aligned, article, display, fragment, rows, stage_lines
from kl_symbolic.render.text import text

__all__ = [
    "DIVERGENCE",
    "GITHUB",
    "MARKDOWN",
    "Certificate",
    "Document",
    "Math",
    "Notation",
    "NotationFields",
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
    "latex",
    "lines",
    "markdown",
    "mathml",
    "one_line",
    "pdf",
    "plain",
    "rows",
    "stage_lines",
    "tex_of_name",
    "text",
]

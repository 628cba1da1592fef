"""What each builder makes of our nodes: MathML in books, Unicode text where there are no formulas, a button in HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from kl_symbolic.sphinxext.domain import kl_domain
from kl_symbolic.sphinxext.nodes import CitedLemma

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator

FORMULAS = (nodes.math, nodes.math_block)
PLAIN = ("text", "man", "texinfo")


class CopyButton(nodes.General, nodes.Element):
    """A button that copies LaTeX."""


class PlainMath(SphinxPostTransform):
    """Replace our formulas where the writer would show the source of LaTeX."""

    default_priority = 400

    def run(self, **_: object) -> None:
        """Replace them in one page."""
        plain, book = self.app.builder.format in PLAIN, self.app.builder.name == "epub"
        if not plain and not book:
            return
        for node in list(self.document.findall(nodes.Element)):
            if isinstance(node, FORMULAS) and "kl_text" in node:
                node.replace_self(_plain(node) if plain else _mathml(node))


class CitedLemmas(SphinxPostTransform):
    """Take away the lemmas that are cited where their derivations have a page, to which the citations link then.

    What remains is made of nodes that every writer knows.
    """

    default_priority = 5  # before references are resolved

    def run(self, **_: object) -> None:
        """Decide in one page."""
        domain = kl_domain(self.env)
        for node in list(self.document.findall(CitedLemma)):
            if domain.place(node["derivation"], self.app.builder) is not None:
                node.parent.remove(node)
            else:
                node.replace_self(nodes.container("", *node.children, classes=node["classes"]))
        if self.app.builder.format != "html":  # paper has no buttons
            for button in list(self.document.findall(CopyButton)):
                button.parent.remove(button)


def _plain(node: nodes.Element) -> nodes.Node:
    words = node["kl_text"]
    if isinstance(node, nodes.math):
        return nodes.Text(words)
    number = f"   ({node['number']})" if node["number"] else ""
    return nodes.literal_block("", words + number)


def _mathml(node: nodes.Element) -> nodes.Node:
    if isinstance(node, nodes.math):
        return nodes.raw("", node["kl_mathml"], format="html")
    number = f'<span class="eqno">({node["number"]})</span>' if node["number"] else ""
    anchors = "".join(f'<span id="{escape(name)}"></span>' for name in node["ids"])
    return nodes.raw("", f'<div class="math">{anchors}{number}{node["kl_mathml"]}</div>', format="html")


def visit_copy_button(writer: HTML5Translator, node: CopyButton) -> None:
    """Write the button; a book has no scripts."""
    if writer.builder.name != "epub":
        latex = escape(node["latex"], quote=True)
        writer.body.append(f'<button type="button" class="kl-copy" data-latex="{latex}">Copy LaTeX</button>')
    raise nodes.SkipNode


def leave_copy_button(_writer: HTML5Translator, _node: CopyButton) -> None:
    """Do nothing: the node was skipped."""

"""Documents as nodes of docutils: real equations with numbers, and sentences whose references are links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective

from kl_symbolic import render
from kl_symbolic.errors import RequestError
from kl_symbolic.render.layout import EQUALS, Layout, row
from kl_symbolic.sphinxext.domain import kl_domain

N = TypeVar("N", nodes.math, nodes.math_block)


class CitedLemma(nodes.container):
    """A lemma that a stage cites, for where no page shows its derivation; that is known when all pages are read."""


@dataclass(frozen=True)
class Formula:
    """A formula as LaTeX, as plain text, and as MathML."""

    latex: str
    text: str
    mathml: str


def formula(layout: Layout, *, display: bool = True) -> Formula:
    """Write a layout in all ways."""
    tex = render.latex(layout)
    return Formula(tex, render.text(layout), render.mathml(layout, display=display, alternative=tex))


def stage_formula(part: render.Part, stage: render.Stage) -> Formula:
    """Write left = right, the left side at the first stage that is shown only."""
    left = [part.left] if stage is part.stages[0] else []
    right = render.joined(stage.terms)
    lines = render.rows("".join(map(render.latex, left)), stage.terms)
    plain = f"{''.join(map(render.text, left))} = {render.text(right)}"
    return Formula(render.aligned(lines), plain.strip(), formula(row(*left, EQUALS, right)).mathml)


def inline(layout: Layout) -> nodes.math:
    """Return a formula within a sentence."""
    return _with_alternatives(nodes.math, formula(layout, display=False))


class Writer:
    """Write the parts of a document for a directive.

    Parameters
    ----------
    directive
        Where the nodes come from, and what they belong to.
    prefix
        Of the labels of equations.
    """

    def __init__(self, directive: SphinxDirective, prefix: str) -> None:
        self.directive, self.prefix = directive, prefix
        self.anchors: dict[str, str] = {}  # of the lemmas that are shown, by name
        self.beside: dict[str, str] = {}  # of those that are shown unless they have a page

    def equation(self, written: Formula, label: str | None = None) -> list[nodes.Node]:
        """Return an equation; with a label it has a number, and the role ``eq`` refers to it."""
        block = _with_alternatives(nodes.math_block, written)
        env = self.directive.env
        block["docname"], block["number"], block["label"] = env.current_document.docname, None, label
        block["no-wrap"] = block["nowrap"] = False
        self.directive.set_source_info(block)
        if label is None:
            return [block]
        domain = env.domains.math_domain
        domain.note_equation(env.current_document.docname, label, location=block)
        block["number"] = domain.get_equation_number_for(label)
        return [self.target(f"equation-{label}"), block]

    def target(self, anchor: str) -> nodes.target:
        """Return something to link to.

        Raises
        ------
        RequestError
            If the page has a place of that name: ids do not tell A from a, nor a.b from a-b.
        """
        name, document = nodes.make_id(anchor), self.directive.state.document
        if name in document.ids:
            raise RequestError(f"there is a place #{name} on this page already; give this one another :label:")
        target = nodes.target("", "", ids=[name])
        document.note_explicit_target(target)
        return target

    def statement(self, part: render.Part, label: str | None) -> nodes.Element:
        """Return the statement of a part."""
        tex = render.aligned(render.rows(render.latex(part.left), part.terms))
        written = replace(formula(row(part.left, EQUALS, part.right)), latex=tex)
        return nodes.container("", *self.equation(written, label), classes=["kl-statement"])

    def setting(self, part: render.Part) -> nodes.Element:
        """Return what the symbols of a part stand for."""
        return self.listed(part.setting)

    def listed(self, sentences: Sequence[render.Sentence]) -> nodes.Element:
        """Return sentences as a list."""
        return nodes.bullet_list("", *(nodes.list_item("", self.paragraph(s)) for s in sentences))

    def chain(self, part: render.Part, prefix: str, *, aligned: bool = False) -> list[nodes.Node]:
        """Return for each stage a sentence about its rule, and its equation; or one equation, and all sentences."""
        sentences, equations = [], []
        for stage in part.stages:
            heading = nodes.strong("", f"{stage.number}. {stage.rule}")
            words = [heading, nodes.Text(": "), *self.sentence(stage.words), nodes.Text(".")]
            sentences.append(nodes.paragraph("", "", *words, classes=["kl-stage"]))
            equations.append(stage_formula(part, stage))
        if not aligned or not part.stages:
            labels = [f"{prefix}-{stage.number}" for stage in part.stages]
            both = zip(sentences, equations, labels, strict=True)
            return [node for words, written, label in both for node in (words, *self.equation(written, label))]
        lines = [line for lines in render.stage_lines(part) for line in lines]
        text, mathml = "\n".join(e.text for e in equations), "".join(e.mathml for e in equations)
        return [*self.equation(Formula(render.aligned(lines), text, mathml), f"{prefix}-stages"), *sentences]

    def lemmas(self, parts: Sequence[render.Part], *, aligned: bool = False) -> list[nodes.Node]:
        """Return the lemmas, each with its proof unless it is folded."""
        out: list[nodes.Node] = []
        for part in parts:
            prefix = f"{self.prefix}-lemma-{part.number}"
            self.anchors[part.name] = nodes.make_id(prefix)
            rubric = nodes.rubric("", f"Lemma {part.number}. {part.title}")
            body = [self.statement(part, prefix)] if part.folded else self.chain(part, prefix, aligned=aligned)
            anchored = [self.target(prefix), rubric, self.setting(part), *body]
            out.append(nodes.container("", *anchored, classes=["kl-lemma"]))
        return out

    def cited(self, part: render.Part, lemmas: Sequence[render.Part]) -> list[nodes.Node]:
        """Return the lemmas that the stages of a part cite, which are shown unless a page shows their derivations."""
        names = {f.name for stage in part.stages for f in stage.words if isinstance(f, render.Reference)}
        out: list[nodes.Node] = []
        for lemma in lemmas:
            if lemma.name in names:
                anchor = self.target(f"{self.prefix}-lemma-{lemma.number}")
                (self.beside[lemma.name],) = anchor["ids"]
                rubric = nodes.rubric("", f"Lemma. {lemma.title}")
                body = [anchor, rubric, self.setting(lemma), self.statement(lemma, None)]
                out.append(CitedLemma("", *body, classes=["kl-lemma"], derivation=lemma.name))
        return out

    def paragraph(self, sentence: render.Sentence) -> nodes.paragraph:
        """Return a sentence as a paragraph."""
        return nodes.paragraph("", "", *self.sentence(sentence))

    def sentence(self, sentence: render.Sentence) -> list[nodes.Node]:
        """Return the words, formulas and links of a sentence."""
        return [self._fragment(fragment) for fragment in sentence if fragment]

    def _fragment(self, fragment: str | render.Math | render.Reference) -> nodes.Node:
        if isinstance(fragment, render.Math):
            return inline(fragment.layout)
        if isinstance(fragment, render.Reference):
            if fragment.name in self.anchors:
                return nodes.reference("", fragment.words, internal=True, refid=self.anchors[fragment.name])
            return self.citation(fragment.name, fragment.title)
        return nodes.Text(fragment)

    def citation(self, name: str, title: str) -> nodes.Element:
        """Return a link to where a derivation is shown, or its title where it is not shown anywhere."""
        docname = self.directive.env.current_document.docname
        kl_domain(self.directive.env).note_citation(docname, name)
        reference = pending_xref("", refdomain="kl", reftype="citation", reftarget=name, refdoc=docname)
        reference += nodes.emphasis("", title)
        if name in self.beside:
            reference["beside"] = self.beside[name]
        return reference


def table(
    classes: Sequence[str], widths: Sequence[int], head: Sequence[str], rows: Sequence[Sequence[nodes.Node]]
) -> nodes.table:
    """Return a table with one paragraph, or one formula, in each cell."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths), cols=len(widths))
    if head:
        group += nodes.thead("", _row([nodes.Text(words) for words in head]))
    group += nodes.tbody("", *(_row(cells) for cells in rows))
    return nodes.table("", group, classes=list(classes))


def _row(cells: Sequence[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def _with_alternatives(kind: type[N], written: Formula) -> N:
    node = kind(written.latex, written.latex)
    node["kl_text"], node["kl_mathml"] = written.text, written.mathml
    return node

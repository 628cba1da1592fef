"""The directive around a formula that an author typed: the build fails if it is not the proved closed form."""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes

from kl_symbolic.claims.judging import judge, resting_on
from kl_symbolic.derivation import Derivation
from kl_symbolic.kernel import Proof
from kl_symbolic.proof.statement import laws
from kl_symbolic.render.printer import Printer
from kl_symbolic.sphinxext.directives import KLDirective
from kl_symbolic.sphinxext.nodes import Writer, formula

MARK = {"proved": "✓ proved", "refuted": "✗ wrong", "computed": "≈ computed, not proved", "unknown": "? not proved"}


class ClaimDirective(KLDirective):
    """A formula, as text or LaTeX, checked while the documentation is built."""

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = KLDirective.option_spec

    def show(self, derivation: Derivation, proof: Proof) -> list[nodes.Node]:
        """Return the equation as typed, with a mark that says whether it is proved."""
        self.assert_has_content()
        question = derivation.question
        verdict = resting_on(proof, judge("\n".join(self.content), derivation))
        if verdict.status != "proved":
            self.warn("; ".join((f"this is not {derivation}: {verdict.detail}", *verdict.diagnoses)), "claim")
        printer = Printer(self.notation.without_macro(), laws(question))
        own = derivation.special.renamed if derivation.special else lambda term: term
        written = formula(printer.equation(own(derivation.statement.left), own(verdict.formula)))
        writer = Writer(self, "")
        where = derivation.document(notation=self.notation, stages=(), macros=False).theorem.where
        beside = [writer.paragraph((*where, "."))] if where else []
        mark = nodes.paragraph("", "", nodes.inline("", MARK[verdict.status], classes=[f"kl-{verdict.status}"]))
        return [
            nodes.container(
                "", *writer.equation(written, self.options.get("label")), *beside, mark, classes=["kl-claim"]
            )
        ]

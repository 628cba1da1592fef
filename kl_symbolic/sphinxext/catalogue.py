"""The directive that lists everything that is derived."""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from kl_symbolic.api import catalogue
from kl_symbolic.sphinxext import request
from kl_symbolic.sphinxext.directives import default_notation
from kl_symbolic.sphinxext.domain import kl_domain
from kl_symbolic.sphinxext.nodes import Writer, inline, table


class Catalogue(SphinxDirective):
    """A table of the closed forms, each with a link to its derivation if the documentation shows it."""

    option_spec: ClassVar[dict[str, Any]] = {"quantity": request.WHAT["quantity"]}

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        kl_domain(self.env).note_code(self.env.current_document.docname, None)
        wanted, writer, rows = self.options.get("quantity"), Writer(self, ""), []
        for derivation in catalogue():
            if wanted in (None, derivation.question.quantity):
                theorem = derivation.document(notation=default_notation(self.config), stages=(), macros=False).theorem
                words = derivation.question.parameterisation
                param = f" ({words})" if words else ""
                rows.append([writer.citation(derivation.name, theorem.title + param), inline(theorem.right)])
        return [table(["kl-catalogue"], [40, 60], ["of", "closed form"], rows)]

"""The roles: a closed form within a sentence, and a link to a derivation."""

from __future__ import annotations

from abc import abstractmethod

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from kl_symbolic.api import prove
from kl_symbolic.errors import KLError
from kl_symbolic.sphinxext import request
from kl_symbolic.sphinxext.directives import default_notation
from kl_symbolic.sphinxext.domain import kl_domain
from kl_symbolic.sphinxext.nodes import inline

logger = logging.getLogger(__name__)


class KLRole(SphinxRole):
    """A role whose text names a derivation, as in ``normal standard_normal param=logvar``."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return one node; what is wrong becomes a warning with file and line."""
        try:
            return [self.node(request.from_text(self.text))], []
        except KLError as error:
            logger.warning("%s", error, location=self.get_location(), type="kl_symbolic", subtype="request")
            return [nodes.problematic(self.rawtext, self.rawtext)], []

    @abstractmethod
    def node(self, wanted: request.Request) -> nodes.Node:
        """Return what the role shows."""


class ClosedFormRole(KLRole):
    """The right side of a proved statement."""

    def node(self, wanted: request.Request) -> nodes.Node:
        """Return a formula."""
        derivation = wanted.derive()
        prove(derivation)
        kl_domain(self.env).note_code(self.env.current_document.docname, derivation.question)
        return inline(
            derivation.document(notation=default_notation(self.config), stages=(), macros=False).theorem.right
        )


class ReferenceRole(KLRole):
    """A link to where a derivation is shown."""

    def node(self, wanted: request.Request) -> nodes.Node:
        """Return a reference, whose words are the title of the derivation."""
        name = wanted.derive().name
        docname = self.env.current_document.docname
        kl_domain(self.env).note_citation(docname, name)
        found = pending_xref("", refdomain="kl", reftype="ref", reftarget=name, refdoc=docname, refwarn=True)
        found += nodes.literal("", name)
        return found

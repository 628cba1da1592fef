"""References to the module where something is defined lead to the public name under which it is documented.

What stands between single backticks in a docstring is linked if it is a public name, and code otherwise.
"""

import inspect

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import ExtensionMetadata

from kl_symbolic.errors import KLError

ERRORS = "reference/api/errors"
HOMES = ("kl_symbolic", "kl_symbolic.numeric", "kl_symbolic.families", "kl_symbolic.errors")


def resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, words: nodes.TextElement) -> nodes.Node | None:
    """Look for ``kl_symbolic.derivation.Derivation`` under ``kl_symbolic.Derivation``."""
    target = str(node.get("reftarget", ""))
    if node.get("refdomain") != "py" or not target:
        return None
    name = target.rpartition(".")[2]
    domain = env.domains.python_domain
    for home in HOMES:
        if f"{home}.{name}" in domain.objects:
            return domain.resolve_xref(
                env, node["refdoc"], app.builder, str(node["reftype"]), f"{home}.{name}", node, words
            )
    return words if node["reftype"] == "obj" else None  # the name of an argument, say, in a docstring


def skip(app: Sphinx, _what: str, _name: str, obj: object, _skipped: bool, _options: object) -> bool | None:  # noqa: FBT001
    """Leave the errors to the page of their own."""
    is_error = inspect.isclass(obj) and issubclass(obj, KLError)
    return True if is_error and app.env.current_document.docname != ERRORS else None


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.connect("missing-reference", resolve)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

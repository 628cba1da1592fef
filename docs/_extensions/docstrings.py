"""Docstrings as they are meant: which belong on which page, and what a colon or a word in backticks stands for."""

import inspect

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import ExtensionMetadata

import kl_symbolic
from kl_symbolic.errors import KLError

LIBRARY, ERRORS = "reference/api/library", "reference/api/errors"
PUBLIC = tuple(
    f"kl_symbolic{room}"
    for room in ("", ".numeric", ".families", ".errors", ".kernel", ".terms", ".functions", ".terms.sympy")
)
COLON = "\N{MODIFIER LETTER COLON}"


def resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, words: nodes.TextElement) -> nodes.Node | None:
    """Link ``kl_symbolic.derivation.Derivation`` to where it is documented, which is ``kl_symbolic.Derivation``.

    What stands between single backticks in a docstring is code if it is no public name: the name of a parameter, say.
    """
    if node.get("refdomain") != "py":
        return None
    name = str(node["reftarget"]).rpartition(".")[2]
    python = env.domains.python_domain
    for home in (module for module in PUBLIC if f"{module}.{name}" in python.objects):
        return python.resolve_xref(env, node["refdoc"], app.builder, node["reftype"], f"{home}.{name}", node, words)
    return words if node["reftype"] == "obj" else None


def skip(app: Sphinx, _what: str, name: str, member: object, _skipped: bool, _options: object) -> bool | None:
    """Describe the errors, and whatever can be imported from `kl_symbolic`, on one page only."""
    if inspect.isclass(member) and issubclass(member, KLError):
        home = ERRORS
    elif name in kl_symbolic.__all__ and getattr(kl_symbolic, name) is member:
        home = LIBRARY
    else:
        return None
    return True if app.env.current_document.docname != home else None


def hide_colon(_app: Sphinx, what: str, _name: str, _member: object, _options: object, lines: list[str]) -> None:
    """Napoleon takes what stands before a colon in the docstring of a property for its type: hide the colon from it."""
    if what == "property":
        lines[:] = [line.replace(": ", f"{COLON} ") for line in lines]


def show_colon(_app: Sphinx, what: str, _name: str, _member: object, _options: object, lines: list[str]) -> None:
    """Bring it back."""
    if what == "property":
        lines[:] = [line.replace(COLON, ":") for line in lines]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx; napoleon has priority 500."""
    app.connect("missing-reference", resolve)
    app.connect("autodoc-skip-member", skip)
    app.connect("autodoc-process-docstring", hide_colon, priority=400)
    app.connect("autodoc-process-docstring", show_colon, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

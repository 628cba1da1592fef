"""A Sphinx extension: derivations, closed forms and checked formulas in anybody's documentation.

Add ``"kl_symbolic.sphinxext"`` to `extensions` in ``conf.py``. Directives: ``kl-derivation``, ``kl-closed-form``,
``kl-certificate``, ``kl-catalogue`` and ``kl-claim``; roles: ``kl-closed-form`` and ``kl-ref``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.builders._epub_base import MEDIA_TYPES
from sphinx.errors import ConfigError

from kl_symbolic import __version__
from kl_symbolic.errors import KLError
from kl_symbolic.render import DIVERGENCE
from kl_symbolic.sphinxext.catalogue import Catalogue
from kl_symbolic.sphinxext.claim import ClaimDirective
from kl_symbolic.sphinxext.directives import Certificate, ClosedFormDirective, DerivationDirective, default_notation
from kl_symbolic.sphinxext.domain import KLDomain, moved, outdated
from kl_symbolic.sphinxext.roles import ClosedFormRole, ReferenceRole
from kl_symbolic.sphinxext.writers import (
    CitedLemmas,
    CopyButton,
    PlainMath,
    leave_copy_button,
    visit_copy_button,
)

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.util.typing import ExtensionMetadata

STATIC = Path(__file__).parent / "static"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with Sphinx."""
    app.add_config_value("kl_symbolic_digits", 50, "env", int, "digits that must agree in the cross-check")
    app.add_config_value("kl_symbolic_points", 2, "env", int, "random rational points of the cross-check")
    app.add_config_value("kl_symbolic_indices", "12", "env", str, "indices of the parameters: 12 or pq")
    app.add_config_value("kl_symbolic_log", "log", "env", str, "name of the logarithm: log or ln")
    app.add_config_value("kl_symbolic_divergence", DIVERGENCE, "env", str, "TeX of the name of the divergence")
    app.add_config_value("kl_symbolic_expectation", False, "env", bool, "write expectations, not integrals")
    app.add_config_value("kl_symbolic_cache", "", "", str, "folder of the cross-checks; by default with the doctrees")
    app.add_domain(KLDomain)
    app.add_directive("kl-derivation", DerivationDirective)
    app.add_directive("kl-closed-form", ClosedFormDirective)
    app.add_directive("kl-certificate", Certificate)
    app.add_directive("kl-catalogue", Catalogue)
    app.add_directive("kl-claim", ClaimDirective)
    app.add_role("kl-closed-form", ClosedFormRole())
    app.add_role("kl-ref", ReferenceRole())
    app.add_node(CopyButton, html=(visit_copy_button, leave_copy_button))
    app.add_post_transform(CitedLemmas)
    app.add_post_transform(PlainMath)
    MEDIA_TYPES.setdefault(".json", "application/json")  # of proof files, which books would warn of
    app.connect("env-get-outdated", outdated)
    app.connect("env-updated", moved)
    app.connect("config-inited", _configure)
    return {"version": __version__, "env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}


def _configure(app: Sphinx, config: Config) -> None:
    try:
        default_notation(config)
    except KLError as error:
        raise ConfigError(f"conf.py: of the values kl_symbolic_..., {error}") from error
    config.html_static_path.append(str(STATIC))
    app.add_css_file("kl_symbolic.css")
    app.add_js_file("kl_symbolic.js", loading_method="defer")

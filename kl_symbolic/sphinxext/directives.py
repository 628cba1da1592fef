"""The directives about one derivation."""

from __future__ import annotations

import hashlib
import os
from abc import abstractmethod
from dataclasses import fields
from math import floor
from pathlib import Path
from typing import Any, ClassVar, get_args

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import download_reference
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from kl_symbolic import render
from kl_symbolic.api import prove
from kl_symbolic.checks import Check, Report
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.kernel import Proof
from kl_symbolic.options import Environment, Lemmas
from kl_symbolic.options import label as default_label
from kl_symbolic.sphinxext import request, store
from kl_symbolic.sphinxext.domain import Place, kl_domain
from kl_symbolic.sphinxext.nodes import Writer, table
from kl_symbolic.sphinxext.writers import CopyButton

logger = logging.getLogger(__name__)

LEMMAS = ("link", *get_args(Lemmas))


def cache_folder(env: BuildEnvironment) -> Path:
    """Return the folder of cross-checks and proof files."""
    return Path(env.srcdir, env.config.kl_symbolic_cache or env.doctreedir / "kl_symbolic")


def default_notation(config: Config) -> render.Notation:
    """Return the notation of a documentation."""
    known = (field.name for field in fields(render.Notation) if field.name != "symbols")  # which belong to a derivation
    return render.Notation(**{name: config[f"kl_symbolic_{name}"] for name in known})


class KLDirective(SphinxDirective):
    """A directive about one derivation: derive it, prove it, and show what `show` makes of it.

    Whatever goes wrong is a warning of the type ``kl_symbolic``, with file and line: under ``-W`` the build fails.
    """

    required_arguments = 1
    optional_arguments = 1
    final_argument_whitespace = True  # normal(0, s) is one law
    option_spec: ClassVar[dict[str, Any]] = request.WHAT | request.HOW

    def run(self) -> list[nodes.Node]:
        """Return the nodes, or a paragraph that says what is wrong."""
        try:
            derivation = request.request(request.words_of(" ".join(self.arguments)), self.options).derive()
            kl_domain(self.env).note_code(self.env.current_document.docname, derivation.question)
            self.notation = request.notation(self.options, default_notation(self.config))
            derivation.document(notation=self.notation, stages=())  # refuses symbols that do not fit
            return self.show(derivation, prove(derivation))
        except KLError as error:
            self.warn(str(error), "proof" if isinstance(error, ProofError) else "request")
            return [nodes.paragraph("", f"kl_symbolic: {error}", classes=["kl-error"])]

    @abstractmethod
    def show(self, derivation: Derivation, proof: Proof) -> list[nodes.Node]:
        """Return the nodes of a derivation that is proved."""

    def warn(self, message: str, kind: str) -> None:
        """Warn, with file and line."""
        logger.warning("%s", message, location=self.get_location(), type="kl_symbolic", subtype=kind)

    def report(self, derivation: Derivation) -> Report:
        """Return the cross-check; a warning says where it does not agree."""
        digits = self.options.get("digits", self.config.kl_symbolic_digits)
        points = self.options.get("points", self.config.kl_symbolic_points)
        report = store.report(derivation, digits, points, cache_folder(self.env) / "checks")
        if report.status != "agree":
            self.warn(f"the cross-check says {report.status}: {report}", "verification")
        return report


class ClosedFormDirective(KLDirective):
    """The statement alone; with a label it is numbered."""

    def show(self, derivation: Derivation, proof: Proof) -> list[nodes.Node]:  # noqa: ARG002
        """Return one equation."""
        document = derivation.document(notation=self.notation, stages=(), macros=False)
        writer = Writer(self, "")
        where = document.theorem.where
        beside = [writer.paragraph((*where, "."))] if where else []
        return [writer.statement(document.theorem, self.options.get("label")), *beside]


class DerivationDirective(KLDirective):
    """The statement, its stages, its lemmas, what was proved and checked, and the proof as a file."""

    option_spec: ClassVar[dict[str, Any]] = (
        KLDirective.option_spec
        | request.CHECKED
        | {
            "stages": request.stages,
            "lemmas": lambda text: directives.choice(text, LEMMAS),
            "environment": lambda text: directives.choice(text, get_args(Environment)),
        }
    )

    def show(self, derivation: Derivation, proof: Proof) -> list[nodes.Node]:
        """Return everything in one container."""
        prefix, lemmas = self.options.get("label", default_label(derivation.name)), self.options.get("lemmas", "link")
        how = {name: self.options[name] for name in ("stages", "environment") if name in self.options}
        document = derivation.document(
            notation=self.notation,
            proof=proof,
            report=self.report(derivation),
            lemmas="fold" if lemmas == "link" else lemmas,
            macros=False,
            **how,
        )
        writer, theorem = Writer(self, prefix), document.theorem
        anchor = nodes.make_id(f"derivation-{prefix}")  # a heading may have the name alone
        whole = nodes.container("", writer.target(anchor), classes=["kl-derivation"])
        here, home = self.env.current_document.docname, "label" not in self.options
        whole += [writer.statement(theorem, prefix), writer.setting(theorem)]  # or the label is refused
        kl_domain(self.env).note_place(derivation.name, Place(here, anchor, theorem.title, home))
        beside = writer.cited(theorem, document.lemmas) if lemmas == "link" else []
        if lemmas != "link" and document.lemmas:
            whole += [*writer.lemmas(document.lemmas, aligned=document.aligned), nodes.rubric("", "Proof")]
        whole += [*writer.chain(theorem, prefix, aligned=document.aligned), *beside]
        latex = derivation.to_latex(
            notation=self.notation,
            lemmas="name" if lemmas == "link" else lemmas,
            label=self.options.get("label"),
            **how,
        )
        checks = writer.listed(document.certificate)
        whole += nodes.container("", checks, self._to_take_away(derivation, latex, prefix), classes=["kl-checks"])
        return [whole]

    def _to_take_away(self, derivation: Derivation, latex: str, prefix: str) -> nodes.paragraph:
        """Return the button that copies LaTeX, and the link to the proof file."""
        proof = derivation.to_json()
        folder = hashlib.sha256(f"{prefix} {proof}".encode()).hexdigest()[:32]  # so no two of them share a file
        path = cache_folder(self.env) / "proofs" / folder / f"{nodes.make_id(prefix)}.json"
        store.write(path, proof)
        here = Path(self.env.doc2path(self.env.current_document.docname)).parent
        file = download_reference(
            "", "", nodes.literal("", path.name), reftarget=Path(os.path.relpath(path, here)).as_posix()
        )
        button = CopyButton(latex=latex)
        replay = nodes.literal("", "kl-symbolic replay")
        what = " The proof of the general theorem, for " if derivation.is_special else " The proof, for "
        return nodes.paragraph("", "", button, nodes.Text(what), replay, nodes.Text(": "), file)


class Certificate(KLDirective):
    """A table of what was proved and what was checked."""

    option_spec: ClassVar[dict[str, Any]] = KLDirective.option_spec | request.CHECKED

    def show(self, derivation: Derivation, proof: Proof) -> list[nodes.Node]:
        """Return the sentences about the proof, and a table of the checks."""
        report, writer = self.report(derivation), Writer(self, "")
        document = derivation.document(notation=self.notation, proof=proof, stages=(), macros=False)
        rows = [
            [nodes.Text(words) for words in (c.route, _precision(c), str(c.points), c.status)]
            for c in report.checks
            if c.status != "not evaluated"
        ]
        head = ["route", "agreement", "points", "result"]
        return [writer.listed(document.certificate), table(["kl-certificate"], [40, 30, 15, 15], head, rows)]


def _precision(check: Check) -> str:
    """Return how well both sides agree, and whether that is certain."""
    if check.digits is None:
        return f"{check.ulps:.2f} ulp" if check.ulps is not None else ""
    return f"{floor(check.digits)} digits (enclosed)" if check.enclosed else f"{check.digits:.0f} digits (estimated)"

"""Where in a documentation each derivation is shown, and which code each page depends on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from docutils import nodes
from sphinx.domains import Domain, ObjType
from sphinx.errors import NoUri
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from kl_symbolic.proof.question import Question
from kl_symbolic.sphinxext import store

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

ALL_FAMILIES = "*"


class Place(NamedTuple):
    """Where a derivation is shown; `home` says that it stands there under its own name."""

    docname: str
    anchor: str
    title: str
    home: bool


class KLDomain(Domain):
    """Derivations by name, such as ``kl(normal, normal)``."""

    name = "kl"
    label = "kl_symbolic"
    object_types = {"derivation": ObjType("derivation", "derivation")}  # noqa: RUF012 - as Sphinx declares it
    # places: name -> [Place]; code: docname -> name of a family, or "" for the core -> fingerprint;
    # citations: docname -> names; written: builder -> docname -> name -> Place or None, when the page was last written
    initial_data = {"places": {}, "code": {}, "citations": {}, "written": {}}  # noqa: RUF012

    @property
    def places(self) -> dict[str, list[Place]]:
        """All places of each derivation."""
        found: dict[str, list[Place]] = self.data["places"]
        return found

    @property
    def code(self) -> dict[str, dict[str, str]]:
        """The fingerprints of the code that each page was made by."""
        found: dict[str, dict[str, str]] = self.data["code"]
        return found

    @property
    def citations(self) -> dict[str, set[str]]:
        """The names of the derivations that each page cites."""
        found: dict[str, set[str]] = self.data["citations"]
        return found

    def note_citation(self, docname: str, name: str) -> None:
        """Remember that a page cites a derivation."""
        self.citations.setdefault(docname, set()).add(name)

    def note_place(self, name: str, place: Place) -> None:
        """Remember where a derivation is shown."""
        self.places.setdefault(name, []).append(place)

    def note_code(self, docname: str, question: Question | None) -> None:
        """Remember that a page depends on the families of a question, or on all there are."""
        mine = self.code.setdefault(docname, {"": store.of_core()})
        mine.update(store.of_families(question))
        if question is None:
            mine[ALL_FAMILIES] = _names()

    def place(self, name: str, builder: Builder | None = None) -> Place | None:
        """Return where a derivation is shown, in what a builder writes: under its own name, or else anywhere."""
        places = [p for p in self.places.get(name, []) if builder is None or _writes(builder, p.docname)]
        return max(places, key=lambda place: place.home, default=None)

    def clear_doc(self, docname: str) -> None:
        """Forget a page."""
        self.code.pop(docname, None)
        self.citations.pop(docname, None)
        for name, places in list(self.places.items()):
            self.places[name] = [place for place in places if place.docname != docname]
            if not self.places[name]:
                del self.places[name]

    def merge_domaindata(self, docnames: AbstractSet[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process has read."""
        for name, places in otherdata["places"].items():
            for place in places:
                if place.docname in docnames:
                    self.note_place(name, place)
        for mine, theirs in ((self.code, otherdata["code"]), (self.citations, otherdata["citations"])):
            mine.update({doc: found for doc, found in theirs.items() if doc in docnames})

    def check_consistency(self) -> None:
        """Warn of derivations that stand under their own names in two places."""
        for name, places in self.places.items():
            _, *more = sorted(place.docname for place in places if place.home) or [""]
            for docname in more:
                logger.warning(
                    "%s has a place of its own already; give this one a :label:",
                    name,
                    location=docname,
                    type="kl_symbolic",
                    subtype="duplicate",
                )

    def resolve_xref(  # type: ignore[override]  # what is not a reference is taken as it is
        self,
        env: BuildEnvironment,  # noqa: ARG002
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: Element,
    ) -> nodes.reference | Element | None:
        """Link to a derivation; what a stage cites is otherwise shown beside it, and what a table names has no link."""
        place = self.place(target, builder)
        if place is None and "beside" in node:
            return make_refnode(builder, fromdocname, fromdocname, node["beside"], contnode)
        if place is None:  # what is shown on a page that is not written is named
            elsewhere = self.place(target)
            return nodes.emphasis("", elsewhere.title) if elsewhere else contnode if typ == "citation" else None
        words = nodes.emphasis("", place.title) if typ == "ref" else contnode
        return make_refnode(builder, fromdocname, place.docname, place.anchor, words, place.title)

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: pending_xref,
        contnode: Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Link to a derivation from the role ``any``."""
        found = self.resolve_xref(env, fromdocname, builder, "derivation", target, node, contnode)
        return [("kl:derivation", found)] if isinstance(found, nodes.reference) else []

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """Yield the derivations, for the search and for other projects."""
        for name in self.places:
            place = self.place(name)
            if place is not None and place.home:
                yield name, place.title, "derivation", place.docname, place.anchor, 1


def kl_domain(env: BuildEnvironment) -> KLDomain:
    """Return our domain."""
    domain = env.domains["kl"]
    assert isinstance(domain, KLDomain)
    return domain


def outdated(
    _app: Sphinx,
    env: BuildEnvironment,
    _added: AbstractSet[str],
    _changed: AbstractSet[str],
    _removed: AbstractSet[str],
) -> Iterable[str]:
    """Return the pages that were made by other code than there is now."""
    return [doc for doc, code in env.domains["kl"].data["code"].items() if code != _now(code)]


def moved(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Return the pages that cite what has got, lost or changed its place since this builder last wrote them."""
    domain = kl_domain(env)
    now = {doc: {name: domain.place(name) for name in names} for doc, names in domain.citations.items()}
    before, domain.data["written"][app.builder.name] = domain.data["written"].get(app.builder.name, {}), now
    return [doc for doc, places in now.items() if before.get(doc) != places]


def _writes(builder: Builder, docname: str) -> bool:
    """Return whether a page is in what a builder writes; a PDF may be made of some pages only."""
    with suppress(NoUri):
        builder.get_target_uri(docname)
        return True
    return False


def _now(code: dict[str, str]) -> dict[str, str]:
    return {
        key: store.of_core() if not key else _names() if key == ALL_FAMILIES else store.of_family(key) for key in code
    }


def _names() -> str:
    return " ".join(store.of_families(None))

"""Lemmas that stages cite: shown beside them where no page derives them, and linked to where one does."""

from __future__ import annotations

import re

import pytest
from sphinx_projects import CONF, Project, page

pytestmark = pytest.mark.slow

THEOREM = ".. kl-derivation:: exponential exponential\n   :digits: 20"
ENTROPY = ".. kl-derivation:: exponential\n   :quantity: entropy\n   :digits: 20"
NOTHING, OTHER = {"other.rst": ":orphan:\n\n" + page("Nothing.")}, {"other.rst": ":orphan:\n\n" + page(ENTROPY)}
TO_THE_PAGE = 'href="other.html#derivation-entropy-exponential"'
BESIDE = 'href="#kl-exponential-exponential-lemma-4"'
FILES = {
    "singlehtml": "*.html",
    "text": "*.txt",
    "man": "*.1",
    "texinfo": "*.texi",
    "epub": "*.xhtml",
    "latex": "*.tex",
}


def lemmas(html: str) -> list[str]:
    return re.findall(r"Lemma\. (.*?):", html)


def cites_beside(html: str) -> bool:
    assert (BESIDE in html) != (TO_THE_PAGE in html)
    assert lemmas(html) == ["Cross-entropy", *(["Entropy"] if BESIDE in html else [])]
    return BESIDE in html


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path, {"index.rst": page(THEOREM)} | NOTHING, CONF + 'copyright = "1"\n')


def rewritten(project, pages):
    """Build with other pages, without reading the first one again."""
    project.write(pages)
    built = project.build("html", "-W", "-n", "-v", "-j", "2")
    assert (built.code, built.warnings) == (0, "")
    assert "reading sources... index" not in built.printed
    return built


def test_a_page_follows_what_the_others_begin_and_cease_to_show(project):
    assert cites_beside(project.build().page())
    built = rewritten(project, OTHER)
    assert "0 added, 1 changed, 0 removed" in built.printed
    assert not cites_beside(built.page())
    built = rewritten(project, NOTHING)
    assert cites_beside(built.page())
    rewritten(project, OTHER)
    (project.source / "other.rst").unlink()
    built = rewritten(project, {})
    assert "0 added, 0 changed, 1 removed" in built.printed
    assert cites_beside(built.page())
    built = project.build()
    assert "0 added, 0 changed, 0 removed" in built.printed
    assert "no targets are out of date" in built.printed


def test_a_page_follows_in_each_builder_though_they_share_what_was_read(project):
    assert cites_beside(project.build().page())
    project.write(OTHER)
    assert "Lemma. Entropy" not in project.build("text").page("index.txt")
    assert not cites_beside(project.build().page())


def test_a_role_follows_a_derivation_that_moves(tmp_path):
    first = page(".. toctree::\n   :glob:\n\n   *", "See :kl-ref:`exponential quantity=entropy`.")
    project = Project(tmp_path, {"index.rst": first, "a.rst": page(ENTROPY), "b.rst": page("Nothing.")})
    assert 'href="a.html#derivation' in project.build().page()
    built = rewritten(project, {"a.rst": page("Nothing."), "b.rst": page(ENTROPY)})
    assert 'href="b.html#derivation' in built.page()


def test_the_order_of_reading_does_not_matter(tmp_path):
    pages = {f"{name}.rst": page(f"{name}.") for name in "abdefgh"}  # enough to be read by two processes
    pages |= {"index.rst": page(".. toctree::\n   :glob:\n\n   *"), "c.rst": page(THEOREM), "other.rst": page(ENTROPY)}
    built = Project(tmp_path, pages).build()
    assert (built.code, built.warnings) == (0, "")
    assert not cites_beside(built.page("c.html"))


@pytest.mark.parametrize("builder", ["latex", "texinfo"])
def test_a_role_names_what_is_not_in_the_book(tmp_path, builder):
    pages = {"index.rst": page("See :kl-ref:`exponential quantity=entropy`.")} | OTHER
    built = Project(tmp_path, pages).build(builder)
    assert (built.code, built.warnings) == (0, "")
    assert re.search(r"See .*[{`]Entropy: exponential", built.page("p.tex" if builder == "latex" else "p.texi"))


@pytest.mark.parametrize("builder", FILES)
@pytest.mark.parametrize("derived", ["nowhere", "on an orphan", "in the book"])
def test_every_builder_shows_a_lemma_where_nothing_it_writes_does(project, builder, derived):
    project.write({} if derived == "nowhere" else OTHER)
    if derived == "in the book":
        project.write({"index.rst": page(THEOREM, ".. toctree::\n\n   other"), "other.rst": page(ENTROPY)})
    built = project.build(builder)
    assert (built.code, built.warnings) == (0, "")
    text = "".join(path.read_text("utf-8") for path in built.out.rglob(FILES[builder]))
    assert "Lemma. Cross" in text
    left_out = builder in ("latex", "texinfo") and derived == "on an orphan"
    assert ("Lemma. Entropy" in text) is (derived == "nowhere" or left_out)

"""The documentation builds without a warning, says what the code says, and its links lead somewhere."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess

import pytest
from docs_site import DOCS, broken_links, built, missing, sphinx, weight

from kl_symbolic import catalogue, cli
from kl_symbolic.families import all_families
from kl_symbolic.kernel import RULES
from kl_symbolic.options import label

pytestmark = pytest.mark.slow

MEGABYTE = 10**6
DOCUMENTED = (
    "kl_symbolic",
    "kl_symbolic.numeric",
    "kl_symbolic.families",
    "kl_symbolic.divergences",
    "kl_symbolic.claims",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(tmp_path_factory)


def test_the_site_builds_without_a_warning(site):
    assert (site.first.code, site.first.warnings) == (0, "")


def test_a_second_build_reads_nothing(site):
    assert (site.again.code, site.again.warnings) == (0, "")
    assert "0 added, 0 changed, 0 removed" in site.again.out


def test_every_link_leads_somewhere(site):
    assert broken_links(site.html) == []


def test_a_broken_link_is_found(tmp_path):
    (tmp_path / "page.html").write_text(
        '<a href="page.html#here">a</a><a href="page.html#there">b</a><a href="other.html">c</a><p id="here">'
        '<script src="https://example.org/script.js"></script><a href="https://example.org">d</a>'
    )
    assert broken_links(tmp_path) == [
        "page.html: page.html#there: no such anchor",
        "page.html: other.html",
        "page.html: https://example.org/script.js",
    ]


def test_a_page_with_everything_weighs_at_most_three_megabytes(site):
    heaviest = max(site.pages, key=weight)
    assert 2 * MEGABYTE < weight(heaviest) < 3 * MEGABYTE, heaviest  # MathJax alone is 2.2


def test_every_theorem_has_a_page_and_no_page_is_left_over(site):
    expected = {"index", *(label(d.name) for d in catalogue())}
    assert {path.stem for path in (site.html / "reference" / "theorems").glob("*.html")} == expected
    assert {path.stem for path in (DOCS / "reference" / "theorems").glob("*.md")} == expected


@pytest.mark.parametrize("module", DOCUMENTED)
def test_every_public_name_is_in_the_reference(site, module):
    text = "".join(path.read_text("utf-8") for path in (site.html / "reference" / "api").glob("*.html"))
    ids = set(re.findall(r'id="(kl_symbolic[\w.]*)"', text))
    for name in importlib.import_module(module).__all__:
        home = "kl_symbolic.errors" if name.endswith("Error") else module
        assert ids & {f"{home}.{name}", f"{module}.{name}", f"kl_symbolic.{name}"} or f"module-{module}.{name}" in text


def test_every_command_option_rule_and_family_is_in_the_reference(site):
    commands = (site.html / "reference" / "command-line.html").read_text("utf-8")
    parser = cli.parser()
    for name, command in parser._subparsers._group_actions[0].choices.items():
        for action in command._actions:
            for option in set(action.option_strings) - {"-h", "--help"}:
                assert f'id="cmdoption-kl-symbolic-{name}-{option.lstrip("-")}"'.replace("--", "-") in commands
    rules = (site.html / "reference" / "rules.html").read_text("utf-8")
    assert [rule for rule in RULES if f'id="rule-{rule.replace("_", "-")}"' not in rules] == []
    families = (site.html / "reference" / "families.html").read_text("utf-8")
    assert [name for name in all_families() if f'id="family-{name}"' not in families] == []


def test_the_whole_site_is_typeset_by_pdflatex(site, tmp_path):
    for program in ("make", "latexmk", "pdflatex"):
        if shutil.which(program) is None:
            missing(program)
    done = sphinx("-b", "latex", "-d", site.doctrees, DOCS, tmp_path)
    assert (done.code, done.warnings) == (0, "")
    made = subprocess.run(["make"], cwd=tmp_path, capture_output=True, text=True)
    log = (tmp_path / "kl_symbolic.log").read_text("utf-8", "replace")
    assert made.returncode == 0, log[-3000:]
    assert "There were undefined references" not in log
    assert "Missing character" not in log
    pages = int(re.search(r"Output written on kl_symbolic\.pdf \((\d+) pages", log)[1])
    assert pages > len(list(catalogue()))

"""The documentation, built once for all tests and all processes of a run, and questions to its pages."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def missing(what: str) -> None:
    """Skip a test for want of something; in CI, where everything must be installed, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed: sh install.sh dev")


class Build(NamedTuple):
    """How one run of Sphinx ended."""

    code: int
    out: str
    warnings: str


class Site(NamedTuple):
    """The built documentation: its folder, and how it was built first and again."""

    html: Path
    doctrees: Path
    first: Build
    again: Build

    @property
    def pages(self) -> list[Path]:
        """Return all pages that people read."""
        return sorted(self.html.rglob("*.html"))


def sphinx(*arguments: str | Path) -> Build:
    """Run Sphinx on the documentation as .ci/run does, with two processes and warnings as errors."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-j", "2", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    return Build(done.returncode, done.stdout, done.stderr)


def built(tmp_path_factory) -> Site:
    """Return the documentation in HTML; whichever process asks first builds it, and the others wait."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "documentation"
    folder.mkdir(exist_ok=True)
    html, doctrees, record = folder / "html", folder / "doctrees", folder / "builds.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.exists():
            builds = [sphinx("-b", "html", "-d", doctrees, DOCS, html) for _ in range(2)]
            record.write_text(json.dumps(builds), "utf-8")
    first, again = (Build(*fields) for fields in json.loads(record.read_text("utf-8")))
    return Site(html, doctrees, first, again)


class Page(HTMLParser):
    """What a page holds: anchors, links, the files that it loads, and equations."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.equations = 0
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        """Note what a tag says."""
        found = dict(attrs)
        self.ids |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag in ("script", "img") and found.get("src"):
            self.loads.append(found["src"])
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.loads.append(found["href"])
        if re.match(r"math notranslate", found.get("class") or ""):
            self.equations += 1


def broken_links(folder: Path) -> list[str]:
    """Return every link, picture, style and script of a folder of pages that leads nowhere in it."""
    pages = {path.resolve(): Page(path) for path in folder.rglob("*.html")}
    broken = []
    for path, page in pages.items():
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto", "data") and link in page.links:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if parts.scheme or not target.is_file():
                broken.append(f"{path.name}: {link}")
            elif anchor and target in pages and anchor not in pages[target].ids:
                broken.append(f"{path.name}: {link}: no such anchor")
    return broken


def weight(path: Path) -> int:
    """Return the size in bytes of a page with everything that it loads."""
    loads = {(path.parent / urlsplit(link).path).resolve() for link in Page(path).loads}
    return path.stat().st_size + sum(load.stat().st_size for load in loads)

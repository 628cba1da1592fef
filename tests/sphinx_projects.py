"""Small Sphinx projects, built in a process of their own as a user builds them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

CONF = 'extensions = ["kl_symbolic.sphinxext"]\nproject = "P"\nversion = "1"\n'


class Built(NamedTuple):
    """What a build printed, and where its output lies."""

    code: int
    printed: str
    warnings: str
    out: Path

    def page(self, name: str = "index.html") -> str:
        return (self.out / name).read_text("utf-8")


class Project:
    """A project in a folder; the doctrees stay between builds."""

    def __init__(self, folder: Path, pages: dict[str, str], conf: str = CONF) -> None:
        self.source, self.folder = folder / "source", folder
        self.source.mkdir(parents=True, exist_ok=True)
        self.write({"conf.py": conf, **pages})

    def write(self, pages: dict[str, str]) -> None:
        for name, text in pages.items():
            (self.source / name).write_text(text, "utf-8")

    def build(self, builder: str = "html", *options: str) -> Built:
        """Build with two processes, every warning an error unless the options say otherwise."""
        out = self.folder / builder
        options = options or ("-W", "-n", "-j", "2")
        doctrees = self.folder / ("doctrees of gettext" if builder == "gettext" else "doctrees")
        command = [sys.executable, "-m", "sphinx", "--no-color", "-b", builder, "-d", doctrees, *options]
        done = subprocess.run([*command, self.source, out], capture_output=True, text=True)
        return Built(done.returncode, done.stdout, done.stderr, out)


def page(*blocks: str) -> str:
    """Return a page of reStructuredText with a title."""
    return "\n\n".join(["Page\n====", *blocks]) + "\n"

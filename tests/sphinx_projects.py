"""Small Sphinx projects, built in a process of their own as a user builds them, or in this one, which is quicker."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from sphinx.cmd.build import build_main

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
        command = [sys.executable, "-m", "sphinx", *self._words(builder, options or ("-W", "-n", "-j", "2"))]
        done = subprocess.run(command, capture_output=True, text=True)
        return Built(done.returncode, done.stdout, done.stderr, self.folder / builder)

    def build_here(self, builder: str = "html", *options: str) -> Built:
        """Build in this process, which has imported everything; every warning an error unless the options say else."""
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            for kind in (DeprecationWarning, PendingDeprecationWarning):  # as in a process of its own
                warnings.simplefilter("ignore", kind)
            code = build_main(self._words(builder, options or ("-W", "-n")))
        return Built(code, out.getvalue(), err.getvalue(), self.folder / builder)

    def _words(self, builder: str, options: tuple[str, ...]) -> list[str]:
        doctrees = self.folder / ("doctrees of gettext" if builder == "gettext" else "doctrees")
        places = ("-d", str(doctrees), str(self.source), str(self.folder / builder))
        return ["--no-color", "-b", builder, *options, *places]


def page(*blocks: str) -> str:
    """Return a page of reStructuredText with a title."""
    return "\n\n".join(["Page\n====", *blocks]) + "\n"

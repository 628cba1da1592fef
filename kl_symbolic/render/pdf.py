"""Articles as PDF, by the LaTeX that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from kl_symbolic.errors import KLError, MissingProgramError

INSTALL = "apt-get install texlive-latex-base latexmk"
PASSES = 2  # the second one resolves the references
TIMEOUT = 120
# LaTeX gets these alone: nobody's own macros and settings, which would change what is printed.
KEPT = ("PATH", "SOURCE_DATE_EPOCH", "FORCE_SOURCE_DATE")
# "Paranoid": by name only what lies in the folder of the article, or in the tree of TeX itself. This is a second fence,
# and pdfTeX's own \pdfobj does not heed it; the first one is that an article holds what the writers wrote alone.
CLOSED = {"openin_any": "p", "openout_any": "p", "shell_escape": "f"}


def pdf(article: str) -> bytes:
    """Typeset an article of ours; LaTeX runs no program, and finds no file outside of its folder and of TeX's tree.

    Raises
    ------
    MissingProgramError
        If there is no pdflatex; the message holds the install line.
    KLError
        If LaTeX refuses the article, with its first complaint.
    """
    program = shutil.which("pdflatex")
    if program is None:
        raise MissingProgramError(f"pdflatex is not installed; on Debian or Ubuntu: {INSTALL}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "derivation.tex").write_text(article, encoding="utf-8")
        command = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "derivation.tex"]
        environment = {name: os.environ[name] for name in KEPT if name in os.environ} | CLOSED | {"HOME": folder}
        for _ in range(PASSES):
            try:
                done = subprocess.run(  # noqa: S603 - a fixed command
                    command, cwd=folder, env=environment, capture_output=True, timeout=TIMEOUT, check=False
                )
            except subprocess.TimeoutExpired as late:
                raise KLError(f"pdflatex did not finish within {TIMEOUT} seconds") from late
            if done.returncode != 0:
                log = done.stdout.decode("utf-8", "replace").splitlines()
                complaint = next((line for line in log if line.startswith("!")), "no message")
                raise KLError(f"pdflatex refuses the article: {complaint}")
        return (Path(folder) / "derivation.pdf").read_bytes()

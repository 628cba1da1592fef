"""Every block of the README and the documentation is run: console blocks here, Python blocks as doctests."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kl_symbolic import derive

pytestmark = pytest.mark.usefixtures("proved_once")

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands():
    for page in PAGES:
        for block in re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            for command, expected in map(apart, re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]):
                yield pytest.param(page.name, command, expected, id=f"{page.name}: {command}")


def apart(piece):
    """Return a command, with the lines up to END that it reads, and what is printed."""
    command, _, printed = piece.partition("\n")
    if command.endswith("<< END"):
        read, _, printed = printed.partition("\nEND\n")
        command = f"{command}\n{read}\nEND"
    return command, printed


def in_a_shell(line, folder):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONUTF8": "1"}
    return subprocess.run(line, shell=True, capture_output=True, text=True, cwd=folder, env=environment)


@pytest.mark.parametrize(("page", "line", "expected"), list(commands()))
def test_a_console_block_prints_what_the_page_says(page, line, expected, tmp_path, monkeypatch, command):
    """In a shell, what the README says, and what needs one; the other lines in this process, which is quicker."""
    program, *words = shlex.split(line)
    if page == "README.md" or {"&&", "<<"} & set(words) or program != "kl-symbolic":
        done = in_a_shell(line, tmp_path)
    else:
        monkeypatch.chdir(tmp_path)
        done = command(*words)
    printed = done.stdout + done.stderr
    matches = doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert matches, printed


def test_the_derivation_on_the_first_screen_is_the_one_that_is_printed():
    d = derive("normal", "normal")
    page = d.to_github(stages=range(1, len(d.steps) + 1))
    proof = page[page.index("**1.") :].strip()
    without_links = re.sub(r"\[(Lemma \d)\]\(#[\w-]+\)", r"\1", proof)
    assert without_links in (ROOT / "README.md").read_text("utf-8")


def test_ci_runs_the_commands_of_the_readme():
    shell = re.findall(r"^```sh\n(.*?)\n```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert len(shell) == 3
    assert all(command in script for command in shell)

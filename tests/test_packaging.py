"""The package: one version, a command that also runs as a module, and requirements whose lowest versions are tested."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import kl_symbolic
from kl_symbolic.cli import main
from scripts.lowest import lowest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]


def test_every_file_that_says_a_version_says_the_same():
    citation = dict(
        re.findall(r"^(version|date-released): (.*)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    )
    released = re.findall(r"^## (\d+\.\d+\.\d+) - ([\d-]+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert released[0] == (kl_symbolic.__version__, citation["date-released"])
    assert citation["version"] == kl_symbolic.__version__
    assert "version" not in PROJECT["project"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "kl_symbolic/__init__.py"


def test_the_command_says_its_version(capsys):
    with pytest.raises(SystemExit) as done:
        main(["--version"])
    assert done.value.code == 0
    assert capsys.readouterr().out == f"kl-symbolic {kl_symbolic.__version__}\n"


@pytest.mark.parametrize(
    ("words", "code", "printed"),
    [
        (["--help"], 0, "usage: kl-symbolic [-h]"),
        (["derive", "exponential", "exponential", "--format", "json"], 0, '{\n"format": "kl_symbolic derivation"'),
        (["derive", "exponential", "normal", "--format", "x"], 2, "kl-symbolic derive: argument --format: "),
        (["derive", "nromal"], 3, "kl-symbolic: unknown family 'nromal'"),
    ],
)
def test_the_module_is_the_command(words, code, printed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "kl_symbolic", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == code
    assert (done.stderr if code else done.stdout).startswith(printed)
    assert "__main__" not in done.stdout + done.stderr


def test_the_readme_begins_with_how_to_install():
    readme = (ROOT / "README.md").read_text("utf-8")
    name = PROJECT["project"]["name"]
    assert re.findall(r"^[^#\n].*", readme, re.MULTILINE)[:3] == ["```bash", f"pip install {name}", "```"]


def test_every_extra_that_a_page_or_a_message_names_is_there():
    files = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "kl_symbolic").rglob("*.py")]
    named = {
        extra
        for file in files
        for extras in re.findall(r"kl_symbolic\[([a-z,]+)\]", file.read_text("utf-8"))
        for extra in extras.split(",")
    }
    assert "fast" in named
    assert named <= set(EXTRAS)


def test_every_requirement_of_users_has_a_lowest_version_that_is_tested():
    for_users = lowest(PROJECT["project"], [extra for extra in EXTRAS if extra not in ("dev", "docs")])
    assert for_users == lowest(PROJECT["project"], ["test"])
    assert len(for_users) > len(PROJECT["project"]["dependencies"])
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "scripts/lowest.py test" in script


@pytest.mark.parametrize(
    ("requirement", "words"),
    [("a", "no lowest version: 'a'"), ("a<2", "not of the form name>=version"), ("us[z]", "no extra 'z'")],
)
def test_a_requirement_without_a_lowest_version_is_refused(requirement, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        lowest({"name": "us", "dependencies": [requirement], "optional-dependencies": {}}, [])


def test_a_newer_python_is_newer_and_none_is_said_by_nothing(tmp_path):
    def found(*versions):
        for minor, works in versions:
            program = tmp_path / f"python3.{minor}"
            program.write_text(f"#!/bin/sh\nexit {0 if works else 1}\n")
            program.chmod(0o755)
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PYENV_ROOT": str(tmp_path / "none")}
        command = ["sh", ROOT / "scripts" / "newer_python.sh", sys.executable]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout.strip()

    minor = sys.version_info.minor
    nothing = found((minor, True), (minor + 7, False))
    assert not nothing or int(nothing.rpartition(".")[2]) > minor  # the machine's own
    assert found((29, True), (30, False)) == "python3.29"

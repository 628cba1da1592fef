"""The standard streams of the command line: a failure of theirs is one line and an exit code, and never a good one."""

import io
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from kl_symbolic import cli
from kl_symbolic.checks.crosscheck import FEWEST_DIGITS, MOST_DIGITS, MOST_POINTS

pytestmark = pytest.mark.usefixtures("proved_once")

REFUTED = ("check", "exponential", "exponential", "log(lambda_1/lambda_2)")
FULL = "cannot write standard output: No space left on device\n"


@pytest.fixture
def run(monkeypatch):
    """Run a command in this process with streams that are given; return its code."""

    def call(*arguments, **streams):
        for name, stream in streams.items():
            monkeypatch.setattr(sys, name, stream)
        try:
            return cli.main(arguments)
        except SystemExit as stop:
            return stop.code

    return call


@contextmanager
def left_pipe():
    """A stream whose reader has left."""
    out, into = os.pipe()
    os.close(out)
    with os.fdopen(into, "w") as stream:
        yield stream


COMMANDS = [
    REFUTED,
    ("list",),
    ("--help",),
    ("derive", "--help"),
    ("--version",),
    ("completion", "bash"),
    ("derive", "exponential", "exponential"),
    ("verify", "exponential", "exponential", "--points", "1", "--digits", "5"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_cannot_be_printed_is_one_line_and_never_a_good_code(run, command):
    err = io.StringIO()
    with Path("/dev/full").open("w") as full:
        assert run(*command, stdout=full, stderr=err) == 2
    assert err.getvalue() == f"kl-symbolic: {FULL}"
    err = io.StringIO()
    assert run(*command, stdout=None, stderr=err) == 2
    assert err.getvalue() == "kl-symbolic: cannot write standard output: it is closed\n"
    err = io.StringIO()
    with left_pipe() as stream:
        assert run(*command, stdout=stream, stderr=err) == 141
    assert err.getvalue() == ""


def test_a_file_is_written_also_where_standard_output_is_closed(run, tmp_path):
    target = tmp_path / "out"
    assert run("derive", "exponential", "exponential", "-o", str(target), stdout=None) == 0
    assert "Lemma" in target.read_text("utf-8")


@pytest.mark.parametrize("arguments", [REFUTED, ("frobnicate",), ("check", "nromal", "x"), ("derive", "--wrong")])
def test_where_standard_error_fails_the_code_is_the_same_and_nothing_is_printed_elsewhere(run, arguments):
    out, err = io.StringIO(), io.StringIO()
    code = run(*arguments, stdout=out, stderr=err)
    assert code != 0
    with Path("/dev/full").open("w") as full, left_pipe() as left:
        for broken in (full, left, None):
            again = io.StringIO()
            assert run(*arguments, stdout=again, stderr=broken) == code
            assert again.getvalue() == out.getvalue()


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("command", "streams", "code"),
    [
        (REFUTED, ">/dev/full", 2),
        (REFUTED, ">&-", 2),
        (REFUTED, ">&- 2>&-", 2),
        (("--help",), ">/dev/full", 2),
        (("frobnicate",), "2>/dev/full", 2),
    ],
)
def test_the_interpreter_has_nothing_to_add_at_its_end(command, streams, code):
    program = [sys.executable, "-m", "kl_symbolic", *command]
    done = subprocess.run(["sh", "-c", f'"$@" {streams}', "sh", *program], capture_output=True, text=True)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.count("\n") == ("2>" not in streams)


def test_a_reader_that_has_left_is_met_in_silence_and_the_code_of_a_broken_pipe():
    with left_pipe() as stream:
        done = subprocess.run([sys.executable, "-m", "kl_symbolic", *REFUTED], stdout=stream, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (141, b"")


# Text


def test_output_is_utf_8_whatever_the_locale_is(run):
    for command in (REFUTED, ("list",), (*REFUTED, "--json")):
        out = io.TextIOWrapper(io.BytesIO(), "ascii")
        assert run(*command, stdout=out) == (0 if command == ("list",) else 1)
        assert "λ₁" in out.buffer.getvalue().decode("utf-8")


def test_output_goes_to_a_stream_of_text_alone(run):
    out = io.StringIO()
    assert run("derive", "exponential", "exponential", "--format", "latex", stdout=out) == 0
    assert "\\lambda" in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("derive", "\udcff", "normal"), 3, r"unknown family '\udcff'"),
        (("derive", "a\nb", "normal"), 3, r"unknown family 'a\nb'"),
        (("derive", "normal", "normal", "a\nb\x1b[31m\udcff"), 2, r"unrecognized arguments: a\nb\x1b[31m\udcff"),
        (("derive", "exponential", "exponential", "--symbols", "lambda_1=\udcff"), 2, r"no text in UTF-8"),
        (("check", "normal", "normal", "\udcff"), 2, "U+DCFF"),
        (("check", "normal", "normal", "x", "--symbols", "m=\udcff"), 2, "m"),
        (("audit", "\udcff:f", "--pair", "normal", "normal"), 2, r"'\udcff:f'"),
        (("verify", "exponential", "exponential", "--points", str(MOST_POINTS + 1)), 2, f"from 1 to {MOST_POINTS}"),
        (("verify", "exponential", "exponential", "--points", "9" * 50), 2, f"from 1 to {MOST_POINTS}"),
        (("verify", "exponential", "exponential", "--digits", "9" * 50), 2, f"from {FEWEST_DIGITS} to {MOST_DIGITS}"),
        (("verify", "exponential", "exponential", "--seed", "9" * 5000), 2, "invalid int value"),
        (("derive", "diagonal_normal", "diagonal_normal", "--dim", "9" * 50), 2, "from 1 to 1000"),
    ],
)
def test_odd_arguments_get_one_line_that_any_terminal_can_show(run, arguments, code, words):
    out, err = io.StringIO(), io.StringIO()
    assert run(*arguments, stdout=out, stderr=err) == code
    assert out.getvalue() == ""
    assert words in err.getvalue()
    assert err.getvalue().count("\n") == 1
    assert err.getvalue()[:-1].isprintable()


def test_the_help_says_the_limits_that_hold(run):
    out = io.StringIO()
    run("verify", "--help", stdout=out)
    words = " ".join(out.getvalue().split())
    assert f"digits that must agree, {FEWEST_DIGITS} to {MOST_DIGITS}" in words
    assert f"points, 1 to {MOST_POINTS}" in words


def test_a_terminal_gets_colours_but_no_pdf(run, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out, err = Terminal(), io.StringIO()
    assert run("derive", "exponential", "exponential", "--stages", "1", stdout=out, stderr=err) == 0
    assert "\x1b[1m" in out.getvalue()
    out = Terminal()
    assert run("derive", "exponential", "exponential", "--format", "pdf", stdout=out, stderr=err) == 2
    assert (out.getvalue(), err.getvalue()) == ("", "kl-symbolic: a PDF is not for a terminal; give a file with -o\n")


# Functions of others

MODULE = """
import sys
import numpy as np
print("imported")
def right(mu, logvar):
    print("called")
    return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=-1)
def leaves(mu, logvar):
    sys.exit(0)
def closes(mu, logvar):
    sys.stdout.close()
    return right(mu, logvar)
"""
LEFT_OUT = "import pytest\npytest.skip('not here', allow_module_level=True)"
PAIR = ("--pair", "diagonal_normal", "standard_normal", "--args", "mu,logvar", "--rows", "2", "--regions", "far")


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module of functions to be audited, in the present folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    Path("noisy_losses.py").write_text(MODULE)
    Path("skipped_losses.py").write_text(LEFT_OUT)
    yield "noisy_losses"
    for name in ("noisy_losses", "skipped_losses"):
        sys.modules.pop(name, None)


def test_what_a_function_prints_is_no_part_of_its_report(run, module):
    out, err = io.StringIO(), io.StringIO()
    assert run("audit", f"{module}:right", *PAIR, "--library", "numpy", "--json", stdout=out, stderr=err) == 0
    assert out.getvalue().startswith("{")
    assert err.getvalue().startswith("imported\ncalled\n")
    out = io.StringIO()
    assert run("audit", f"{module}:closes", *PAIR, "--library", "numpy", stdout=out, stderr=io.StringIO()) == 1
    assert out.getvalue().startswith("noisy_losses:closes: failed")


@pytest.mark.parametrize("where", ["function", "gradient"])
def test_a_function_that_leaves_has_not_passed(run, module, where):
    out = io.StringIO()
    leaves = f"{module}:leaves"
    words = {
        "function": (leaves, *PAIR),
        "gradient": (f"{module}:right", *PAIR[:-1], "gradients", "--gradient", leaves),
    }
    assert run("audit", *words[where], "--library", "numpy", stdout=out, stderr=io.StringIO()) == 1
    assert "SystemExit: 0" in out.getvalue()


@pytest.mark.usefixtures("module")
def test_a_module_that_is_left_while_it_is_imported_is_one_line(run):
    err = io.StringIO()
    assert run("audit", "skipped_losses:f", *PAIR, stdout=io.StringIO(), stderr=err) == 2
    assert err.getvalue() == "kl-symbolic: cannot import skipped_losses: Skipped: not here\n"


def test_an_audit_in_a_folder_that_is_gone_is_one_line(run, tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    err = io.StringIO()
    assert run("audit", "os:f", *PAIR, stdout=io.StringIO(), stderr=err) == 2
    assert err.getvalue() == "kl-symbolic: [Errno 2] No such file or directory\n"

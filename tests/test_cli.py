"""The command line as its users meet it: in processes of its own where that matters, else in this one."""

import io
import json
import os
import subprocess
import sys

import pytest

from kl_symbolic import cli, derive
from kl_symbolic.errors import RequestError

pytestmark = pytest.mark.usefixtures("proved_once")

FORMATS = ("text", "latex", "tex", "markdown", "github", "html", "json")


@pytest.fixture
def run(monkeypatch):
    """Run the command line in this process; return its code, standard output and standard error."""

    def call(*arguments, stdin=""):
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            code = cli.main([str(a) for a in arguments])
        except SystemExit as stop:
            code = stop.code
        out.flush()
        return code, out.buffer.getvalue().decode(), err.getvalue()

    return call


def test_an_error_of_the_program_has_a_code_of_its_own(monkeypatch, capsys):
    monkeypatch.setattr("kl_symbolic.api.derive", lambda *_, **__: {}["nothing"])
    assert cli.main(["derive", "normal", "normal"]) == 70
    err = capsys.readouterr().err
    assert err.startswith("kl-symbolic: an error of the program, please report it:\nTraceback")
    assert err.endswith("KeyError: 'nothing'\n")


def test_derive_prints_every_stage_and_a_closing_block(run):
    code, out, err = run("derive", "normal", "normal")
    assert (code, err) == (0, "")
    for words in (
        "KL(P ‖ Q) = log(σ₂/σ₁) + (σ₁² + (μ₁ − μ₂)²)/(2σ₂²) − 1/2",
        "Lemma 6. Entropy: normal",
        "= ∫ p(x) log(p(x)/q(x)) dx",
        "Proved: 38 steps",
        "normalisation of the normal density",
        "agrees to",
        "ulp",
    ):
        assert words in out


@pytest.mark.sample(3)
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_goes_to_standard_output_or_to_a_file(run, tmp_path, form):
    code, out, err = run("derive", "exponential", "exponential", "--format", form)
    assert (code, err) == (0, "")
    target = tmp_path / "out"
    assert run("derive", "exponential", "exponential", "--format", form, "-o", target) == (0, "", "")
    assert target.read_text("utf-8").strip() == out.strip()
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["derive", "nornal", "normal"], 3, "unknown family 'nornal'; did you mean normal"),
        (["derive", "zzz", "normal"], 3, "known names: "),
        (["derive", "normal", "exponential"], 3, "is infinite: P gives positive probability to x <= 0, where q(x) = 0"),
        (["derive", "poisson", "normal"], 3, "is infinite: P gives positive probability to single points"),
        (["derive", "normal", "diagonal_normal"], 3, "dimensions differ"),
        (["derive", "poisson", "poisson", "--route", "entropy"], 3, "E[log(factorial(k))]"),
        (["derive"], 2, "name the law P"),
        (["derive", "normal"], 2, "needs two laws"),
        (["derive", "normal", "normal", "--param", "rate"], 2, "known: logstd, logvar, precision, std, var"),
        (["derive", "normal", "normal", "--dim", "3"], 2, "needs a product law"),
        (["derive", "diagonal_normal", "diagonal_normal", "--dim", "0"], 2, "integer from 1 to 1000, given: 0"),
        (["derive", "diagonal_normal", "diagonal_normal", "--dim", "many"], 2, "invalid int value: 'many'"),
        (["derive", "exponential", "exponential", "--stages", "7"], 2, "there are 6 stages"),
        (["derive", "exponential", "exponential", "--stages", "0"], 2, "there are 6 stages"),
        (["derive", "normal", "normal", "--stages", "a"], 2, "stages are given as 1,3-5, given: 'a'"),
        (["derive", "normal", "normal", "--stages", "1-999999999999"], 2, "stages are given as"),
        (["derive", "normal", "normal", "--symbols", "mu_1"], 2, "name=tex"),
        (["derive", "normal", "normal", "--symbols", r"mu_1=\mu_{"], 2, "balanced TeX"),
        (["derive", "exponential", "exponential", "--symbols", "mu_7=m"], 2, "no symbol 'mu_7'"),
        (["derive", "normal", "normal", "--format", "word"], 2, "invalid choice: 'word'"),
        (
            ["derive", "normal", "--quantity", "moment", "--of", "kurtosis"],
            3,
            "no moment 'kurtosis'; known: mean, second_moment",
        ),
        (
            ["derive", "gamma", "--quantity", "moment"],
            2,
            "say of what the moment of gamma is: mean, log_mean, second_moment",
        ),
        (["derive", "gamma", "--quantity", "score"], 2, "say of what the score of gamma is: alpha, beta"),
        (
            ["derive", "gamma", "--quantity", "score", "--of", "theta", "--param", "scale"],
            2,
            "a score is stated for a family as it is by default, given: gamma, param scale",
        ),
        (["derive", "normal", "--quantity", "score", "--of", "beta"], 2, "no parameter 'beta'"),
        (["verify", "normal", "normal", "--digits", "0"], 2, "digits must be an integer from"),
        (["verify", "normal", "normal", "--digits", "-3"], 2, "digits must be an integer from"),
        (["verify", "normal", "normal", "--digits", "fifty"], 2, "invalid int value: 'fifty'"),
        (["verify", "normal", "normal", "--points", "0"], 2, "points must be an integer"),
        (["verify", "normal", "normal", "--all"], 2, "either a pair or --all"),
        (["verify", "--all", "--where", "alpha_1 > 1"], 2, "--where goes with a pair, not with --all"),
        (["verify", "--all", "--param-p", "var"], 2, "--param-p goes with a pair, not with --all"),
        (["verify", "--all", "--unit", "bits"], 2, "--unit goes with a pair, not with --all"),
        (["replay", "/nonexistent.json"], 2, "cannot read /nonexistent.json: No such file or directory"),
        (["frobnicate"], 2, "invalid choice: 'frobnicate'"),
        ([], 2, "required"),
    ],
)
def test_bad_input_gets_one_clear_line_and_its_code(run, arguments, code, words):
    got, out, err = run(*arguments)
    assert (got, out) == (code, "")
    assert words in err
    assert err.startswith("kl-symbolic")
    assert err.count("\n") == 1


def test_an_unwritable_file_is_named_and_nothing_is_left_behind(run, tmp_path):
    folder = tmp_path / "taken"
    folder.mkdir()
    for target in (tmp_path / "no" / "where", folder):
        code, out, err = run("derive", "poisson", "poisson", "-o", target)
        assert (code, out) == (2, "")
        assert f"cannot write {target}" in err
    assert sorted(os.listdir(tmp_path)) == ["taken"]
    assert os.listdir(folder) == []


def test_a_missing_latex_leaves_with_code_4_and_the_install_line(run, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, err = run("derive", "poisson", "poisson", "--format", "pdf", "-o", tmp_path / "x.pdf")
    assert code == 4
    assert "apt-get install texlive-latex-base" in err
    assert os.listdir(tmp_path) == []


def test_stages_and_notation_reach_the_output(run):
    _, out, _ = run("derive", "normal", "normal", "--stages", "1,5-6", "--indices", "pq", "--log", "ln")
    assert "ln(σ_q/σₚ)" in out
    assert [line.split()[0] for line in out.splitlines() if line[:3].strip().isdigit()] == ["1", "5", "6"]
    _, out, _ = run("derive", "normal", "normal", "--format", "latex", "--symbols", r"mu_1=\nu", "--stages", "6")
    assert r"(\nu - \mu_2)^2" in out


def test_a_route_that_falls_back_says_so(run):
    code, out, err = run("derive", "poisson", "poisson", "--stages", "1")
    assert code == 0
    assert "λ₁ log(λ₁/λ₂) + λ₂ − λ₁" in out
    assert "derived by the direct route" in err


def test_a_derivation_replays_from_its_file_and_from_standard_input(run, tmp_path):
    target = tmp_path / "proof.json"
    run("derive", "diagonal_normal", "standard_normal", "--param", "logvar", "--format", "json", "-o", target)
    for file, stdin in ((target, ""), ("-", target.read_text("utf-8"))):
        code, out, _ = run("replay", file, stdin=stdin)
        assert code == 0
        assert out.startswith("proved: kl(diagonal_normal, standard_normal, logvar)\n  KL(P ‖ Q) = ")
        assert "Proved: 48 steps" in out


def test_a_forged_proof_file_is_refuted(run, tmp_path):
    text = derive("normal", "normal").to_json()
    target = tmp_path / "forged.json"
    target.write_text(text.replace('"linearity"', '"algebra"'))
    code, out, err = run("replay", target)
    assert (code, out) == (1, "")
    assert "step" in err
    target.write_bytes(b"\xff\xfe\x00")
    assert run("replay", target)[0] == 2


def test_verify_reports_in_words_and_in_json(run):
    code, out, _ = run("verify", "exponential", "exponential", "--points", "1")
    assert code == 0
    assert "agree" in out
    code, out, _ = run("verify", "exponential", "exponential", "--points", "1", "--digits", "20", "--json")
    report = json.loads(out)
    assert (code, report["status"], report["digits_requested"]) == (0, "agree", 20)


def test_list_shows_every_family_and_closed_forms(run):
    code, out, _ = run("list")
    assert code == 0
    for words in ("exponential", "diagonal_poisson", "log-variance", "λ₁ log(λ₁/λ₂) + λ₂ − λ₁"):
        assert words in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_scripts_know_the_commands(run, shell):
    code, out, _ = run("completion", shell)
    assert code == 0
    assert "verify" in out


def test_no_colour_and_no_noise_where_there_is_no_terminal():
    command = [sys.executable, "-m", "kl_symbolic", "derive", "poisson", "poisson", "--route", "direct"]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout
    assert "λ₁" in done.stdout.decode("utf-8")


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m kl_symbolic list | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stdout == "families\n"
    assert done.stderr == ""


def test_options_of_the_library_are_checked_like_those_of_the_command_line():
    with pytest.raises(RequestError, match="unit must be one of nats, bits, given: 'shannon'"):
        derive("normal", "normal", unit="shannon")


VAE_TERM = "-0.5*(1 + logvar - mu^2 - exp(logvar))"


@pytest.mark.parametrize(
    "words",
    [
        ("check", "normal", "standard_normal", "--param", "logvar", VAE_TERM),
        ("check", "--param", "logvar", "normal", "standard_normal", "--", VAE_TERM),
        ("check", "--uni=nats", "normal", "standard_normal", VAE_TERM),
        ("check", "normal", "--unit", "nats", "standard_normal", VAE_TERM, "--param", "logvar"),
        (
            "check",
            "normal",
            "standard_normal",
            "--symbols",
            "lv=logvar",
            VAE_TERM.replace("logvar", "lv"),
            "--param=logvar",
        ),
    ],
)
def test_options_and_arguments_come_in_any_order_and_a_formula_may_begin_with_a_minus(words, command):
    done = command(*words)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "proved: equal, by the kernel")


def test_a_command_without_formulas_takes_its_arguments_in_any_order_too(command, tmp_path):
    path = tmp_path / "a.tex"
    assert command("derive", "poisson", "--format", "latex", f"-o{path}", "poisson", "--fold").returncode == 0
    assert r"D_{\mathrm{KL}}(P \,\|\, Q)" in path.read_text("utf-8")


@pytest.mark.parametrize(
    "words", [("derive", "--foo", "normal", "normal"), ("check", "normal", "--foo", "0"), ("list", "-x")]
)
def test_an_option_that_there_is_not_is_named(words, command):
    done = command(*words)
    assert done.returncode == 2
    assert words[1 + (words[1][0] != "-")] in done.stderr
    assert done.stderr.count("\n") == 1

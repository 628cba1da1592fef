"""Every side of an equation is judged, and the index of a sum is that index and nothing else."""

from __future__ import annotations

import pytest
import sympy

from kl_symbolic import check
from kl_symbolic.cli import main
from kl_symbolic.errors import RequestError

NORMAL = ("normal", "normal")
VAE = ("diagonal_normal", "standard_normal")
RIGHT = "log(sigma_2/sigma_1) + (sigma_1^2 + (mu_1 - mu_2)^2)/(2*sigma_2^2) - 1/2"
EXPANDED = "log(sigma_2) - log(sigma_1) + sigma_1^2/(2*sigma_2^2) + (mu_1 - mu_2)^2/(2*sigma_2^2) - 1/2"
WRONG = RIGHT.replace("- 1/2", "- 1/3")
TEX = r"\log\frac{\sigma_2}{\sigma_1} + \frac{\sigma_1^2 + (\mu_1-\mu_2)^2}{2\sigma_2^2} - \frac12"
MINUS = "log(sigma_1/sigma_2) - (sigma_1^2 + (mu_1 - mu_2)^2)/(2*sigma_2^2) + 1/2"


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        (f"KL = {RIGHT} = {EXPANDED}", ["proved", "proved"]),
        (f"KL(P || Q) = {WRONG} = {RIGHT}", ["refuted", "proved"]),
        (f"KL(P || Q) = {RIGHT} = {WRONG}", ["proved", "refuted"]),
        (f"{RIGHT} = {EXPANDED}", ["proved", "proved"]),
        (f"{WRONG} = {RIGHT}", ["refuted", "proved"]),
        (f"D(p||q) = {RIGHT} = 0.35", ["proved", "unknown"]),
        (f"KL = {RIGHT} = E[log p] - 3", ["proved", "unknown"]),
        (rf"\begin{{align}} D_{{KL}} &= {TEX} \\ &= {TEX} + 1 \end{{align}}", ["proved", "refuted"]),
        (rf"\begin{{align}} -D_{{KL}} &= -({TEX}) \\ &= {TEX} \end{{align}}", ["proved", "refuted"]),
    ],
)
def test_every_side_is_judged_and_the_worst_decides(text, statuses):
    verdict = check(text, *NORMAL)
    assert [side.status for side in verdict.sides] == statuses
    worst = next((s for s in ("refuted", "unknown") if s in statuses), "proved")
    assert verdict.status == worst
    if worst != "proved":
        assert f"side {verdict.sides[statuses.index(worst)].place} of " in verdict.detail


@pytest.mark.parametrize(
    "name", ["KL", "KL(P || Q)", r"D_{\mathrm{KL}}(P \,\|\, Q)", "Kullback-Leibler divergence", "KL :", "kl_loss", "",
             r"\mathcal{L}_1", r"\int p(x) \log\frac{p(x)}{q(x)} \mathrm{d}x", "E_P[log p - log q]"]
)  # fmt: skip
def test_a_name_on_the_left_is_passed_over(name):
    verdict = check(f"{name} = {TEX if chr(92) in name else RIGHT}", *NORMAL)
    assert (verdict.status, verdict.sides, verdict.notes) == ("proved", (), ())


@pytest.mark.parametrize(
    "left", ["2 KL", "2*KL", "KL/2", "KL + 1", "1 - KL", "c KL(P || Q)", r"\frac12 KL", r"\beta KL", "½ KL",
             "KL(P || Q) - H(P)", r"\int p \log p dx - 1"]
)  # fmt: skip
def test_a_left_hand_side_that_is_more_than_a_name_is_refused(left):
    with pytest.raises(RequestError, match="more than a name"):
        check(f"{left} = {RIGHT}", *NORMAL)


@pytest.mark.parametrize("sign", ["-", "−", "- "])
def test_a_minus_sign_on_the_left_is_moved_with_a_note(sign):
    verdict = check(f"{sign}KL(P || Q) = {MINUS}", *NORMAL)
    assert verdict.status == "proved"
    assert verdict.notes == ("the minus sign before KL(P || Q) is moved to the other sides",)
    assert check(f"{sign}KL(P || Q) = {RIGHT}", *NORMAL).status == "refuted"
    assert check(f"KL(P || Q) = {MINUS}", *NORMAL).status == "refuted"


def test_the_command_line_names_the_side_and_keeps_the_exit_code(capsys):
    assert main(["check", *NORMAL, f"KL = {WRONG} = {RIGHT}"]) == 1
    out = capsys.readouterr().out
    assert f"  side 2, {WRONG[:57]}...: refuted\n" in out
    assert ": proved\n" in out
    assert main(["check", *NORMAL, f"KL = {RIGHT} = 0.35"]) == 5
    assert "side 3 of 3, 0.35: a number" in capsys.readouterr().out


def test_an_equation_of_very_many_sides_is_refused():
    with pytest.raises(RequestError, match="more than 20 sides"):
        check("mu_1=" * 1000 + "mu_1", *NORMAL)


TERM = "1 + logvar[{0}] - mu[{0}]^2 - exp(logvar[{0}])"
SUM = f"-1/2*Sum({TERM.format('i')}, (i, 1, n))"


@pytest.mark.parametrize("index", list("inpemsvldk"))
def test_any_letter_may_number_the_coordinates_of_a_sum(index):
    text = f"-1/2*Sum({TERM.format(index)}, ({index}, 1, n))"
    assert check(text, *VAE, param="logvar").status == "proved"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{SUM} + Sum(n, (n, 1, n)) - n^2", "the index n of a sum"),
        (f"{SUM} + Sum(e, (e, 1, n)) - n*e", "the index e of a sum"),
        (f"{SUM} + Sum(e^2, (e, 1, n)) - n*e^2", "the index e of a sum"),
        (f"{SUM} + Sum(log(m), (m, 1, n))", "the index m of a sum"),
        (f"{SUM} + Sum(i, (i, 1, n)) - n*(n + 1)/2", "the index i of a sum"),
        (f"{SUM} + Sum(1, (j, 1, k)) - d + Sum(1, (j, 1, d)) - k", "two letters for the dimension: d and k"),
        (f"-1/2*Sum({TERM.format('i')}, (i, 1, d)) + d - n", "no parameter 'n'"),
        (f"-1/2*Sum({TERM.format('i')}, (i, 1, e)) + e - e", "from 1 to n, given: e"),
        (f"-1/2*Sum({TERM.format('i')}, (i, 1, n - 1))", "expected: Sum(..., (i, 1, n))"),
        (f"{SUM} + mu[i] - mu[i]", "no parameter 'mu[i]'"),
        (f"{SUM} + Sum(mu[j], (i, 1, n)) - Sum(mu[j], (i, 1, n))", "no parameter 'mu[j]'"),
    ],
)
def test_a_letter_with_two_meanings_is_refused(text, words):
    with pytest.raises(RequestError) as caught:
        check(text, *VAE, param="logvar")
    assert words in str(caught.value)


def test_a_gradient_is_by_one_free_coordinate():
    assert check("mu[j], exp(logvar[j])/2 - 1/2", *VAE, param="logvar", quantity="gradient").status == "proved"
    with pytest.raises(RequestError, match="two free indices, i and j"):
        check("mu[i] + mu[j] - mu[j], exp(logvar[i])/2 - 1/2", *VAE, param="logvar", quantity="gradient")


def test_symbols_of_sympy_are_told_apart():
    n, i = (sympy.Symbol(name, integer=True, positive=True) for name in "ni")
    mu, logvar = sympy.IndexedBase("mu"), sympy.IndexedBase("logvar")
    right = -sympy.Sum(1 + logvar[i] - mu[i] ** 2 - sympy.exp(logvar[i]), (i, 1, n)) / 2
    assert check(right, *VAE, param="logvar").status == "proved"
    other = sympy.Symbol("n", integer=True)
    for extra, words in (
        (sympy.Sum(n, (n, 1, n)) - n**2, "the index n of a sum"),
        (other - n, "two different symbols are called n"),
        (sympy.Sum(mu[sympy.Dummy("i")] - mu[i], (i, 1, n)), "two different symbols are called i"),
    ):
        with pytest.raises(RequestError, match=words):
            check(right + extra, *VAE, param="logvar")

"""Every side of an equation is judged, and the index of a sum is that index and nothing else."""

from __future__ import annotations

import pytest
import sympy

from kl_symbolic import check
from kl_symbolic.cli import main
from kl_symbolic.errors import RequestError

pytestmark = pytest.mark.usefixtures("proved_once")

NORMAL = ("normal", "normal")
VAE = ("diagonal_normal", "standard_normal")
RIGHT = "log(sigma_2/sigma_1) + (sigma_1^2 + (mu_1 - mu_2)^2)/(2*sigma_2^2) - 1/2"
EXPANDED = "log(sigma_2) - log(sigma_1) + sigma_1^2/(2*sigma_2^2) + (mu_1 - mu_2)^2/(2*sigma_2^2) - 1/2"
WRONG = RIGHT.replace("- 1/2", "- 1/3")
TEX = r"\log\frac{\sigma_2}{\sigma_1} + \frac{\sigma_1^2 + (\mu_1-\mu_2)^2}{2\sigma_2^2} - \frac12"
BACKSLASH = "\\"
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


NAMES = [
    "KL", "KL(P || Q)", r"D_{\mathrm{KL}}(P \,\|\, Q)", "D_KL", "D_KL(P||Q)", "D_{KL}(p || q)", "L_KL", "D^KL",
    "D_KL (P‖Q)",
    r"D_\mathrm{KL}", r"D_{\text{KL}}\left(P \parallel Q\right)", r"\mathcal{L}_{KL}(\theta, \phi)", r"\mathcal{L}_1",
    "Kullback-Leibler divergence", "the KL divergence", "KL :", "kl_loss", "",
    "KL(N(mu_1, sigma_1^2) || N(mu_2, sigma_2^2))",
    "H(P, Q) − H(P)", r"\int p(x) \log\frac{p(x)}{q(x)} \mathrm{d}x", "∫ p log(p/q) dx", "E_P[log p - log q]", "L(θ)",
    r"\int_{-\infty}^\infty p(x)\ln\left(\frac{p(x)}{q(x)}\right) dx", r"\mathbb{E}_q[\log q(z) - \log p(z)]",
]  # fmt: skip


@pytest.mark.sample(8)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_or_the_definition_on_the_left_is_passed_over(name):
    right = TEX if "\\" in name else RIGHT
    for text in (f"{name} = {right}", f"KL = {name} = {right}"):
        verdict = check(text, *NORMAL)
        assert (verdict.status, verdict.sides, verdict.notes) == ("proved", (), ())


MORE = [
    # factors
    "2 KL", "2*KL", "KL/2", "KL 2", "KL½", "½ KL", "⅙ KL", ".5 KL", "(1/2) KL(P||Q)", "(2) KL", "{2} KL", "KL (½)",
    "KL(2)",
    "c KL(P || Q)", "half KL", "KL mu_1", "KL pi", "KL log 2", "log(2) KL(P||Q)", "KL : 2", "KL∕2", "KL∙2", r"\beta KL",
    r"\frac12 KL", r"\frac{1}{2} KL", r"\tfrac{1}{2} KL", r"\frac{D_{KL}(P\|Q)}{2}", r"\frac KL2",
    r"\left(\frac12\right) KL",
    r"\sqrt{2} KL", r"\textbf{2} KL", r"\mathrm{2KL}", r"\ln 2 \, KL", r"KL\cdot2", r"KL\over 2", r"KL \sigma",
    # sums and differences
    "KL + 1", "1 - KL", "KL(P || Q) - 2*H(P)", "KL(P||Q)-log(2)", "KL(P||Q)-KL(Q||P)", "KL-mu", "KL-e",
    r"\int p \log p dx - 1",
    r"\int p\log\frac pq dx / 2", r"\int 2 p(x) \log\frac{p(x)}{q(x)} dx", r"\int p(x) \log\frac{p(x)}{p(x)} dx",
    "E[p log q]",
    # powers and functions
    "KL(P||Q)^2", "KL²", "KL^{-1}", "log KL", "exp(KL(P||Q))", "sqrt(KL)", "√KL", "|KL|", "max(KL, 0)",
    # signs
    "(-KL)", "{-KL}", "(-1) KL", r"\left(-KL\right)", r"\mathrm{-KL}", r"\text{-KL}", r"\exp(-KL)", "—KL", "‑KL",
    "⁻KL", "--KL",
    # relations
    r"KL \neq 0", r"KL \ge 0", r"KL \overset{!}", "KL > 0", "reverse KL", "negative KL",
]  # fmt: skip


@pytest.mark.parametrize("left", MORE)
def test_a_left_hand_side_that_is_more_than_a_name_is_never_passed_over(left):
    with pytest.raises(RequestError, match=r"more than a name|no sign of equality"):
        check(f"{left} = {TEX if BACKSLASH in left else RIGHT}", *NORMAL)


@pytest.mark.sample(12)
@pytest.mark.parametrize("middle", MORE)
def test_a_side_in_the_middle_that_is_more_than_a_name_is_never_passed_over(middle):
    assert check(f"KL = {middle} = {TEX if BACKSLASH in middle else RIGHT}", *NORMAL).status != "proved"


@pytest.mark.parametrize("relation", [r"\not=", "> =", "<=", "!=", "~=", "=="])
def test_a_relation_that_is_no_equality_is_refused(relation):
    with pytest.raises(RequestError):
        check(f"KL {relation} {TEX if relation[0] == chr(92) else RIGHT}", *NORMAL)


def test_a_sign_before_a_second_name_is_refused():
    for text in (f"L = -KL = {RIGHT}", f"KL = - L = {MINUS}"):
        with pytest.raises(RequestError, match="which is not on the left"):
            check(text, *NORMAL)


@pytest.mark.sample(1)
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


def test_names_of_the_users_own_come_before_pi_and_n():
    assert check("log(sigma) + log(2*pi*e)/2", "normal", quantity="entropy").status == "proved"
    verdict = check("log(sigma) + log(2*pi*e)/2", "normal", quantity="entropy", symbols={"pi": "sigma"})
    assert (verdict.status, verdict.inferred) == ("refuted", (("pi", "sigma"),))


def test_an_equation_of_very_many_sides_is_refused():
    with pytest.raises(RequestError, match="more than 20 sides"):
        check("mu_1=" * 1000 + "mu_1", *NORMAL)


TERM = "1 + logvar[{0}] - mu[{0}]^2 - exp(logvar[{0}])"
SUM = f"-1/2*Sum({TERM.format('i')}, (i, 1, n))"


@pytest.mark.sample(3)
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
        (f"{SUM} + mu[2] - mu[2]", "no parameter 'mu[2]'"),
        (f"{SUM} + e[1] - e[1]", "no parameter 'e[1]'"),
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
        (sympy.pi - sympy.Symbol("pi"), "two different symbols are called pi"),
        (sympy.E - sympy.Symbol("e"), "two different symbols are called e"),
        (mu[1] - sympy.IndexedBase("mu", positive=True)[1], "two different symbols are called mu"),
        (sympy.IndexedBase("-mu")[1] + mu[1], "a symbol that is called '-mu'"),
        (sympy.Symbol("mu-"), "a symbol that is called 'mu-'"),
        (sympy.Sum(mu[sympy.Idx("i")] - mu[i], (i, 1, n)), "the index i; an index is a symbol or a number"),
        (sympy.Sum(mu[sympy.Dummy("i")] - mu[i], (i, 1, n)), "two different symbols are called i"),
    ):
        with pytest.raises(RequestError, match=words):
            check(right + extra, *VAE, param="logvar")


@pytest.mark.parametrize(
    ("left", "status"),
    [
        ("KL(q || p)", "proved"),
        (r"D_{KL}(\mathrm{Exp}(\lambda_q) \| \mathrm{Exp}(\lambda_p))", "proved"),
        ("KL(Q || P)", "proved"),
        ("KL(p || q)", "refuted"),
        ("KL", "refuted"),
        ("KL(2 || 1)", "refuted"),  # other indices than those of the formula
        (r"KL(N(\mu_2, \sigma_2^2) \| N(\mu_1, \sigma_1^2))", "refuted"),  # other indices than those of the formula
    ],
)
def test_the_left_side_says_which_law_comes_first(left, status):
    formula = f"{left} = log(lambda_q/lambda_p) + lambda_p/lambda_q - 1"
    verdict = check(formula, "exponential", "exponential")
    first = "lambda_2" if status == "refuted" else "lambda_1"
    assert (verdict.status, dict(verdict.inferred)["lambda_q"]) == (status, first)


def test_exponents_on_the_left_are_no_indices():
    left = r"D_{KL}(N(\mu_2,\sigma_2^2) \| N(\mu_1,\sigma_1^2))"
    verdict = check(f"{left} = log(s1/s2) + (s2^2 + (m1 - m2)^2)/(2 s1^2) - 1/2", "normal", "normal")
    assert verdict.status == "proved"
    assert dict(verdict.inferred)["s1"] == "sigma_2"


def test_a_definition_on_the_left_does_not_forget_which_law_comes_first():
    left = "KL(q || p) = E_q[log q(x) - log p(x)]"
    verdict = check(f"{left} = log(lambda_q/lambda_p) + lambda_p/lambda_q - 1", "exponential", "exponential")
    assert verdict.status == "proved"
    assert verdict.notes == ("P and Q are in the order of the left side, KL(q || p)",)

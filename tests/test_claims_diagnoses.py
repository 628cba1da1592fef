"""What a wrong formula is instead: each classic mistake is named, and what is named is true."""

from __future__ import annotations

import json

import pytest

from kl_symbolic import check, derive
from kl_symbolic.claims.diagnose import diagnoses
from kl_symbolic.claims.numbers import Values
from kl_symbolic.proof.question import Question
from kl_symbolic.slips import quantities

pytestmark = pytest.mark.usefixtures("proved_once")

NORMAL = ("normal", "normal")
RIGHT = "log(sigma_2/sigma_1) + (sigma_1**2 + (mu_1 - mu_2)**2)/(2*sigma_2**2) - 1/2"
VAE = ("diagonal_normal", "standard_normal")
TERM = "-0.5*Sum(1 + logvar[i] - mu[i]**2 - exp(logvar[i]), (i, 1, n))"


def exchanged(text):
    return text.replace("_1", "_x").replace("_2", "_1").replace("_x", "_2")


MISTAKES = [
    (exchanged(RIGHT), NORMAL, {}, "this is the reverse divergence KL(Q ‖ P)"),
    (f"{RIGHT} + {exchanged(RIGHT)}", NORMAL, {}, "this is Jeffreys' divergence KL(P ‖ Q) + KL(Q ‖ P)"),
    (f"({RIGHT} + {exchanged(RIGHT)})/2", NORMAL, {}, "this is the mean of KL(P ‖ Q) and KL(Q ‖ P)"),
    ("log(sigma_2) + log(2*pi)/2 + (sigma_1**2 + (mu_1 - mu_2)**2)/(2*sigma_2**2)", NORMAL, {},
     "this is the cross-entropy H(P, Q)"),
    ("log(sigma_1) + log(2*pi)/2 + 1/2", NORMAL, {}, "this is the entropy H(P)"),
    (f"-({RIGHT})", NORMAL, {}, "this is minus the divergence KL(P ‖ Q)"),
    (f"2*({RIGHT})", NORMAL, {}, "this is twice the divergence KL(P ‖ Q)"),
    (f"({RIGHT})/2", NORMAL, {}, "this is half of the divergence KL(P ‖ Q)"),
    (f"({RIGHT})/log(2)", NORMAL, {}, "this is in bits: 1/log 2 times the divergence KL(P ‖ Q)"),
    (RIGHT, NORMAL, {"unit": "bits"}, "this is in nats: log 2 times the divergence KL(P ‖ Q)"),
    (f"({RIGHT})/784", NORMAL, {}, None),
    (f"({RIGHT})*3/7", NORMAL, {}, "this is 3/7 times the divergence KL(P ‖ Q)"),
    (f"{RIGHT} + 2 - log(2)/2", NORMAL, {}, "this is the divergence KL(P ‖ Q) plus 2 − 1/2 log 2"),
    (RIGHT.removesuffix(" - 1/2"), NORMAL, {}, "the term −1/2 is missing"),
    (RIGHT.replace("log(", "2*log("), NORMAL, {}, "the term log(σ₂/σ₁) is doubled"),
    ("mu^2 + sigma^2 - log(sigma) - 1/2", ("normal", "standard_normal"), {}, "the terms μ²/2 and σ²/2 are doubled"),
    (RIGHT.replace("log(", "-log("), NORMAL, {}, "the sign of the term log(σ₂/σ₁) is wrong"),
    (RIGHT.replace("sigma_1**2", "sigma_1"), NORMAL, {}, "a square is missing: σ₁ in the term σ₁²/(2σ₂²)"),
    (RIGHT.replace("2*sigma_2**2", "2*sigma_2"), NORMAL, {}, "a square is missing: σ₂ in every term that has it"),
    ("log(sigma_2/sigma_1)/2 + (sigma_1 + (mu_1 - mu_2)**2)/(2*sigma_2) - 1/2", NORMAL, {},
     "sigma_1 stands for the variance and sigma_2 stands for the variance"),
    ("log(sigma_2**2/sigma_1)/2 + (sigma_1 + (mu_1 - mu_2)**2)/(2*sigma_2**2) - 1/2", NORMAL, {},
     "sigma_1 stands for the variance"),
    ("(logvar_2 - logvar_1) + exp(2*logvar_1 - 2*logvar_2)/2 + (mu_1 - mu_2)**2*exp(-2*logvar_2)/2 - 1/2", NORMAL,
     {"param": "logvar"},
     " and ".join(f"logvar_{k} stands for the logarithm of the standard deviation" for k in (1, 2))),
    (TERM[1:], VAE, {"param": "logvar"}, "this is minus the divergence KL(P ‖ Q)"),
    (TERM.replace("0.5*", ""), VAE, {"param": "logvar"}, "this is twice the divergence KL(P ‖ Q)"),
    (TERM.replace("1 + ", ""), VAE, {"param": "logvar"}, "the term 1 is missing"),
    (TERM.replace("exp(", "exp(2*"), VAE, {"param": "logvar"},
     "logvar stands for the logarithm of the standard deviation in the term −σᵢ²"),
    (TERM + " + 3*n/4", VAE, {"param": "logvar"}, "this is the divergence KL(P ‖ Q) plus 3/4 for each coordinate"),
    ("log(sigma_2/sigma_1) + (3*sigma_1**2 + (mu_1 - mu_2)**2*7*sigma_1)/(6*sigma_2**2) - 1/2", NORMAL, {},
     "this is right where mu_1 = mu_2"),
    ("-(mu^2 + sigma^2 - 1 - log(sigma^2))/2", ("normal", "standard_normal"), {},
     "this is minus the divergence KL(P ‖ Q)"),
    ("mu^2 + sigma^2 - 1 - log(sigma^2)", ("normal", "standard_normal"), {}, "this is twice the divergence KL(P ‖ Q)"),
    ("log(lambda_2/lambda_1) + lambda_1/lambda_2 - 1", ("exponential", "exponential"), {},
     "this is the reverse divergence KL(Q ‖ P)"),
    ("mu, sigma + 1/sigma", ("normal", "standard_normal"), {"quantity": "gradient"},
     "component 2: the sign of the term −1/σ is wrong"),
    ("3*mu + 17", ("normal",), {"quantity": "entropy"}, None),
]  # fmt: skip


@pytest.mark.sample(12)
@pytest.mark.parametrize(("text", "laws", "options", "expected"), MISTAKES)
def test_a_classic_mistake_is_named(text, laws, options, expected):
    verdict = check(text, *laws, **options)
    assert verdict.status == "refuted"
    if expected is None:
        assert verdict.diagnoses == ()
    else:
        assert expected in verdict.diagnoses


def test_what_is_right_has_no_diagnosis():
    derivation = derive(*NORMAL)
    assert diagnoses(derivation.record.statement.right, derivation, Values(derivation.question)) == ()


@pytest.mark.parametrize("laws", [NORMAL, ("exponential", "normal"), VAE, ("poisson", "poisson")])
def test_the_quantities_are_what_their_words_say(laws):
    """A divergence is a cross-entropy minus an entropy, either way round."""
    derivation = derive(*laws)
    right, values = derivation.record.statement.right, Values(derivation.question)
    found = {q.words: q.expression for q in quantities(derivation.record)}
    cross, own = (found.get(words) for words in ("the cross-entropy H(P, Q)", "the entropy H(P)"))
    assert (cross is None or own is None) == (laws == ("poisson", "poisson"))
    assert cross is None or own is None or values.agree(cross - own, right)
    words = ("the reverse divergence KL(Q ‖ P)", "the cross-entropy H(Q, P)", "the entropy H(Q)")
    back, cross, own = (found.get(w) for w in words)
    assert (back is None) == (laws == ("exponential", "normal"))
    assert back is None or not values.agree(back, right)
    assert back is None or cross is None or own is None or values.agree(cross - own, back)


def test_values_agree_with_themselves_only():
    values = Values(Question("kl", *NORMAL))
    right = derive(*NORMAL).record.statement.right
    assert values.agree(right, right)
    assert not values.agree(right, right + 1)
    assert values.constant(right) is None
    assert abs(values.constant(right / right + 1) - 2) < 1e-35


def test_the_command_says_what_is_wrong_and_its_exit_code_too(command):
    done = command("check", *NORMAL, exchanged(RIGHT))
    assert (done.returncode, done.stderr) == (1, "")
    assert "this is the reverse divergence KL(Q ‖ P)" in done.stdout
    assert command("check", *NORMAL, RIGHT).returncode == 0
    assert command("check", "normal", "standard_normal", "-log(sigma)+mu^2/2+sigma^2/2-1/2").returncode == 0
    assert command("check", *NORMAL, "-", text=RIGHT).stdout.startswith("proved")
    assert command("check", "normal", "log(sigma) + log(2*pi)/2 + 0.5", "--quantity", "entropy").returncode == 0


def test_the_verdict_as_json(command):
    data = json.loads(command("check", *NORMAL, f"-({RIGHT})", "--json").stdout)
    assert data["status"] == "refuted"
    assert data["diagnoses"] == ["this is minus the divergence KL(P ‖ Q)"]
    assert set(data["counterexample"]["parameters"]) == {"mu_1", "sigma_1", "mu_2", "sigma_2"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*NORMAL, "mu_3"), "no parameter 'mu_3'"),
        (("normal", "normal", "normal", RIGHT), "give the laws and then the formula as one argument"),
        (("normal", RIGHT), "kl needs two laws"),
        (("normall", "normal", RIGHT), "did you mean normal"),
        (("log(foo)",), "name the laws P and Q before the formula"),
        (("normal",), "the formula is missing"),
        (("normal", "standard_normal", "loss.py"), "to check what a file holds, write - < loss.py"),
    ],
)
def test_bad_input_is_one_line(command, words, message):
    done = command("check", *words)
    assert done.returncode in (2, 3)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("formula", "number"),
    [
        ("(mu^2 + sigma^2 - 1)/2 - log(sigma + 1e-8)", "1e-08"),
        ("(mu^2 + sigma^2 - 1 - log(sigma^2 + 0.0001))/2", "0.0001"),
        ("(mu^2 + sigma^2 - 1)/2 + 1e-8 - log(sigma)", "1e-08"),
        ("(mu^2 + sigma^2 - 1 + 1e-3)/2 - log(sigma)", "0.001"),  # a number is read together with those beside it
    ],
)
def test_an_epsilon_is_named(formula, number):
    assert check(formula, "normal", "standard_normal").diagnoses == (
        f"{number} is added; without it this is the divergence KL(P ‖ Q)",
    )


def test_only_what_is_right_without_it_is_called_an_epsilon():
    for formula in ("(mu^2 + sigma^2)/2 - log(sigma + 1e-8)", "(mu^2 + sigma^2 - 1)/2 - log(sigma + 0.01)"):
        assert not any("is added" in words for words in check(formula, "normal", "standard_normal").diagnoses)


def test_what_is_zero_in_a_special_case_explains_nothing():
    verdict = check("0*mu_1", "normal", "normal", where="sigma_1 = sigma_2")  # as is KL(P ‖ Q) - KL(Q ‖ P) there
    assert verdict.status == "refuted"
    assert not any("difference" in words for words in verdict.diagnoses)


def test_where_the_difference_of_both_divergences_was_written_it_is_named():
    difference = (
        "2 log(sigma_2/sigma_1) + (sigma_1^2 + (mu_1 - mu_2)^2)/(2 sigma_2^2)"
        " - (sigma_2^2 + (mu_1 - mu_2)^2)/(2 sigma_1^2)"
    )
    assert check(difference, "normal", "normal").diagnoses == ("this is the difference KL(P ‖ Q) - KL(Q ‖ P)",)


def test_the_entropy_of_a_standard_law_of_one_coordinate_is_none_of_a_product():
    words = [one.words for one in quantities(derive("diagonal_normal", "standard_normal").record)]
    assert "the entropy H(P)" in words
    assert "the entropy H(Q)" not in words


def test_where_the_reverse_divergence_was_written_the_order_is_asked_about():
    formula = "log(sigma_p/sigma_q) + (sigma_q^2 + (mu_q - mu_p)^2)/(2*sigma_p^2) - 1/2"
    verdict = check(formula, "normal", "normal")
    assert verdict.diagnoses == ("this is the reverse divergence KL(Q ‖ P)",)
    assert verdict.remarks[0].endswith("comes first, say so: KL(q || p) = ... in front")
    assert check(f"KL(q || p) = {formula}", "normal", "normal").status == "proved"

"""What a left side says of the quantity and its laws must be what is asked for."""

from __future__ import annotations

import pytest

from kl_symbolic.claims import check
from kl_symbolic.errors import RequestError

pytestmark = pytest.mark.usefixtures("proved_once")

ONE = ("normal", "standard_normal")
TWO = ("normal", "normal")
RIGHT = "0.5*(mu^2 + sigma^2 - 1 - log(sigma^2))"
REVERSED = "log(sigma_1/sigma_2) + (sigma_2^2 + (mu_2 - mu_1)^2)/(2*sigma_1^2) - 0.5"


@pytest.mark.parametrize(
    "left",
    [
        "KL", "kl_loss", "D_KL(P || Q)", "KL(Q || P)", "KL(q(z|x) || p(z))", "KL(N(mu, sigma^2) || N(0, 1))",
        "KL(N(μ, σ²) || N(0, I))", "relative entropy", r"D_{KL}(\mathcal{N}(\mu, \sigma^2) \,\|\, \mathcal{N}(0, 1))",
        "KL(posterior || prior)", "KL(normal || standard_normal)",
    ],
)  # fmt: skip
def test_a_left_side_that_names_what_is_asked_for_is_passed_over(left):
    right = r"\frac12(\mu^2 + \sigma^2 - 1 - \log\sigma^2)" if "\\" in left else RIGHT
    assert check(f"{left} = {right}", *ONE).status == "proved"


@pytest.mark.parametrize(
    ("left", "reason"),
    [
        ("KL(N(0, 1) || N(mu, sigma^2))", "without free parameters where normal stands"),
        ("KL(standard_normal || normal)", "in the other order"),
        ("KL(prior || posterior)", "in the other order"),
        ("KL(N(mu, sigma^2) || N(0, 4))", "another law than standard_normal"),
        ("KL(N(0, sigma^2) || N(0, 1))", "a law with the value 0"),
        ("kl_bits", "--unit bits"),
        ("two_kl", "a multiple"),
        ("ten_kl", "a multiple"),
        ("JS(p, q)", "Jensen-Shannon"),
        ("JSD(P || Q)", "Jensen-Shannon"),
        ("D_alpha(P || Q)", "a divergence of another family"),
        ("ELBO", "a bound on the evidence"),
        (
            "H(p)",
            r"the cross-entropy H\(P, Q\) or the entropy H\(P\); ask for it: --quantity cross_entropy, or entropy",
        ),
        ("H(P, Q)", "the cross-entropy"),
        ("entropy", "the entropy"),
        ("cross_entropy", "the cross-entropy H.P, Q.; ask for it: --quantity cross_entropy"),
        ("kl_grad", "the gradient"),
        ("kl_rev", "the reverse divergence"),
        ("nll", "a likelihood"),
        ("I(X; Z)", "a mutual information"),
        ("KL(N(mu, I) || N(0, I))", "a law with the value I"),
    ],
)
def test_a_left_side_that_names_something_else_is_refused(left, reason):
    with pytest.raises(RequestError, match=reason):
        check(f"{left} = {RIGHT}", *ONE)


def test_parameters_of_both_laws_in_one_are_refused():
    right = "log(sigma_2/sigma_1) + (sigma_1^2 + (mu_1 - mu_2)^2)/(2*sigma_2^2) - 1/2"
    assert check(f"KL(N(mu_1, sigma_1) || N(mu_2, sigma_2)) = {right}", *TWO).status == "proved"
    with pytest.raises(RequestError, match="parameters of both laws in one"):
        check(f"KL(N(mu_1, sigma_2) || N(mu_2, sigma_1)) = {right}", *TWO)


def test_an_entropy_is_no_divergence():
    assert check("H = log(sigma) + log(2 pi e)/2", "normal", quantity="entropy").status == "proved"
    with pytest.raises(RequestError, match="leave --quantity out"):
        check("KL = log(sigma) + log(2 pi e)/2", "normal", quantity="entropy")


@pytest.mark.parametrize("name", ["neg_kl", "negKL", "minus_kl", "neg_kl_loss"])
def test_a_name_may_say_minus(name):
    for text in (f"{name} = -{RIGHT}", f"{name} = -0.5*(mu.pow(2) + sigma.pow(2) - 1 - torch.log(sigma**2))"):
        assert check(text, *ONE).status == "proved"
    verdict = check(f"{name} = {RIGHT}", *ONE)
    assert (verdict.status, verdict.notes) == ("refuted", (f"{name} is minus the quantity",))


@pytest.mark.parametrize(
    "left", ["KL(2 || 1)", "KL_{21}", "KL_{2,1}", "KL(N(mu_2, sigma_2^2) || N(mu_1, sigma_1^2))", "D(N_2 || N_1)"]
)
def test_the_left_side_says_which_law_comes_first(left):
    assert check(f"{left} = {REVERSED}", *TWO).status == "proved"
    assert check(f"KL = {REVERSED}", *TWO).status == "refuted"


def test_the_name_of_a_function_says_it_too():
    body = "np.log(sigma_p/sigma_q) + (sigma_q**2 + (mu_q - mu_p)**2)/(2*sigma_p**2) - 0.5"
    assert check(f"def kl_qp(mu_q, sigma_q, mu_p, sigma_p):\n    return {body}", *TWO).status == "proved"
    assert check(f"kl_q_p = {body}", *TWO).status == "proved"
    assert check(f"def kl_pq(mu_q, sigma_q, mu_p, sigma_p):\n    return {body}", *TWO).status == "refuted"
    assert check(f"def kl(mu_q, sigma_q, mu_p, sigma_p):\n    return {body}", *TWO).status == "refuted"

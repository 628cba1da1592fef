"""What stands on the left of a formula, as papers and forums write it: names, labels, and the laws in their order."""

from __future__ import annotations

import pytest

from kl_symbolic import check
from kl_symbolic.claims.equation import read_equation
from kl_symbolic.claims.sides import exchanged_by, is_name, split
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question
from kl_symbolic.reading.tokens import plain

NORMAL = Question("kl", "normal", "normal")

NAMES = [
    r"\mathrm{h}(X)", "h(x)", "H[X]", r"H_{\text{Gauss}}", r"D_{\mathrm{KL}}[P\,||\,Q]", "Entropy", "D", "KL_1_2",
    "D_{KL}\n\\left(\n\\mathcal{N}(\\mu, \\sigma^2)\n\\;\\|\\;\n\\mathcal{N}(0, I)\n\\right)", "KL(P_a || P_b)",
    "D_KL(N(μ₁,σ₁²) ‖ N(μ₂,σ₂²))", "KL(N(μ, Σ) || N(0, I))", "KL(Pois(λ_p) || Pois(λ_q))",
    r"\mathfrak{D}_\text{KL}[p_1 \mid\mid p_2]", r"\text{KL}_i", "KL(P||Q)_{normal}", r"KL(p(x)\Vert q(x))",
    r"\text{KL divergence}", "𝐷ₖₗ(𝑓₁||𝑓₂)", r"D_{\rm KL}",
    r"\mathbb { D } _ { \mathrm { K L } } ( \mathcal { N } ( \mu , \sigma ^ 2 ) | | \mathcal { N } ( 0 , 1 ) )",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_are_passed_over(name):
    text, tex = plain(f"{name} = 1")
    left, right = split(text)
    assert is_name(left, NORMAL)
    assert right == " 1"
    entropy = name[0] in "hHE" or name.startswith(r"\mathrm{h}")
    question = Question("entropy", "normal") if entropy else NORMAL
    (side,) = read_equation(f"{name} = {'$' if tex else ''}sigma{'' if entropy else '_1'}", question).sides
    assert side.reading is not None


@pytest.mark.parametrize(
    "side", ["KL²", "KL_x²", "KL_½", "KL(P||Q)^n", "KL(P||Q)²", r"\mathcal{L}^2", r"\text{2 KL}", r"\text{minus KL}"]
)
def test_more_than_a_name_is_none(side):
    assert not is_name(plain(side)[0], NORMAL)


@pytest.mark.parametrize(
    ("left", "exchanged"),
    [
        ("KL(N(μ₁,σ₁²) ‖ N(μ₂,σ₂²))", ""),
        ("KL(N(μ₂,σ₂²) ‖ N(μ₁,σ₁²))", "12"),
        ("KL(N(mu2, s2) || N(mu1, s1))", "12"),
        ("KL(λ2 || λ1)", "12"),
        (r"KL(\mathcal{N}(\mu_{2}, \sigma_{2}^{1}) \Vert \mathcal{N}(\mu_{1}, \sigma_{1}^{2}))", "12"),
        ("KL(q, p)", "pq"),
        ("KL(q(z|x), p(z))", "pq"),
        ("KL(p, q)", ""),
        ("KL(q|p)", "pq"),
        ("KL(N(0, 2) || N(0, 1))", ""),
        ("KL(N(mu1, s1) || N(mu0, s0))", "01"),
        ("KL(N(mu0, s0) || N(mu1, s1))", ""),
        ("KL(Y || X)", "xy"),
        ("KL(P_b || P_a)", "ab"),
        ("KL(q(y|x) || p(x))", "pq"),
        ("KL(mu_2, sigma_2, mu_1, sigma_1)", ""),
        ("H(P, Q) - H(P)", ""),
        ("KL(q||p):", "pq"),
    ],
)
def test_the_laws_are_in_the_order_of_the_left_side(left, exchanged):
    assert sorted(exchanged_by(left)) == list(exchanged)


@pytest.mark.parametrize(
    ("left", "names"),
    [
        ("KL(N(mu1, s1) || N(mu0, s0))", ("mu1", "s1", "mu0", "s0")),
        ("KL(N(mu0, s0) || N(mu1, s1))", ("mu0", "s0", "mu1", "s1")),
        ("KL(Y || X)", ("mu_Y", "s_Y", "mu_X", "s_X")),
        ("KL(post || prior)", ("mu_post", "s_post", "mu_prior", "s_prior")),
        ("KL(new || old)", ("mu_new", "s_new", "mu_old", "s_old")),
    ],
)
def test_what_is_right_in_the_order_of_its_left_side_is_proved(left, names):
    mu, s, nu, t = names
    verdict = check(f"{left} = log({t}/{s}) + ({s}^2 + ({mu} - {nu})^2)/(2*{t}^2) - 1/2", "normal", "normal")
    assert verdict.status == "proved"


def test_a_word_of_the_other_law_is_refused():
    with pytest.raises(RequestError, match="prior stands for the other law"):
        check("KL(prior || post) = mu_prior - mu_post", "normal", "normal")


@pytest.mark.parametrize(
    "label",
    ["KL between Normals:", "Answer:", "Exercise 3.2a, KL:", "Kullback-Leibler divergence:", "D_KL(P || Q):", "KL:"],
)
def test_a_label_before_a_colon_is_passed_over(label):
    for text in (f"{label} sigma_1", f"{label}\n= sigma_1", f"{label} KL = sigma_1"):
        (side,) = read_equation(text, NORMAL).sides
        assert side.reading == read_equation("sigma_1", NORMAL).sides[0].reading


@pytest.mark.parametrize(
    "label",
    [
        *("Half the KL:", "negative KL:", "KL/2:", "2 KL:", "KL-mu:", "KL :", "reverse KL:", "lambda:", "if x:"),
        *("mu:", "KL in bits:", "a" * 100 + ":", "KL × 2:", "log KL:"),
    ],
)
def test_a_label_that_may_change_the_value_is_refused(label):
    with pytest.raises(RequestError):
        read_equation(f"{label} sigma_1", NORMAL)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("= sigma_1\n= sigma_1*1", 2),
        (r"&= \sigma_1 \\ &= \sigma_1 \cdot 1", 2),
        (r"\begin{split} KL &= \sigma_1 \\ &\quad + \mu_1 \\ &= \mu_1 + \sigma_1 \end{split}", 2),
        (r"KL \triangleq \sigma_1 \overset{(a)}{=} \sigma_1", 2),
        (r"\boxed{KL = \sigma_1}.", 1),
        (r"KL = \boxed{\sigma_1}", 1),
    ],
)
def test_every_line_is_a_side(text, count):
    sides = read_equation(text, NORMAL).sides
    assert [side.refusal for side in sides] == [""] * count

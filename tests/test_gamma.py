"""The gamma law as users meet it: printed as in textbooks, read as people write it, and told from what is wrong."""

from __future__ import annotations

import importlib.util

import mpmath
import numpy as np
import pytest
import sympy
from audit_functions import QUICK, sentences

from kl_symbolic import InfiniteDivergenceError, RequestError, check, cli, derive, prove
from kl_symbolic.audit import audit
from kl_symbolic.claims import read
from kl_symbolic.proof.question import Question

pytestmark = pytest.mark.usefixtures("proved_once")

GAMMAS = ("gamma", "gamma")
GE = ("gamma", "exponential")
QUESTION = Question("kl", *GAMMAS)

# Printing

PRINTED = {
    GAMMAS: "α₂ log(β₁/β₂) + log Γ(α₂) − log Γ(α₁) + (α₁ − α₂) ψ(α₁) + α₁β₂/β₁ − α₁",
    (*GAMMAS, "scale"): "α₂ log(θ₂/θ₁) + log Γ(α₂) − log Γ(α₁) + (α₁ − α₂) ψ(α₁) + α₁θ₁/θ₂ − α₁",
    (*GAMMAS, "mean"): "α₂ log(α₁μ₂/(α₂μ₁)) + log Γ(α₂) − log Γ(α₁) + (α₁ − α₂) ψ(α₁) + α₂μ₁/μ₂ − α₁",
    ("gamma", "exponential"): "log(β₁/λ₂) − log Γ(α₁) + (α₁ − 1) ψ(α₁) + α₁λ₂/β₁ − α₁",
    ("exponential", "gamma"): "α₂ log(λ₁/β₂) + log Γ(α₂) + (1 − α₂) ψ(1) + β₂/λ₁ − 1",
    ("gamma", "normal"): "log(β₁σ₂) + 1/2 log(2π) − log Γ(α₁) + (α₁ − 1) ψ(α₁) + μ₂²/(2σ₂²) − α₁μ₂/(β₁σ₂²) + "
    "α₁(α₁ + 1)/(2β₁²σ₂²) − α₁",
}


@pytest.mark.parametrize(("laws", "printed"), PRINTED.items(), ids=map(str, PRINTED))
def test_a_divergence_is_printed_as_in_a_textbook(laws, printed):
    p, q, *param = laws
    assert str(derive(p, q, param=param[0] if param else None)) == f"KL(P ‖ Q) = {printed}"


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        ({"quantity": "entropy"}, "H(P) = log Γ(α) − log β + (1 − α) ψ(α) + α"),
        ({"quantity": "entropy", "param": "scale"}, "H(P) = log θ + log Γ(α) + (1 − α) ψ(α) + α"),
        ({"quantity": "score", "of": "alpha"}, "∂/∂α log p(x) = log(βx) − ψ(α)"),
        ({"quantity": "moment", "of": "log_mean"}, "∫₀^∞ p(x) log x dx = ψ(α) − log β"),
        ({"quantity": "moment", "of": "second_moment"}, "∫₀^∞ x² p(x) dx = α(α + 1)/β²"),
    ],
)
def test_what_is_said_of_one_law(options, printed):
    assert str(derive("gamma", **options)) == printed


def test_the_derivative_of_digamma_has_a_prime():
    d = derive(*GAMMAS, quantity="gradient")
    assert "= ((α₁ − α₂) ψ′(α₁) + β₂/β₁ − 1, α₂/β₁ − α₁β₂/β₁², " in str(d)
    assert r"(\alpha_1 - \alpha_2)\psi^{\prime}(\alpha_1) + \dfrac{\beta_2}{\beta_1} - 1" in d.to_latex()


def test_powers_with_letters_stand_apart():
    d = derive("gamma", quantity="score", of="alpha")
    assert "∂/∂α log((β^α x^(α − 1) e^(−βx))/Γ(α))" in d.to_text()
    assert r"\log\frac{\beta^\alpha x^{\alpha - 1}e^{-\beta x}}{\Gamma(\alpha)}" in d.to_latex()
    assert (
        r"\alpha_2\log\frac{\beta_1}{\beta_2} + \log\Gamma(\alpha_2) - \log\Gamma(\alpha_1)"
        in derive(*GAMMAS).to_latex()
    )


@pytest.mark.parametrize(
    ("where", "printed"),
    [
        ("alpha_1 = 1", "α₂ log(β₁/β₂) + log Γ(α₂) + (1 − α₂) ψ(1) + β₂/β₁ − 1"),
        ("alpha_2 = 3", "3 log(β₁/β₂) + log 2 − log Γ(α₁) + (α₁ − 3) ψ(α₁) + α₁β₂/β₁ − α₁"),
        ("alpha_2 = alpha_1", "α₁ log(β₁/β₂) + α₁β₂/β₁ − α₁"),
        ("alpha_1 = 1, alpha_2 = 1", "log(β₁/β₂) + β₂/β₁ − 1"),
        ("beta_2 = beta_1", "log Γ(α₂) − log Γ(α₁) + (α₁ − α₂) ψ(α₁)"),
        ("alpha_1 = 150", "α₂ log(β₁/β₂) + log Γ(α₂) − log Γ(150) + (150 − α₂) ψ(150) + 150β₂/β₁ − 150"),
    ],
)
def test_values_of_the_gamma_function_are_worked_out_where_they_are_small(where, printed):
    d = derive(*GAMMAS, where=where)
    assert str(d).partition(", where")[0] == f"KL(P ‖ Q) = {printed}"
    prove(d)


def test_nothing_is_finite_that_is_not():
    for p in ("normal", "poisson"):
        with pytest.raises(InfiniteDivergenceError):
            derive(p, "gamma")


# Numbers

DENSITIES = {
    "gamma": lambda x, a, b: b**a / mpmath.gamma(a) * x ** (a - 1) * mpmath.exp(-b * x),
    "exponential": lambda x, rate: rate * mpmath.exp(-rate * x),
    "normal": mpmath.npdf,
}
AT = {"gamma": [(1.5, 0.75), (4, 2.5)], "exponential": [(1.25,), (0.5,)], "normal": [(-0.5, 2), (1, 3)]}


@pytest.mark.parametrize(("p", "q"), [laws for laws in PRINTED if len(laws) == 2])
def test_a_closed_form_is_the_integral(p, q):
    d = derive(p, q)
    closed = sympy.lambdify(d.parameters, d.closed_form, "mpmath")
    for first, second in zip(AT[p], AT[q][::-1], strict=True):
        one, other = ([*map(mpmath.mpf, values)] for values in (first, second))

        def integrand(x, one=one, other=other):
            left, right = DENSITIES[p](x, *one), DENSITIES[q](x, *other)
            return left * mpmath.log(left / right)

        found = mpmath.quad(integrand, [0, 1, 5, 20, 60])
        assert mpmath.almosteq(closed(*one, *other), found, rel_eps=1e-9)


def test_a_closed_form_has_values_where_the_gamma_function_is_too_large():
    pytest.importorskip("scipy")
    d = derive(*GAMMAS)
    assert d.closed_form.has(sympy.loggamma)
    assert not d.closed_form.has(sympy.gamma)
    found = sympy.lambdify(d.parameters, d.closed_form, "scipy")(2e4, 3.0, 1e4, 2.0)
    with mpmath.workdps(40):
        expected = sympy.lambdify(d.parameters, d.closed_form, "mpmath")(*map(mpmath.mpf, (2e4, 3, 1e4, 2)))
    assert found == pytest.approx(float(expected), rel=1e-10)


# Reading

TORCH = """
@register_kl(Gamma, Gamma)
def _kl_gamma_gamma(p, q):
    t1 = q.concentration * (p.rate / q.rate).log()
    t2 = torch.lgamma(q.concentration) - torch.lgamma(p.concentration)
    t3 = (p.concentration - q.concentration) * torch.digamma(p.concentration)
    t4 = (q.rate - p.rate) * (p.concentration / p.rate)
    return t1 + t2 + t3 + t4
"""
TENSORFLOW = """
return (((g0_concentration - g1_concentration) * tf.math.digamma(g0_concentration)) +
        tf.math.lgamma(g1_concentration) - tf.math.lgamma(g0_concentration) +
        g1_concentration * g0_log_rate - g1_concentration * g1_log_rate +
        g0_concentration * (tf.math.exp(g1_log_rate - g0_log_rate) - 1.))
"""
WIKIPEDIA = (
    r"D_{\mathrm{KL}}(\alpha_p,\beta_p; \alpha_q, \beta_q) = (\alpha_p-\alpha_q) \psi(\alpha_p) - \log\Gamma(\alpha_p)"
    r" + \log\Gamma(\alpha_q) + \alpha_q(\log \beta_p - \log \beta_q) + \alpha_p\frac{\beta_q-\beta_p}{\beta_p}"
)
TEMPLATE = "(a1 - a2)*{psi}(a1) - {log_gamma}(a1) + {log_gamma}(a2) + a2*({log}(b1) - {log}(b2)) + a1*(b2 - b1)/b1"


def written(psi, log_gamma, log="log"):
    return TEMPLATE.format(psi=psi, log_gamma=log_gamma, log=log)


RIGHT = {
    "torch": TORCH,
    "TensorFlow Probability": TENSORFLOW,
    "Wikipedia": WIKIPEDIA,
    "Wikipedia, shape and scale": r"(k_p - k_q)\psi(k_p) - \ln\Gamma(k_p) + \ln\Gamma(k_q)"
    r" + k_q(\ln\theta_q - \ln\theta_p) + k_p\frac{\theta_p - \theta_q}{\theta_q}",
    "LaTeX with a quotient": r"\ln\frac{\Gamma(\alpha_2)}{\Gamma(\alpha_1)} + \alpha_2 \ln\frac{\beta_1}{\beta_2}"
    r" + (\alpha_1-\alpha_2)\psi(\alpha_1) + \alpha_1\left(\frac{\beta_2}{\beta_1}-1\right)",
    "LaTeX with brackets": r"\log[\Gamma(\alpha_2)] - \log\left(\Gamma(\alpha_1)\right)"
    r" + \alpha_2 \log(\beta_1/\beta_2) + (\alpha_1-\alpha_2)\digamma(\alpha_1) + \alpha_1\beta_2/\beta_1 - \alpha_1",
    "Unicode": "(α₁ − α₂) ψ(α₁) − ln Γ(α₁) + ln Γ(α₂) + α₂ (ln β₁ − ln β₂) + α₁ (β₂ − β₁)/β₁",
    "scipy.special": "(a_p - a_q)*scipy.special.psi(a_p) - gammaln(a_p) + gammaln(a_q) + a_q*np.log(b_p/b_q)"
    " + a_p*(b_q/b_p - 1)",
    "special": written("special.digamma", "special.gammaln", "np.log"),
    "sc": written("sc.digamma", "sc.gammaln", "np.log"),
    "torch.special": written("torch.special.digamma", "torch.special.gammaln", "torch.log"),
    "jax": written("jsp.special.digamma", "jax.lax.lgamma", "jnp.log"),
    "math": written("scipy.special.psi", "math.lgamma", "math.log"),
    "R": "kl <- " + written("digamma", "lgamma"),
    "R, by words": "(shape1-shape2)*digamma(shape1) + lgamma(shape2) - lgamma(shape1) + shape2*log(rate1/rate2)"
    " + shape1*(rate2-rate1)/rate1",
    "Julia": written("digamma", "loggamma"),
    "spreadsheet": written("digamma", "GAMMALN", "LN"),
    "Mathematica": "LogGamma[a2] - LogGamma[a1] + (a1 - a2)*PolyGamma[0, a1] + a2*Log[b1/b2] + a1*(b2 - b1)/b1",
    "lnGamma": "lnGamma(a2) - lnGamma(a1) + (a1 - a2)*psi(a1) + a2*log(b1/b2) + a1*b2/b1 - a1",
    "the gamma function itself": "log(gamma(a2)/math.gamma(a1)) + (a1-a2)*psi(a1) + a2*log(b1/b2) + a1*b2/b1 - a1",
    "methods": "(a1 - a2)*a1.digamma() - a1.lgamma() + a2.lgamma() + a2*(b1/b2).log() + a1*(b2/b1 - 1)",
    "polygamma": "loggamma(a2) - loggamma(a1) + (a1-a2)*polygamma(0, a1) + a2*log(b1/b2) + a1*(b2-b1)/b1",
    "laws on the left": "KL(Gamma(a1, b1) || Gamma(a2, b2)) = " + written("psi", "lgamma"),
    "laws on the left, in LaTeX": r"\mathrm{KL}(\mathrm{Gamma}(\alpha_p, \beta_p) \| \mathrm{Gamma}(\alpha_q, \beta_q))"
    + WIKIPEDIA[WIKIPEDIA.index(" =") :],
}


# From pages and libraries; the empty braces of the first are those of Wikipedia's page, and of ours, at line ends.
RIGHT |= {
    "lines of an equation": r"\begin{align} D_{\mathrm{KL}}(P \| Q) = {} & (\alpha_p-\alpha_q) \psi(\alpha_p)"
    r" - \log\Gamma(\alpha_p) + \log\Gamma(\alpha_q) \\ & {} + \alpha_q(\log \beta_p - \log \beta_q)"
    r" + \alpha_p\frac{\beta_q-\beta_p}{\beta_p}. \end{align}",
    "The Book of Statistical Proofs": r"\mathrm{KL}[P\,||\,Q] = a_2 \, \ln \frac{b_1}{b_2} - \ln"
    r" \frac{\Gamma(a_1)}{\Gamma(a_2)} + (a_1 - a_2) \, \psi(a_1) - (b_1 - b_2) \, \frac{a_1}{b_1} \; .",
    "Penny": r"(k_1-1)\Psi(k_1) - \ln\theta_1 - k_1 - \ln\Gamma(k_1) + \ln\Gamma(k_2) + k_2\ln\theta_2"
    r" - (k_2-1)(\Psi(k_1)+\ln\theta_1) + \frac{\theta_1 k_1}{\theta_2}",
    "orders as indices": r"\alpha_2\log\frac{\beta_1}{\beta_2} + \ln\!\Gamma(\alpha_2) - \ln\!\Gamma(\alpha_1)"
    r" + (\alpha_1-\alpha_2)\,\psi_0(\alpha_1) + \alpha_1\frac{\beta_2}{\beta_1} - \alpha_1",
    "orders above": r"\alpha_2\log\frac{\beta_1}{\beta_2} + \log\Gamma(\alpha_2) - \log\Gamma(\alpha_1)"
    r" + (\alpha_1-\alpha_2)\psi^{(0)}(\alpha_1) + \alpha_1\frac{\beta_2}{\beta_1} - \alpha_1",
    "normalising constants": r"\log\frac{\beta_1^{\alpha_1}}{\Gamma(\alpha_1)} - \log"
    r"\frac{\beta_2^{\alpha_2}}{\Gamma(\alpha_2)}"
    r" + (\alpha_1-\alpha_2)(\psi(\alpha_1)-\log\beta_1) - (\beta_1-\beta_2)\frac{\alpha_1}{\beta_1}",
    "mpmath": "(a1-a2)*mpmath.psi(0, a1) - mpmath.loggamma(a1) + mpmath.loggamma(a2) + a2*mpmath.log(b1/b2)"
    " + a1*(b2-b1)/b1",
    "MATLAB": "(a1-a2)*psi(0, a1) - gammaln(a1) + gammaln(a2) + a2*log(b1./b2) + a1.*(b2-b1)./b1",
    "a module by another name": written("sps.psi", "sps.gammaln", "np.log"),
    "C++": written("boost::math::digamma", "std::lgamma", "std::log"),
    "NumPyro": "(p.concentration - q.concentration)*digamma(p.concentration) - gammaln(p.concentration)"
    " + gammaln(q.concentration) + q.concentration*(jnp.log(p.rate) - jnp.log(q.rate))"
    " + p.concentration*(q.rate - p.rate)/p.rate",
    "a function of R": "kl <- function(a1, b1, a2, b2) { " + written("digamma", "lgamma") + " }",
    "shape and mean": "a1*(m1/m2*a2/a1 - 1) + a2*log(a1*m2/(a2*m1)) + lgamma(a2) - lgamma(a1) + (a1-a2)*digamma(a1)",
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_people_write_is_proved(name):
    verdict = check(RIGHT[name], *GAMMAS)
    assert verdict.status == "proved", verdict.detail


@pytest.mark.parametrize(
    ("text", "p", "q"),
    [
        (
            r"\log\frac{\beta}{\lambda} - \log\Gamma(\alpha) + (\alpha-1)\psi(\alpha) + \alpha\lambda/\beta - \alpha",
            *GE,
        ),
        ("log(rate_p/rate_q) - lgamma(a) + (a-1)*psi(a) + a*rate_q/rate_p - a", *GE),
        (
            r"\alpha\log\frac{\lambda}{\beta} + \log\Gamma(\alpha) + (\alpha - 1)\gamma + \frac{\beta}{\lambda} - 1",
            *GE[::-1],
        ),
        ("α log(λ/β) + log Γ(α) + αγ - γ + β/λ − 1", *GE[::-1]),
        ("a*log(l/b) + lgamma(a) + (a-1)*np.euler_gamma + b/l - 1", *GE[::-1]),
        (r"a\log\frac{l}{b} + \log\Gamma(a) + (a - 1)\gamma_E + \frac{b}{l} - 1", *GE[::-1]),
    ],
)
def test_gamma_and_exponential_laws_are_told_apart_by_their_letters(text, p, q):
    assert check(text, p, q).status == "proved"


@pytest.mark.parametrize("text", ["log(beta/b) + a*b/beta", "log(rate_1/beta_2) + a*rate_1/beta_2"])
def test_a_letter_that_may_be_a_rate_or_a_scale_is_asked_about(text):
    with pytest.raises(RequestError, match="ambiguous: beta"):
        check(text, *GE)


def test_the_letter_of_a_constant_is_mentioned():
    verdict = check("α log(λ/β) + log Γ(α) − (α − 1) γ + β/λ − 1", *GE[::-1])
    assert verdict.status == "refuted"
    assert ("γ", "Euler's constant") in verdict.inferred


@pytest.mark.parametrize(
    "text",
    [
        r"\alpha - \ln\beta + \ln\Gamma(\alpha) + (1-\alpha)\psi(\alpha)",
        r"k + \ln\theta + \ln\Gamma(k) + (1-k)\psi(k)",
        "a + log(scale) + gammaln(a) + (1-a)*psi(a)",
        "a - torch.log(rate) + torch.lgamma(a) + (1.0 - a) * torch.digamma(a)",
    ],
)
def test_the_entropy_is_proved_in_shape_and_rate_or_scale(text):
    assert check(text, "gamma", quantity="entropy").status == "proved"


@pytest.mark.parametrize(
    "first",
    [
        r"(\alpha_1 - \alpha_2)\psi'(\alpha_1) + \beta_2/\beta_1 - 1",
        r"(\alpha_1 - \alpha_2)\psi^{\prime}(\alpha_1) + \beta_2/\beta_1 - 1",
        r"(\alpha_1 - \alpha_2)\psi^{(1)}(\alpha_1) + \beta_2/\beta_1 - 1",
        "(α₁ − α₂) ψ′(α₁) + β₂/β₁ − 1",
        r"(\alpha_1 - \alpha_2)\psi_1(\alpha_1) + \beta_2/\beta_1 - 1",
        "(a1 - a2)*polygamma(1, a1) + b2/b1 - 1",
        "(a1 - a2)*trigamma(a1) + b2/b1 - 1",
    ],
)
def test_derivatives_of_digamma_are_read(first):
    others = ("a2/b1 - a1*b2/b1^2", "psi(a2) + log(b1/b2) - psi(a1)", "a1/b1 - a2/b2")
    if "\\" in first or "α" in first:
        others = tuple(one.replace("a", "alpha_").replace("b", "beta_").replace("lphalpha_", "lpha") for one in others)
        others = (others[0], r"psi(alpha_2) + log(beta_1/beta_2) - psi(alpha_1)", others[2])
    text = f"({', '.join((first, *others))})"
    assert check(text, *GAMMAS, quantity="gradient").status == "proved"


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("digamma(alpha_1)^2", "digamma(alpha_1)**2"),
        (r"\psi''(\alpha_1)", "polygamma(2, alpha_1)"),
        ("scipy.special.polygamma(1, a1)", "polygamma(1, alpha_1)"),
        ("torch.polygamma(1, a1)", "polygamma(1, alpha_1)"),
        (r"\Psi_{2}\left(\alpha_1\right)", "polygamma(2, alpha_1)"),
        ("ψ₁(α₁) + Ψ(α₂)", "polygamma(1, alpha_1) + digamma(alpha_2)"),
        ("tetragamma(a1)", "polygamma(2, alpha_1)"),
        ("psi(1, a1)", "polygamma(1, alpha_1)"),
        (r"\frac{\Gamma(\alpha_1)}{\Gamma(\alpha_2)}", "gamma(alpha_1)/gamma(alpha_2)"),
        (r"\operatorname{lgamma}(\alpha_1)", "log(gamma(alpha_1))"),
        ("np.euler_gamma*alpha_1", "euler_gamma*alpha_1"),
        ("std::lgamma(alpha_1)", "log(gamma(alpha_1))"),
    ],
)
def test_the_words_of_special_functions(text, term):
    assert str(read(text, QUESTION).term) == term


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"\gamma(\alpha_1)", r"not part of a formula: \gamma(...); known functions"),  # which is no capital one
        ("γ(α₁)", "not part of a formula: γ(...)"),
        (r"\Gamma\alpha_1", "no parameter"),
        ("psi alpha_1", "no parameter 'psi'"),
        ("lgamma alpha_1", "an argument in parentheses is missing after lgamma"),
        (r"\psi^2(\alpha_1)", "no parameter"),
        (r"\psi(\alpha_1)^2", "ambiguous"),
        (r"\log\Gamma(\alpha_1)\beta_1", "ambiguous"),
        ("polygamma(1, alpha_1, 2)", "polygamma takes two arguments"),
        ("psi(1, alpha_1, 2)", "digamma takes one argument"),
        (r"\psi_1\alpha_1", "no parameter"),
        (r"\psi_4(\alpha_1)", "not part of a formula"),
        (r"\alpha_1^{} + 1", "not understood"),  # empty braces that are an argument
        (r"\frac{}{\alpha_1}", "not understood"),
    ],
)
def test_what_is_ambiguous_or_unknown_is_refused(text, words):
    with pytest.raises(RequestError) as caught:
        read(text, QUESTION)
    assert words in str(caught.value)


def test_a_parameter_in_the_name_of_a_divergence_is_not_that_of_a_law():
    with pytest.raises(RequestError, match="a divergence of another family"):
        check("D_alpha(P || Q) = " + written("psi", "lgamma"), *GAMMAS)


# What is wrong

NOTATION = written("digamma", "lgamma")
WRONG = {
    "digamma of the other shape": (NOTATION.replace("digamma(a1)", "digamma(a2)"), "ψ(α₂) stands in place of ψ(α₁)"),
    "without log gamma": (
        NOTATION.replace(" - lgamma(a1) + lgamma(a2)", ""),
        "the terms with the gamma function are missing",
    ),
    "log gamma with the wrong sign": (
        NOTATION.replace("- lgamma(a1) + lgamma(a2)", "+ lgamma(a1) - lgamma(a2)"),
        "the terms with the gamma function have the wrong sign",
    ),
    "gamma for log gamma": (NOTATION.replace("lgamma", "Gamma"), "the logarithm of the gamma function is missing"),
    "one log gamma is missing": (NOTATION.replace(" + lgamma(a2)", ""), "the term log Γ(α₂) is missing"),
    "scale for rate": (
        "(a1 - a2)*digamma(a1) - lgamma(a1) + lgamma(a2) + a2*(log(b2) - log(b1)) + a1*(b1 - b2)/b2",
        "beta_1 stands for the scale, which is 1/rate and beta_2 stands for the scale, which is 1/rate",
    ),
    "the laws are exchanged": (
        "(a2 - a1)*digamma(a2) - lgamma(a2) + lgamma(a1) + a1*(log(b2) - log(b1)) + a2*(b1 - b2)/b2",
        "this is the reverse divergence KL(Q ‖ P)",
    ),
    "half of it": (f"({NOTATION})/2", "this is half of the divergence KL(P ‖ Q)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refuted_with_what_it_is_and_a_line_that_is_right(name):
    text, words = WRONG[name]
    verdict = check(text, *GAMMAS)
    assert verdict.status == "refuted"
    assert words in verdict.diagnoses
    assert check(verdict.correction, *GAMMAS).status == "proved"
    assert ("lgamma(a1)" in verdict.correction) == ("lgamma" in text)


def test_a_correction_is_in_the_notation_of_the_formula():
    text = (
        r"(k_p - k_q)\psi(k_q) - \ln\Gamma(k_p) + \ln\Gamma(k_q) + k_q\ln\frac{\theta_q}{\theta_p}"
        r" + k_p\frac{\theta_p}{\theta_q} - k_p"
    )
    assert check(text, *GAMMAS).correction == (
        r"(k_p - k_q) \psi(k_p) - \ln \Gamma(k_p) + \ln \Gamma(k_q) + k_q \ln \frac{\theta_q}{\theta_p} + "
        r"\frac{k_p \theta_p}{\theta_q} - k_p"
    )
    found = check(TORCH.replace("torch.digamma(p.", "torch.digamma(q."), *GAMMAS).correction
    assert "torch.lgamma(q.concentration) - torch.lgamma(p.concentration)" in found
    assert "torch.digamma(p.concentration)" in found


# Functions


needs_scipy = pytest.mark.skipif(importlib.util.find_spec("scipy") is None, reason="SciPy is not installed")


def by_scipy(a, b, c, d, shape=None):
    from scipy import special

    psi = special.digamma(a if shape is None else shape)
    return (a - c) * psi - special.gammaln(a) + special.gammaln(c) + c * (np.log(b) - np.log(d)) + a * (d - b) / b


@needs_scipy
def test_a_function_of_arrays_passes_far_from_equal_laws():
    found = audit(by_scipy, *GAMMAS, rows=QUICK, regions=["far"])
    assert found.passed, found


@needs_scipy
@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda a, b, c, d: by_scipy(a, 1 / b, c, 1 / d), WRONG["scale for rate"][1]),
        (lambda a, b, c, d: by_scipy(c, d, a, b), WRONG["the laws are exchanged"][1]),
        (
            lambda a, b, c, d: by_scipy(a, b, c, d, shape=c),
            WRONG["digamma of the other shape"][1],
        ),
    ],
)
def test_what_is_wrong_in_a_function_is_named(function, words):
    assert f"wrong values: {words} (agrees at" in sentences(audit(function, *GAMMAS, rows=QUICK))


def test_the_divergence_of_torch_is_right_where_nothing_cancels():
    laws = pytest.importorskip("torch").distributions

    def divergence(a, b, c, d):
        return laws.kl_divergence(laws.Gamma(a, b), laws.Gamma(c, d))

    found = audit(divergence, *GAMMAS, rows=QUICK, regions=["far", "near 1e-4"])
    assert found.row("far").worst < found.tolerance < found.row("near 1e-4").worst


def test_symbols_for_the_scale_of_another_library():
    from sympy.stats import Gamma

    k, theta = sympy.symbols("k theta", positive=True)
    d = derive(Gamma("X", k, theta), "gamma", param="scale")
    assert {k, theta} <= set(d.parameters)
    prove(d)
    with pytest.raises(RequestError, match=r"theta in gamma\(k, theta\) is no name of the rate"):
        derive(Gamma("X", k, theta), "gamma")


@pytest.mark.parametrize("law", ["poisson(k)", "gamma(x, 1)", "diagonal_gamma(k, 1)"])
def test_the_variable_of_a_law_or_an_index_is_no_name_of_a_parameter(law):
    with pytest.raises(RequestError, match="means the variable; take another name"):
        derive(law, law.partition("(")[0])


def test_one_lemma_is_one(capsys):
    assert cli.main(["derive", "gamma", "--quantity", "moment", "--of", "mean"]) == 0
    assert "Proved: 8 steps, 1 lemma included, each by the kernel." in capsys.readouterr().out


def test_our_own_latex_is_read_where_a_line_is_broken():
    text = derive("gamma", "normal").to_latex()
    statement = text[text.index(r"\begin{equation}") : text.index(r"\end{equation}")]
    assert "{}" in statement
    assert check(statement + r"\end{equation}", "gamma", "normal").status == "proved"

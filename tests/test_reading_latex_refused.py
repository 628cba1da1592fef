"""What papers write and no formula is, or has two meanings: each is refused in one line that says why."""

from __future__ import annotations

from contextlib import suppress

import pytest
from trees import tree_of

from kl_symbolic.claims import read
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question

REFUSED = [
    # integrals, expectations, laws and functions
    (r"\int p(x) \log q(x) dx", "an integral is not read: give the formula that it comes to"),
    ("∫ p log p dx", "an integral is not read"),
    (r"\mathbb{E}_q[\log p]", r"\mathbb, a law or an expectation is not read"),
    ("E_q[log p]", "E_q[...]; an expectation is not read"),
    (r"E\left[\log p\right]", "E[...]; an expectation is not read"),
    (r"\psi^{(4)}(\mu)", "may be a power or the name of another parameter"),
    ("polygamma(1)", "polygamma takes two arguments"),
    ("KL(P) + 1", "KL(...); a divergence within a formula is not read"),
    (r"D_{KL}(\mu) + 1", "a divergence within a formula is not read"),
    (r"\mathcal{N}(0, 1)", "a law or an expectation is not read"),
    (r"\frac{\partial}{\partial\mu}", r"\partial, a command of LaTeX that is not read"),
    (r"\mu \approx 1", r"\approx, a command of LaTeX"),
    (r"\mu \text{ if this is positive } + 1", "words within a formula are not read"),
    (r"\Lambda^{-1}", r"the matrix \Lambda is not read"),
    # two meanings
    (r"\log\frac{\sigma_2}{\sigma_1}^2", "ambiguous"),
    ("mu(s) + 1", "ambiguous: mu may be mu*s or mu, a function of s"),
    ("[mu + 1][0]", "ambiguous: [0] may be a factor or number a part"),
    (r"\frac12\underbrace{\mu + 1}_{a}", "ambiguous: an underbrace groups a sum beside a factor"),
    (r"\log'\mu", "not part of a formula"),
    ("mu'*mu", "not part of a formula: mu'*mu"),
    ("=LOG(mu)", "to base 10 in a spreadsheet; write LN(...)"),
    ("=log(mu)", "to base 10 in a spreadsheet; write LN(...)"),
    ("=-mu^2+LN(2)", "-m^2 behind = is (-m)^2 in a spreadsheet"),
    ("=1-(-(mu+1)^2)", "-m^2 behind = is (-m)^2 in a spreadsheet"),
    ("=2^mu^2", "a^b^c is (a^b)^c in a spreadsheet"),
    (r"\log 2\sigma", r"may be log(2)*\sigma or log(2*\sigma)"),
    (r"\log \pi\sigma", "ambiguous"),
    (r"\log 2\pi(\sigma + 1)", "ambiguous"),
    (r"\log 2\pi\sigma^2/2", "ambiguous"),
    (r"\log \lambda_p / \lambda_q", "ambiguous"),
    (r"\ln \sigma \sqrt{2\pi e}", r"may be ln(\sigma)*\sqrt{2\pi e} or ln(\sigma*\sqrt{2\pi e})"),
    ("log a exp(b)", "ambiguous"),
    (r"\mathrm{tr}(\Sigma)^2", "ambiguous"),
    ("σ̂ - σ̃", "two names differ by combining tilde alone"),
    ("ℓ", "SCRIPT SMALL L"),
    (r"\log|\Sigma_2|/|\Sigma_1|", "ambiguous"),
    ("1/2x", "may be (1/2)*x or 1/(2*x)"),
    ("a/b c", "ambiguous"),
    (r"\mu^{(2)}", "may be a power or the name of another parameter"),
    (r"\mu^{(i)} - \mu^{(k)}", "the superscripts (i) and (k)"),
    (r"\sum_i \mu_i^{(i)}", "the superscripts (i)"),
    (r"\tilde\mu - \mu", r"two names differ by \tilde alone"),
    (r"\hat\mu_1 - \tilde\mu_1", "alone, which is not read"),
    ("log(mu) (2)", "(2) may be a factor or the number of the equation"),
    ("mu + 1 (3.14)", "(3.14) may be a factor or the number of the equation"),
    ("(2) log(mu)", "(2) may be a factor or the number of the equation"),
    (r"\Sigma\mu", "may be a sum or a variance"),
    ("(m1 - m2)/(2.s2^2)", "2.s2^2"),
    ("log2 mu", "an argument in parentheses is missing after log2"),
    (r"log2\pi", "an argument in parentheses is missing"),
    (r"2\color{red}{\mu + 1}", "the braces of a coloured sum print nothing"),
    (r"1 - \color{red}{\mu + 1}", "the braces of a coloured sum print nothing"),
    (r"\textcolor{red}{\mu - 1}^2", "the braces of a coloured sum print nothing"),
    (r"\frac1e0", "write braces"),
    (r"\frac1.5", "write braces"),
    # half a construction
    (r"\mu \over 2", "not understood from here"),
    (r"\left(\mu \over 2\right)", r"expected ) before \over"),
    (r"{1 \over 2 \over 3}", r"expected } before \over"),
    (r"\boxed{\mu", r"the brace of \boxed is not closed"),
    (r"\boxed{\mu}" * 21, "more than 20 boxes"),
    (r"\boxed{\mu = 1} + 2", "not part of a formula"),
    ("|mu", "a | is missing"),
    ("‖mu) + 1", "expected ‖"),
    (r"\bar{\mu + 1}", r"\bar of more than a name"),
    (r"\hat\log \mu", r"\hat of more than a name"),
    (r"\prod_i \mu_i", r"a product \prod is not read here"),
    (r"\log(1 + \prod_i \mu_i)", "within another term"),
    (r"\sum_{i=0}^{n} \mu_i", "starts from 1"),
    (r"\sum_{i=1}^{n-1} \mu_i", "expected } before"),
    (r"\log_3 \mu", "is not read"),
    (r"\mu_{-i}", "not part of a formula"),
    # letters that look like ours
    ("м + 1", "CYRILLIC SMALL LETTER EM"),
    ("mu_１", "FULLWIDTH DIGIT ONE"),
    ("\U0001d6b0", "MATHEMATICAL BOLD CAPITAL IOTA"),
]


@pytest.mark.parametrize(("written", "words"), REFUSED, ids=[ascii(written[:30]) for written, _ in REFUSED])
def test_what_is_no_formula_is_refused_by_name(written, words):
    with pytest.raises(RequestError) as caught:
        tree_of(written)
    message = str(caught.value)
    assert words in message
    assert "\n" not in message
    assert len(message) < 300


LONG = [
    "{" * 20_000, r"{1\over " * 10_000, "|" * 50_000, r"\|" * 40_000, r"\hat" * 20_000, r"\hat{" * 20_000,
    r"\boxed{" * 12_000, r"\boxed{x}" * 10_000, "_{" * 40_000, r"\text{" * 15_000, "log 2 " * 15_000,
    r"\log 2 a" * 10_000, "2 " + "a " * 40_000, r"\log 2 " + "a " * 40_000, "Σ " * 40_000, r"\Sigma\left" * 8_000,
    r"\mu^{(i)}" * 10_000, "tr " * 30_000, "tr(" * 30_000, "a^T " * 20_000, "x" + " nats" * 18_000,
    "x" + " " * 90_000,
    "x" + r"\quad" * 18_000 + "(1)", "x (" + "1" * 90_000 + ")", r"\log\prod_i " * 8_000, r"\mathbf" * 12_000,
    r"\color{red}" * 9_000, r"\color{red}{" * 8_000,
    r"\mathrm{" + "a " * 40_000, "a:" * 40_000, "sum[1.." * 14_000, "(1)" * 30_000, "𝜎" * 90_000,
    "KL" + "_a" * 40_000 + "? = 1", "KL(" + "a" * 90_000 + ") = 1", "KL(" + "a " * 40_000 + ") = 1",
    "kl " * 30_000 + "? = 1", r"\mathcal" * 12_000 + " = 1", "KL(" + "a|" * 40_000 + ") = 1",
    "x" + " " * 90_000 + "= 1",
]  # fmt: skip


@pytest.mark.sample(20)
@pytest.mark.parametrize("text", LONG, ids=[ascii(text[:20]) for text in LONG])
def test_long_texts_are_read_or_refused(text):
    """What grows with the square of the length would take minutes."""
    with suppress(RequestError):
        read(text, Question("kl", "normal", "normal"))

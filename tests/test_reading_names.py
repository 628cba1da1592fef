"""Names of parameters as people write them: what each says, which law it belongs to, and what is refused."""

from __future__ import annotations

import pytest

from kl_symbolic.claims import check, read
from kl_symbolic.errors import RequestError
from kl_symbolic.families import find
from kl_symbolic.proof.question import Question
from kl_symbolic.reading.places import places
from kl_symbolic.reading.spelling import spelled

NORMAL = Question("kl", "normal", "normal")
ONE = Question("kl", "normal", "standard_normal")
EXPONENTIAL = Question("kl", "exponential", "exponential")
RIGHT = "log({s2}/{s1}) + ({s1}^2 + ({m1} - {m2})^2)/(2*{s2}^2) - 1/2"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("z_mean", ("mean", 1, False, ("z",))),
        ("muP", ("mean", 1, False, ("p",))),
        ("pm", ("mean", 1, False, ("p",))),
        ("prior_outs_mu", ("mean", 1, False, ("prior", "outs"))),
        ("mean_sq", ("mean", 2, False, ())),
        ("SIGMA1", ("spread", 1, False, ("1",))),
        ("Sigma_2", ("spread", 2, False, ("2",))),
        ("stddev_sq", ("spread", 2, False, ())),
        ("std_dev_q", ("spread", 1, False, ("q",))),
        ("sigma1sq", ("spread", 2, False, ("1",))),
        ("qstd", ("spread", 1, False, ("q",))),
        ("sourceVar", ("spread", 2, False, ("source",))),
        ("inv_var", ("spread", -2, False, ())),
        ("precision_1", ("spread", -2, False, ("1",))),
        ("z_log_var", ("spread", 2, True, ("z",))),
        ("zLogvar", ("spread", 2, True, ("z",))),
        ("log_variance", ("spread", 2, True, ())),
        ("log_prior_var", ("spread", 2, True, ("prior",))),
        ("log_sigma_sq", ("spread", 2, True, ())),
        ("lv2", ("spread", 2, True, ("2",))),
        ("lstd1", ("spread", 1, True, ("1",))),
        ("logs_p", ("spread", 1, True, ("p",))),
        ("hidden3_sigma", ("spread", 1, False, ("hidden", "3"))),
    ],
)
def test_a_name_is_taken_apart(name, said):
    (found,) = spelled(name, find("normal").family)
    assert (found.of, found.power, found.logarithm, found.beside) == said


@pytest.mark.parametrize(
    "name", ["z_p", "x", "alpha", "log_alpha", "log_mu", "var_ratio", "mu_diff", "batch_size", "means_of", "sampler"]
)
def test_other_names_say_nothing(name):
    assert not [one for one in spelled(name, find("normal").family) if not one.beside]
    if name != "means_of":
        assert spelled(name, find("normal").family) == ()


PAIRS = [
    ("mu_1", "sigma_1", "mu_2", "sigma_2"),
    ("mu_0", "sigma_0", "mu_1", "sigma_1"),
    ("mu_p", "sigma_p", "mu_q", "sigma_q"),
    ("mup", "sdp", "muq", "sdq"),
    ("p_mean", "p_std", "q_mean", "q_std"),
    ("pm", "ps", "qm", "qs"),
    ("m_x", "s_x", "m_y", "s_y"),
    ("mu_a", "sigma_a", "mu_b", "sigma_b"),
    ("mu_i", "sigma_i", "mu_j", "sigma_j"),
    ("mu", "sigma", "mu_0", "sigma_0"),
    ("mean", "std", "prior_mean", "prior_std"),
    ("mu_post", "sd_post", "mu_prior", "sd_prior"),
    ("encoder_mu", "encoder_sigma", "prior_mu", "prior_sigma"),
    ("self_mean", "self_std", "other_mean", "other_std"),
    ("old_mean", "old_std", "new_mean", "new_std"),
    ("teacher_mean", "teacher_std", "student_mean", "student_std"),
    ("dist1_loc", "dist1_scale", "dist2_loc", "dist2_scale"),
    ("mu_true", "sigma_true", "mu_approx", "sigma_approx"),
]


@pytest.mark.parametrize(("m1", "s1", "m2", "s2"), PAIRS, ids=[pair[2] for pair in PAIRS])
def test_the_names_of_a_formula_say_which_law_each_belongs_to(m1, s1, m2, s2):
    right = RIGHT.format(m1=m1, s1=s1, m2=m2, s2=s2)
    found = read(right, NORMAL)
    assert found.term == read(RIGHT.format(m1="mu_1", s1="sigma_1", m2="mu_2", s2="sigma_2"), NORMAL).term
    if m1 != "mu_1":
        assert dict(found.inferred)[s2] == "sigma_2"
    # The other way round it is another formula.
    other = read(RIGHT.format(m1=m2, s1=s2, m2=m1, s2=s1), NORMAL)
    assert other.term != found.term


@pytest.mark.parametrize(
    "formula",
    [
        "log(sigma_c/sigma_d)",  # which is P?
        "log(sigma_0/sigma_1/sigma_2)",
        "log(sigma/sigma_q)",  # q may be the approximation or the target
        "log(sigma_prior/sigma_other)",
    ],
)
def test_names_that_do_not_say_it_are_refused(formula):
    with pytest.raises(RequestError):
        read(formula, NORMAL)


def test_indices_of_two_laws_are_refused_where_one_alone_has_parameters():
    for formula in ("log(sigma_p/sigma_q)", "log(sigma_1) + mu_2", "mu_prior + log(sigma)", "mu_old + log(sigma_new)"):
        with pytest.raises(RequestError):
            read(formula, ONE)
    assert read("mu_q + sigma_q", ONE).inferred == (("mu_q", "mu"), ("sigma_q", "sigma"))


@pytest.mark.parametrize(
    ("param", "formula", "same"),
    [
        (None, "var", "sigma^2"),
        (None, "exp(logvar)", "sigma^2"),
        (None, "sigma2", "sigma^2"),
        (None, "mean_sq", "mu^2"),
        (None, "prec", "1/sigma^2"),
        ("precision", "tau", "precision"),
        (None, "exp(2*log_std)", "sigma^2"),
        ("var", "sigma", "sqrt(var)"),
        ("var", "logvar", "log(var)"),
        ("logvar", "std", "exp(logvar/2)"),
        ("logvar", "log sigma^2", "logvar"),
        ("logvar", "2*logsigma", "logvar"),
        ("logstd", "logvar", "2*logstd"),
        ("logstd", "sigma^2", "exp(2*logstd)"),
        ("precision", "var", "1/precision"),
        ("precision", "logvar", "-log(precision)"),
        (None, "softplus", None),
    ],
)
def test_every_parameterisation_reads_every_name(param, formula, same):
    question = Question("kl", "normal", "standard_normal", param, param)
    if same is None:
        with pytest.raises(RequestError, match="no parameter 'softplus'"):
            read(formula, question)
        return
    difference = f"-({formula}) + ({same})"
    verdict = check(f"{difference} + mu^2/2 + sigma^2/2 - log(sigma) - 1/2", *claim_laws(question), param=param)
    assert verdict.status == "proved"


def claim_laws(question):
    return question.p, question.q


def test_a_two_is_an_exponent_only_where_it_numbers_nothing():
    assert read("sigma2 - 1", ONE).term == read("sigma^2 - 1", ONE).term
    assert read("sigma2_q/sigma2_p", NORMAL).term == read("sigma_2^2/sigma_1^2", NORMAL).term
    assert read("sigma2/sigma1", NORMAL).term == read("sigma_2/sigma_1", NORMAL).term
    assert read("sigma2_x/sigma1_x", NORMAL).term == read("sigma_2/sigma_1", NORMAL).term
    with pytest.raises(RequestError):
        read("sigma_2 - 1", ONE)


def test_the_letter_s_is_the_variance_where_it_is_asked_for_and_never_squared():
    entropy = {"quantity": "entropy", "param": "var"}
    assert check("log(2 pi e s)/2", "normal", **entropy).status == "proved"
    assert check("log(2 pi e s^2)/2", "normal", **entropy).status == "proved"
    assert check("log(2 pi e s^2)/2", "normal", quantity="entropy").status == "proved"
    assert "sigma stands for the variance" in check("log(2 pi e s)/2", "normal", quantity="entropy").diagnoses
    logvar = Question("kl", "normal", "standard_normal", "logvar", "logvar")
    assert read("log s", logvar).term == read("logvar/2", logvar).term


def test_rho_is_read_only_under_its_softplus():
    for written in ("log(1 + exp(rho))", "log(exp(rho) + 1)"):
        found = read(f"mu^2 + {written}", ONE)
        assert (found.term, dict(found.inferred)) == (read("mu^2 + sigma", ONE).term, {"softplus(rho)": "sigma"})
    for wrong in ("rho", "exp(rho)", "log(2 + exp(rho))"):
        with pytest.raises(RequestError, match="no parameter 'rho'"):
            read(wrong, ONE)


def test_a_word_with_two_meanings_is_refused_and_can_be_said():
    formula = "log(beta_2/beta_1) + beta_1/beta_2 - 1"
    with pytest.raises(RequestError, match=r"ambiguous: beta_\d may be lambda_\d or lambda_\d\^\(-1\)"):
        read(formula, EXPONENTIAL)
    with pytest.raises(RequestError, match="ambiguous: tau may be sigma or"):
        read("tau", ONE)
    as_scale = {"beta_1": "1/lambda_1", "beta_2": "1/lambda_2"}
    assert check(formula, "exponential", "exponential", symbols=as_scale).status == "proved"
    as_rate = {"beta_1": "lambda_1", "beta_2": "lambda_2"}
    assert check(formula, "exponential", "exponential", symbols=as_rate).status == "refuted"


def test_symbols_may_be_formulas_in_the_parameters():
    formula = "(m2 + s - 1 - ln s)/2"
    assert check(formula, "normal", "standard_normal", symbols={"s": "sigma**2", "m2": "mu^2"}).status == "proved"
    sums = "sum(m2 + s - 1 - log(s))/2"
    for text in (
        sums,
        sums.replace("sum(", "sum_j(").replace("m2", "m2_j").replace("s ", "s_j ").replace("(s)", "(s_j)"),
    ):
        verdict = check(text, "diagonal_normal", "standard_normal", symbols={"s": "sigma^2", "m2": "mu^2"})
        assert verdict.status == "proved"
    for wrong, why in (
        ({"s": "nothing", "m2": "mu^2"}, "no parameter 'nothing'"),
        ({"s": "sigma +"}, "s=sigma +: not a"),
    ):
        with pytest.raises(RequestError, match=why.replace("+", r"\+")):
            check(formula, "normal", "standard_normal", symbols=wrong)


def test_what_symbols_say_is_not_exchanged_by_the_left_side():
    text = "KL(q || p) = log(lambda_q/lambda_p) + lambda_p/lambda_q - 1"
    assert check(text, "exponential", "exponential").status == "proved"
    fixed = {"lambda_q": "lambda_2", "lambda_p": "lambda_1"}
    assert check(text, "exponential", "exponential", symbols=fixed).status == "refuted"


def test_words_decide_together():
    assert places([("q",), ("prior",)], (1, 2)) == {("q",): 1, ("prior",): 2}
    assert places([("1",)], (1, 2)) == {("1",): 1}
    assert places([("q",), ("p",)], (1, 2), {"p", "q"}) == {("q",): 1, ("p",): 2}
    with pytest.raises(RequestError, match="do not say which law is P"):
        places([("c",), ("d",)], (1, 2))
    with pytest.raises(RequestError, match="say both"):
        places([("1", "q"), ("2", "p")], (1, 2))


@pytest.mark.parametrize(
    "formula",
    [
        "(mu_enc^2 + exp(logvar_dec) - 1 - logvar_enc)/2",
        "(mu_q^2 + var_q - 1 - log(var_z))/2",
        "(mu_1^2 + sigma_1^2 - 1 - 2*log(sigma_3))/2",
    ],
)
def test_two_variables_are_never_one_parameter(formula):
    with pytest.raises(RequestError, match="would both be"):
        check(formula, "normal", "standard_normal")


def test_of_attributes_the_last_one_says_it():
    assert read("torch.log(self.scale)", ONE).term == read("log(sigma)", ONE).term
    for wrong in ("torch.log(sigma.real)", "torch.log(sigma.__class__)", "torch.log(sigma.T.x)"):
        with pytest.raises(RequestError):
            read(wrong, ONE)


def test_a_name_that_stands_nowhere_is_said():
    assert "log stands nowhere in the formula" in check("mu", "normal", "standard_normal", symbols={"log": "mu"}).notes

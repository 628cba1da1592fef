"""A parameterisation for each law: one name for one meaning; derived, proved, printed, checked, audited."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import mpmath
import numpy as np
import pytest

from kl_symbolic import check, derive, prove, replay, verify
from kl_symbolic.audit import audit
from kl_symbolic.checks.arrays import array_formula
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import ProofError, ProofFileError, RequestError
from kl_symbolic.families import all_families, find, names
from kl_symbolic.proof.codec import from_json, to_json
from kl_symbolic.proof.parameters import parameterisations
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws

NORMALS, GAMMAS, MIXED = ("normal", "normal"), ("gamma", "gamma"), ("exponential", "normal")

# The words, the name and the parameters of a question.
NAMES = [
    (NORMALS, {}, "kl(normal, normal)", "mu_1 sigma_1 mu_2 sigma_2"),
    (NORMALS, {"param": "std"}, "kl(normal, normal)", "mu_1 sigma_1 mu_2 sigma_2"),
    (NORMALS, {"param": "logvar"}, "kl(normal, normal, logvar)", "mu_1 logvar_1 mu_2 logvar_2"),
    (NORMALS, {"param_p": "var", "param_q": "var"}, "kl(normal, normal, var)", "mu_1 var_1 mu_2 var_2"),
    (NORMALS, {"param_p": "logvar"}, "kl(normal, normal, p=logvar)", "mu_1 logvar_1 mu_2 sigma_2"),
    (NORMALS, {"param_p": "logvar", "param_q": "std"}, "kl(normal, normal, p=logvar)", "mu_1 logvar_1 mu_2 sigma_2"),
    (NORMALS, {"param_q": "logvar"}, "kl(normal, normal, q=logvar)", "mu_1 sigma_1 mu_2 logvar_2"),
    (
        NORMALS,
        {"param_p": "logvar", "param_q": "var"},
        "kl(normal, normal, p=logvar, q=var)",
        "mu_1 logvar_1 mu_2 var_2",
    ),
    (("normal", "standard_normal"), {"param": "var"}, "kl(normal, standard_normal, var)", "mu var"),
    (("normal", "standard_normal"), {"param_p": "var"}, "kl(normal, standard_normal, var)", "mu var"),
    (("standard_normal", "normal"), {"param_q": "var"}, "kl(standard_normal, normal, var)", "mu var"),
    (MIXED, {"param": "var"}, "kl(exponential, normal, var)", "lambda_1 mu_2 var_2"),
    (MIXED, {"param_q": "var"}, "kl(exponential, normal, var)", "lambda_1 mu_2 var_2"),
    (MIXED, {"param_p": "rate", "param_q": "var"}, "kl(exponential, normal, var)", "lambda_1 mu_2 var_2"),
    (GAMMAS, {"param_p": "scale", "param_q": "rate"}, "kl(gamma, gamma, p=scale)", "alpha_1 theta_1 alpha_2 beta_2"),
    (
        ("gamma", "normal"),
        {"param_p": "mean", "param_q": "var"},
        "kl(gamma, normal, p=mean, q=var)",
        "alpha_1 mu_1 mu_2 var_2",
    ),
    (("normal", None), {"param": "var", "quantity": "entropy"}, "entropy(normal, var)", "mu var"),
    (("normal", None), {"param_p": "var", "quantity": "entropy"}, "entropy(normal, var)", "mu var"),
]


@pytest.mark.parametrize(("pair", "options", "name", "parameters"), NAMES)
def test_what_is_asked_has_one_name(pair, options, name, parameters):
    found = derive(*pair, **options)
    assert found.name == name
    assert " ".join(map(str, laws(found.question).parameters)) == parameters
    assert derive(*pair, quantity=options.get("quantity", "kl"), **found.question.options).question == found.question


def test_questions_of_one_name_mean_the_same_and_what_means_the_same_has_one_name():
    words = [None, *dict.fromkeys(w for f in all_families().values() for w in f.param_names)]
    by_name, by_laws = {}, {}
    for p, q in itertools.product(["normal", "standard_normal", "gamma", "exponential", "poisson"], repeat=2):
        for pair in itertools.product(words, repeat=2):
            known = [w is None or w in find(law).family.param_names for law, w in zip((p, q), pair, strict=True)]
            if not all(known):
                continue
            question = Question("kl", p, q, *parameterisations(p, q, *pair))
            found = laws(question)
            assert by_name.setdefault(question.name, question) == question
            assert by_laws.setdefault((p, q, found), question.name) == question.name
    assert len(by_name) > 50


SCALAR = [name for name in names() if not find(name).product]


@pytest.mark.parametrize("pair", list(itertools.product(SCALAR, repeat=2)), ids="-".join)
def test_the_canonical_words_stay_as_they_are(pair):
    families = [find(name).family for name in pair]
    for words in itertools.product(*([None, *family.param_names] for family in families)):
        once = parameterisations(*pair, *words)
        assert parameterisations(*pair, *once) == once


REFUSED = [
    (NORMALS, {"param_p": "scale"}, "no parameterisation 'scale' for P, normal; known: std, var"),
    (NORMALS, {"param_q": "foo"}, "no parameterisation 'foo' for Q, normal"),
    (MIXED, {"param_p": "var"}, "no parameterisation 'var' for P, exponential; known: rate"),
    (MIXED, {"param_p": "var", "param_q": "var"}, "no parameterisation 'var' for P, exponential"),
    (NORMALS, {"param": "foo"}, "no parameterisation 'foo' for normal; known:"),
    (MIXED, {"param": "foo"}, "no parameterisation 'foo' for exponential and normal; known:"),
    (NORMALS, {"param": "var", "param_q": "std"}, "either for both laws, or for each"),
    (("normal",), {"param_q": "var", "quantity": "entropy"}, "there is no law Q"),
    (NORMALS, {"param_p": 3}, "param_p must be a string or None"),
]


@pytest.mark.parametrize(("pair", "options", "message"), REFUSED)
def test_what_does_not_fit_is_refused_in_one_line(pair, options, message):
    with pytest.raises(RequestError, match=message) as refusal:
        derive(*pair, **options)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("var", "foo"), "no parameterisation 'foo' for normal"),
        (("scale", None), "no parameterisation 'scale' for normal"),
        (("foo", "foo"), "no parameterisation 'foo' for normal"),
    ],
)
def test_the_kernel_has_no_laws_in_parameters_that_a_family_does_not_know(words, message):
    derivation = derive(*NORMALS).record
    with pytest.raises(ProofError, match=message):
        prove(replace(derive(*NORMALS), record=replace(derivation, question=Question("kl", *NORMALS, *words))))
    with pytest.raises(RequestError, match="there is no law Q to be given by var"):
        laws(Question("entropy", "normal", None, "var", "var"))


@pytest.mark.parametrize("words", [(None, "logvar"), ("logvar", "logvar"), (None, "var"), ("var", None)])
def test_a_derivation_in_other_parameters_is_no_proof_of_the_question(words):
    found = derive(*NORMALS, param_p="logvar").record
    with pytest.raises(ProofError, match="does not start from the statement"):
        prove(Derivation(replace(found, question=Question("kl", *NORMALS, *words))))


CASES = [
    (NORMALS, {"param_p": "logvar"}),
    (NORMALS, {"param_p": "logvar", "param_q": "var", "quantity": "gradient"}),
    (NORMALS, {"param_p": "precision", "param_q": "logstd", "quantity": "asymmetry", "unit": "bits"}),
    (NORMALS, {"param_q": "var", "quantity": "cross_entropy"}),
    (("diagonal_normal", "diagonal_normal"), {"param_p": "logvar", "param_q": "var"}),
    (("diagonal_normal", "diagonal_normal"), {"param_p": "logvar", "dim": 2, "unit": "bits"}),
    (GAMMAS, {"param_p": "scale", "param_q": "rate"}),
    (GAMMAS, {"param_p": "mean", "param_q": "scale"}),
    (("gamma", "normal"), {"param_p": "scale", "param_q": "var"}),
    (MIXED, {"param_q": "var"}),
    (("normal(0, v)", "normal(m, 3)"), {"param_p": "var"}),
]


@pytest.mark.sample(5)
@pytest.mark.parametrize(("pair", "options"), CASES, ids=str)
def test_mixed_parameters_are_derived_proved_verified_and_kept(pair, options):
    found = derive(*pair, **options)
    proof = prove(found)
    assert proof.computed == ()
    assert verify(found, digits=25, points=2).status == "agree"
    assert replay(found.to_json()).question == found.question
    assert check(found.closed_form, *pair, **options).status == "proved"


def test_a_closed_form_is_that_of_the_density_by_numbers():
    closed = derive(*GAMMAS, param_p="scale").closed_form
    at = {"alpha_1": "3/2", "theta_1": "1/2", "alpha_2": "2", "beta_2": "3/4"}
    with mpmath.workdps(30):
        a, t, b, r = (mpmath.mpf(v) if "/" not in v else mpmath.fraction(*map(int, v.split("/"))) for v in at.values())

        def log_density(x, shape, rate):
            return shape * mpmath.log(rate) - mpmath.loggamma(shape) + (shape - 1) * mpmath.log(x) - rate * x

        def integrand(x):
            p = log_density(x, a, 1 / t)
            return mpmath.exp(p) * (p - log_density(x, b, r))

        truth = mpmath.quad(integrand, [0, 1, 5, 60])
        value = closed.evalf(30, subs={s: at[str(s)] for s in closed.free_symbols})
        assert abs(truth - mpmath.mpf(str(value))) < mpmath.mpf(10) ** -15


def test_the_legend_says_the_parameters_of_each_law():
    text = derive(*NORMALS, param_p="logvar").to_text(stages=[])
    assert "P: normal distribution with mean μ₁ and log-variance log σ₁²\n" in text
    assert "Q: normal distribution with mean μ₂ and standard deviation σ₂\n" in text
    latex = derive(*GAMMAS, param_p="scale").to_latex()
    assert r"scale $\theta_1$" in latex
    assert r"rate $\beta_2$" in latex
    assert r"\label{kl-gamma-gamma-p-scale-statement}" in latex


def test_a_formula_is_read_in_the_parameters_of_each_law():
    right = "log(s_2) - lv_1/2 + (exp(lv_1) + (mu_1 - mu_2)^2)/(2 s_2^2) - 1/2"
    said = {"lv_1": "logvar_1", "s_2": "sigma_2"}
    assert check(right, *NORMALS, param_p="logvar", symbols=said).status == "proved"
    verdict = check(right, *NORMALS, param_p="logvar", param_q="var", symbols=said | {"s_2": "var_2"})
    assert verdict.diagnoses == ("var_2 stands for the standard deviation",)
    wrong = "log(sigma_2)/2 - logvar_1/2 + (exp(logvar_1) + (mu_1 - mu_2)^2)/(2 sigma_2) - 1/2"
    verdict = check(wrong, *NORMALS, param_p="logvar")
    assert verdict.diagnoses == ("sigma_2 stands for the variance",)
    assert check(verdict.correction, *NORMALS, param_p="logvar").status == "proved"
    assert not any("it is what the formula speaks of" in note for note in verdict.notes)


def test_the_parameters_of_which_a_formula_speaks_are_those_of_any_law():
    text = "log(lambda_1) + log(2*pi*var_2)/2 - 1 + (2/lambda_1^2 - 2*mu_2/lambda_1 + mu_2^2)/(2*var_2)"
    verdict = check(text, *MIXED)
    assert (verdict.status, verdict.derivation.name) == ("proved", "kl(exponential, normal, var)")
    assert verdict.notes == ("param var: it is what the formula speaks of",)
    assert check(text.replace("- 1 +", "+"), *MIXED).status == "refuted"


def test_s_is_the_variance_of_the_law_that_is_given_by_it():
    text = "log(t_2) - log(s_1)/2 + (s_1 + (mu_1 - mu_2)^2)/(2 t_2^2) - 1/2"
    symbols = {"t_2": "sigma_2"}
    assert check(text, *NORMALS, param_p="var", symbols=symbols).status == "proved"
    assert check(text, *NORMALS, param_q="var", symbols=symbols).status == "refuted"


@pytest.mark.parametrize(
    ("pair", "options"),
    [(NORMALS, {"param_p": "logvar"}), (GAMMAS, {"param_p": "scale"}), (("gamma", "exponential"), {"param_p": "mean"})],
)
def test_the_reverse_divergence_is_found_in_its_parameters(pair, options):
    """It has those of P with 2 and those of Q with 1, also where the laws have two and one."""
    exchanged = derive(*pair, **options).question.exchanged
    text = str(derive(exchanged.p, exchanged.q, **exchanged.options).closed_form)
    text = text.replace("_1", "_0").replace("_2", "_1").replace("_0", "_2")
    assert check(text, *pair, **options).diagnoses == ("this is the reverse divergence KL(Q ‖ P)",)


def far(mu_1, logvar_1, mu_2, sigma_2):
    return np.log(sigma_2) - logvar_1 / 2 + (np.exp(logvar_1) + (mu_1 - mu_2) ** 2) / (2 * sigma_2**2) - 0.5


def in_variance(mu_1, logvar_1, mu_2, sigma_2):
    return far(mu_1, logvar_1, mu_2, np.sqrt(sigma_2))


ARGS = ("mu_1", "logvar_1", "mu_2", "sigma_2")


@pytest.mark.parametrize("options", [{"args": ARGS}, {"param_p": "logvar"}, {"args": ARGS, "param_p": "logvar"}])
def test_a_function_of_mixed_parameters_is_audited(options):
    found = audit(far, *NORMALS, regions=["far", "shapes"], rows=20, **options)
    assert found.passed
    assert "kl(normal, normal, p=logvar), proved" in str(found)


def test_a_function_that_takes_one_parameter_for_another_is_found():
    found = audit(in_variance, *NORMALS, ARGS, regions=["far"], rows=20)
    assert not found.passed
    assert "sigma_2 stands for the variance" in str(found)
    with pytest.raises(RequestError, match="mu_1,logvar_1,mu_2,logvar_2 in any order"):
        audit(far, *NORMALS, ("mu_1", "foo", "mu_2", "sigma_2"), param_p="logvar")


def test_the_array_functions_take_both_laws_in_the_same_parameters():
    assert array_formula(Question("kl", *NORMALS, "logvar", "logvar")) is not None
    assert array_formula(Question("kl", *NORMALS, "logvar", None)) is None
    assert array_formula(Question("kl", "normal", "standard_normal", "logvar", "logvar")) is not None


def test_the_command_line_takes_a_parameterisation_for_each(command):
    done = command("derive", *NORMALS, "--param-p", "logvar", "--param-q", "var", "--format", "json")
    assert replay(done.stdout).question.name == "kl(normal, normal, p=logvar, q=var)"
    for words in (("--param-p", "foo"), ("--param", "var", "--param-q", "std")):
        refused = command("derive", *NORMALS, *words)
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    text = "log(sigma_2) - logvar_1/2 + (exp(logvar_1) + (mu_1 - mu_2)^2)/(2 sigma_2^2) - 1/2"
    assert command("check", *NORMALS, text, "--param-p", "logvar").returncode == 0
    assert command("verify", *GAMMAS, "--param-p", "scale", "--digits", "15", "--points", "1").returncode == 0


def test_sphinx_takes_a_parameterisation_for_each():
    request = pytest.importorskip("kl_symbolic.sphinxext.request")
    found = request.from_text("normal normal param_p=logvar param_q=var")
    assert found.derive().name == "kl(normal, normal, p=logvar, q=var)"
    assert {"param_p", "param_q"} <= request.WHAT.keys()


# Proof files


def question_of(text):
    return json.loads(text)["derivations"][-1]["question"]


def with_question(text, question):
    data = json.loads(text)
    for part in data["derivations"]:
        asked = dict(part["question"])
        if part is data["derivations"][-1]:
            part["question"] = question(asked)
    return json.dumps(data)


def one_word(question):
    """Return the question as files had it that knew one parameterisation for both laws."""
    rest = {name: value for name, value in question.items() if name not in ("param_p", "param_q")}
    return rest | {"param": question["param_p"]}


@pytest.mark.parametrize(
    ("pair", "options"),
    [(NORMALS, {"param": "logvar"}), (NORMALS, {}), (("normal", None), {"param": "var", "quantity": "entropy"})],
)
def test_a_file_with_one_word_is_read_as_that_of_both_laws(pair, options):
    found = derive(*pair, **options)
    text = found.to_json()
    assert {"param_p", "param_q"} <= question_of(text).keys()
    old = with_question(text, one_word)
    assert from_json(old) == found.record
    assert to_json(from_json(old)) == text
    assert replay(old).question == found.question


@pytest.mark.parametrize(
    "question",
    [
        lambda asked: asked | {"param": "var"},
        lambda asked: {name: value for name, value in asked.items() if name != "param_q"},
        lambda asked: asked | {"param_q": 3},
        lambda asked: asked | {"param_p": "var"},
    ],
    ids=["both", "missing", "number", "another"],
)
def test_a_file_with_other_words_is_refused(question):
    text = derive(*NORMALS, param_p="logvar").to_json()
    with pytest.raises(ProofFileError):
        from_json(with_question(text, question))

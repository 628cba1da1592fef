"""Quantities: what a record says is true, one file is enough for a new one, and no other file asks which one it is."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import mpmath
import pytest

import kl_symbolic
from kl_symbolic import check, derive, divergences, prove, verify
from kl_symbolic.divergences import all_quantities, find_quantity
from kl_symbolic.divergences.others import OTHER_WORDS
from kl_symbolic.engine.derive import BY_PLAN
from kl_symbolic.errors import InfiniteDivergenceError, ProofError, RequestError
from kl_symbolic.proof import statement
from kl_symbolic.terms import DEFINED_HEADS

PACKAGE = Path(kl_symbolic.__file__).parent
QUANTITIES = sorted(all_quantities())


def test_every_file_is_a_quantity():
    files = {path.stem for path in (PACKAGE / "divergences").glob("*.py")} - {"__init__", "quantity", "others"}
    assert set(all_quantities()) == files


@pytest.mark.parametrize("name", QUANTITIES)
def test_a_record_is_whole(name):
    quantity = find_quantity(name)
    assert quantity.name == name
    assert quantity.plan in BY_PLAN
    assert quantity.laws in (1, 2)
    assert quantity.title
    assert quantity.words
    assert ("{of}" in quantity.heading) == bool(quantity.of)
    assert all(phrase == phrase.lower() for phrase in quantity.spellings)


def test_every_plan_is_one_of_a_quantity():
    assert {quantity.plan for quantity in all_quantities().values()} == set(BY_PLAN)


def test_every_head_is_the_left_side_of_one_quantity():
    assert [statement.quantity_of(head) for head in DEFINED_HEADS] == ["kl", "entropy", "cross_entropy"]


@pytest.mark.parametrize("name", [name for name in QUANTITIES if find_quantity(name).reverse])
def test_the_words_for_the_laws_exchanged_exchange_the_letters(name):
    quantity = find_quantity(name)
    exchanged = quantity.words.translate(str.maketrans("PQ", "QP"))
    assert quantity.reverse.replace("the reverse ", "the ") == exchanged


def test_an_unknown_quantity_is_refused_with_those_that_are_known():
    with pytest.raises(RequestError, match=r"quantity must be one of asymmetry, cross_entropy, .*, given: 'renyi'"):
        find_quantity("renyi")


# A new file

MEAN_KL = """
from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="mean_kl",
    title="Mean of both divergences",
    words="the mean of KL(P ‖ Q) and KL(Q ‖ P)",
    left=lambda m, p, q: (m.KL(p, q) + m.KL(q, p)) / 2,
    plan="combination",
    spellings=("mean kl",),
)
"""
# Kullback and Leibler (1951), (3.7), for one coordinate: the logarithms cancel.
FORMULA = "((v + (m - n)^2)/w + (w + (m - n)^2)/v)/2 - 1"
SYMBOLS = {"v": "sigma_1**2", "w": "sigma_2**2", "m": "mu_1", "n": "mu_2"}
NORMALS = ("normal", "normal")


@pytest.fixture
def extra_quantity(tmp_path, monkeypatch):
    """Put one more file beside the quantities' own, and forget it afterwards."""

    def forget():
        divergences.all_quantities.cache_clear()
        sys.modules.pop("kl_symbolic.divergences.extra", None)

    def add(source):
        (tmp_path / "extra.py").write_text(source, encoding="utf-8")
        monkeypatch.setattr(divergences, "__path__", [*divergences.__path__, str(tmp_path)])
        forget()

    yield add
    monkeypatch.undo()
    forget()


@pytest.fixture
def mean_kl(extra_quantity):
    with pytest.raises(RequestError):
        find_quantity("mean_kl")
    extra_quantity(MEAN_KL)


@pytest.mark.usefixtures("mean_kl")
@pytest.mark.parametrize(
    ("p", "q", "options"),
    [
        (*NORMALS, {}),
        (*NORMALS, {"unit": "bits"}),
        ("normal", "standard_normal", {"param": "logvar"}),
        (*NORMALS, {"param_p": "var", "param_q": "logstd"}),
        pytest.param("gamma", "exponential", {}, marks=pytest.mark.slow),
        ("diagonal_poisson", "diagonal_poisson", {}),
        pytest.param("diagonal_exponential", "diagonal_exponential", {"dim": 2}, marks=pytest.mark.slow),
    ],
)
def test_one_file_is_derived_proved_and_verified(p, q, options):
    for quantity in ("mean_kl", "jeffreys"):
        found = derive(p, q, quantity=quantity, **options)
        assert prove(found).computed == ()
        assert verify(found, digits=20, points=2).status == "agree"


def test_its_value_is_that_of_the_sum_of_both_integrals():
    closed = derive(*NORMALS, quantity="jeffreys").closed_form
    at = {"mu_1": 0.5, "sigma_1": 1.25, "mu_2": -1, "sigma_2": 2}
    with mpmath.workdps(30):

        def log_density(x, mu, sigma):
            return -((x - mu) ** 2) / (2 * mpmath.mpf(sigma) ** 2) - mpmath.log(sigma)

        def integrand(x):
            p, q = log_density(x, 0.5, 1.25), log_density(x, -1, 2)
            return (mpmath.exp(p) - mpmath.exp(q)) * (p - q) / mpmath.sqrt(2 * mpmath.pi)

        truth = mpmath.quad(integrand, [-60, -5, 0, 5, 60])
        value = closed.evalf(30, subs={s: at[str(s)] for s in closed.free_symbols})
        assert abs(truth - mpmath.mpf(str(value))) < mpmath.mpf(10) ** -20


def test_it_is_infinite_where_one_of_its_parts_is():
    with pytest.raises(InfiniteDivergenceError, match=r"KL\(normal \|\| exponential\) is infinite"):
        derive("exponential", "normal", quantity="jeffreys")


def test_it_is_printed():
    text = derive(*NORMALS, quantity="jeffreys").to_text()
    assert "Jeffreys' divergence: normal ‖ normal" in text
    assert "KL(P ‖ Q) + KL(Q ‖ P)" in text
    assert (
        r"D_{\mathrm{KL}}(P \,\|\, Q) + D_{\mathrm{KL}}(Q \,\|\, P) = "
        in derive(*NORMALS, quantity="jeffreys").to_latex()
    )


@pytest.mark.usefixtures("mean_kl")
def test_the_command_line_knows_it(command):
    assert "mean_kl(gamma, gamma)" in command("list").stdout
    done = command("derive", *NORMALS, "--quantity", "mean_kl", "--format", "markdown")
    assert done.returncode == 0
    assert "Mean of both divergences" in done.stdout
    assert "mean_kl" in command("derive", "--help").stdout


def test_a_proof_file_of_it_is_proved_anew():
    text = derive(*NORMALS, quantity="jeffreys").to_json()
    assert kl_symbolic.replay(text).statement == derive(*NORMALS, quantity="jeffreys").statement
    with pytest.raises(ProofError):
        kl_symbolic.replay(text.replace("jeffreys", "asymmetry"))


@pytest.mark.usefixtures("mean_kl")
def test_a_proof_file_of_a_quantity_that_is_not_there_is_refused(monkeypatch):
    text = derive(*NORMALS, quantity="mean_kl").to_json()
    monkeypatch.undo()
    divergences.all_quantities.cache_clear()
    with pytest.raises(kl_symbolic.errors.ProofFileError, match="quantity cannot be 'mean_kl'"):
        kl_symbolic.replay(text)


@pytest.mark.parametrize("left", ["J(P, Q)", "Jeffreys(p, q)", "jeffreys", "symmetric_kl", "Jeffreys divergence", ""])
def test_it_is_read_on_a_left_side(left):
    text = f"{left} = {FORMULA}" if left else FORMULA
    assert check(text, *NORMALS, quantity="jeffreys", symbols=SYMBOLS).status == "proved"
    assert check(text.replace("- 1", "- 2"), *NORMALS, quantity="jeffreys", symbols=SYMBOLS).status == "refuted"


def test_on_a_left_side_it_is_no_other_quantity():
    with pytest.raises(RequestError, match=r"names Jeffreys' divergence .*; ask for it: --quantity jeffreys"):
        check(f"Jeffreys(p, q) = {FORMULA}", *NORMALS, symbols=SYMBOLS)
    with pytest.raises(RequestError, match="names the entropy"):
        check(f"entropy = {FORMULA}", *NORMALS, quantity="jeffreys", symbols=SYMBOLS)
    with pytest.raises(RequestError, match="names the Jensen-Shannon divergence"):
        check(f"JS(p, q) = {FORMULA}", *NORMALS, quantity="jeffreys", symbols=SYMBOLS)


def test_code_is_read_by_its_name():
    body = "(v1 + (mu1 - mu2)**2)/v2/2 + (v2 + (mu1 - mu2)**2)/v1/2 - 1"
    for name, status in (("jeffreys_loss", "proved"), ("something", "refuted")):
        code = f"{name} = {body}\nother = mu1 * 3"  # the last one that is named for a quantity, or the last one
        assert check(code, *NORMALS, quantity="jeffreys", param="var").status == status


def test_what_else_a_formula_of_it_may_be_is_found_both_ways():
    divergence = "log(sigma_2/sigma_1) + (sigma_1^2 + (mu_1 - mu_2)^2)/(2*sigma_2^2) - 1/2"
    verdict = check(divergence, *NORMALS, quantity="jeffreys")
    assert verdict.diagnoses == ("this is the divergence KL(P ‖ Q)",)
    verdict = check(FORMULA, *NORMALS, symbols=SYMBOLS)
    assert verdict.diagnoses == ("this is Jeffreys' divergence KL(P ‖ Q) + KL(Q ‖ P)",)


def test_without_the_file_nobody_knows_it():
    with pytest.raises(RequestError, match="quantity must be one of"):
        derive(*NORMALS, quantity="mean_kl")
    assert "renyi" in OTHER_WORDS
    with pytest.raises(RequestError, match="a divergence of another family"):
        check(f"Renyi(p, q) = {FORMULA}", *NORMALS, symbols=SYMBOLS)


def test_an_error_in_a_quantity_is_not_swallowed(extra_quantity):
    extra_quantity("import no_such_library")
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        all_quantities()


FALSE = MEAN_KL.replace('plan="combination",', 'plan="combination",\n    right=lambda m, p, q: m.KL(p, q),')


def test_a_right_side_that_the_derivation_does_not_have_is_refused(extra_quantity):
    extra_quantity(FALSE)
    with pytest.raises(ProofError, match=r"mean_kl\(normal, normal\): ends in .*, not in KL"):
        prove(derive(*NORMALS, quantity="mean_kl"))


# Elsewhere a quantity is named only where it is meant, never to dispatch on it.
NAMED = {
    "the plans, and the lemmas that derivations cite": {
        "engine/derive.py": "decomposition entropy gradient moment score"
    },
    "the divergence that array functions compute": {"code/stable_program.py": "kl", "numeric/__init__.py": "kl"},
    "what a quantity may be of": {"api.py": "moment", "kernel/alone.py": "moment", "proof/statement.py": "moment"},
    "a question that only names laws; a route": {"proof/question.py": "entropy kl"},
    "an audit asks for the derivatives": {"audit/target.py": "gradient"},
    "the gradient of a closed form": {
        "closed_forms/form.py": "gradient",
        "reference/making.py": "gradient",
        "reference/table.py": "gradient",
    },
    "the gradient of a function that is audited": {
        "audit/report.py": "gradient",
        "audit/run.py": "gradient",
        "audit/sentences.py": "gradient",
    },
    "a rule of the kernel": {"kernel/rules.py": "score", "render/captions.py": "score"},
    "a domain of Sphinx": {"sphinxext/domain.py": "kl", "sphinxext/nodes.py": "kl", "sphinxext/roles.py": "kl"},
}


def names_of_quantities(source):
    """Return the quantities that a file names in a text of its own: ``question.quantity == "kl"``."""
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in all_quantities()
    }


def test_a_quantity_is_named_only_where_it_is_meant():
    files = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    found = {name: names_of_quantities(path.read_text(encoding="utf-8")) for name, path in files.items()}
    named = {name: set(words.split()) for reason in NAMED.values() for name, words in reason.items()}
    assert {name: words for name, words in found.items() if words and not name.startswith("divergences/")} == named


def test_the_look_at_names_is_able_to_fail():
    assert names_of_quantities('if question.quantity in ("kl", "entropy"):\n    pass') == {"kl", "entropy"}


def compared(source):
    """Return the lines on which a file compares the quantity of a question with something."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare | ast.Match):
            asked = [node.left, *node.comparators] if isinstance(node, ast.Compare) else [node.subject]
            found += [node.lineno for one in asked if isinstance(one, ast.Attribute) and one.attr == "quantity"]
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_file_asks_which_quantity_a_question_is_about(path):
    lines = compared(path.read_text(encoding="utf-8"))
    assert not lines or path.name == "catalogue.py"  # of Sphinx, which lists the quantity that a page names


@pytest.mark.parametrize(
    "source",
    [
        'if question.quantity == "kl":\n    pass',
        "question.quantity in ONE_LAW",
        "match question.quantity:\n    case 'kl': 0",
    ],
)
def test_the_look_at_comparisons_is_able_to_fail(source):
    assert compared(source) == [1]

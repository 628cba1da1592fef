"""All cases of a question: finite, infinite, unknown; together they cover all parameters, and each is proved."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import log

import pytest
from more_laws import COIN, INVERSE_GAMMA, UNIFORM, with_laws

from kl_symbolic import (
    InfiniteDivergenceError,
    NoClosedFormError,
    ProofError,
    RequestError,
    answers,
    check,
    derive,
    load,
    prove,
    replay,
    verify,
)
from kl_symbolic.cli.entry import main
from kl_symbolic.derivation import Derivation
from kl_symbolic.families import Moment
from kl_symbolic.kernel import prove as kernel_prove
from kl_symbolic.kernel import prove_step, specialise
from kl_symbolic.kernel.alone import INFINITY_OF_DIVERGENCES
from kl_symbolic.proof.derivation import Citation, Step
from kl_symbolic.proof.derivation import Derivation as Record
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws, left_side
from kl_symbolic.proof.where import read_condition
from kl_symbolic.terms import INFINITY, KL, CrossEntropy, Number, Symbol, Term

INFINITE = [("normal", "exponential"), ("normal", "gamma"), ("poisson", "normal"), ("gamma", "poisson")]


@pytest.mark.parametrize("quantity", ["kl", "entropy", "cross_entropy", "asymmetry", "gradient", "decomposition"])
@pytest.mark.parametrize("law", ["coin", "diagonal_coin"])
def test_a_law_on_finitely_many_numbers(law, quantity):
    with with_laws(COIN):
        if (law, quantity) == ("diagonal_coin", "decomposition"):
            return
        derivation = derive(law, None if quantity == "entropy" else law, quantity=quantity)
        proof = prove(derivation)
        assert proof.computed == ()
        if law == "coin":  # products integrate the other coordinates out
            assert not any("normalisation" in axiom for axiom in proof.axioms)
        assert verify(derivation, digits=20, points=1, stages=False).status == "agree"


class TestInfinity:
    @pytest.mark.parametrize(("p", "q"), INFINITE)
    def test_the_error_carries_a_proof(self, p, q):
        with pytest.raises(InfiniteDivergenceError, match=f"KL\\({p} \\|\\| {q}\\) is infinite: P gives") as caught:
            derive(p, q)
        assert caught.value.derivation.statement.right is INFINITY
        assert caught.value.proof.statement == caught.value.derivation.statement
        assert caught.value.proof.axioms == (INFINITY_OF_DIVERGENCES,)
        assert prove(caught.value.derivation) == caught.value.proof

    @pytest.mark.parametrize("quantity", ["cross_entropy", "decomposition", "asymmetry", "gradient"])
    def test_so_does_that_of_what_rests_on_it(self, quantity):
        for pair in (("normal", "exponential"), ("exponential", "normal")):
            if quantity != "asymmetry" and pair[0] == "exponential":
                continue
            with pytest.raises(InfiniteDivergenceError, match=r"KL.normal .. exponential. is infinite") as caught:
                derive(*pair, quantity=quantity)
            assert caught.value.proof.question == Question("kl", "normal", "exponential")

    def test_products_bits_and_conditions(self):
        for options in ({"unit": "bits"}, {"where": "mu_1 > 3"}, {"where": "mu_1 = 3"}, {"param": "var"}):
            with pytest.raises(InfiniteDivergenceError) as caught:
                derive("normal", "exponential", **options)
            assert caught.value.proof is not None
        with pytest.raises(InfiniteDivergenceError) as caught:
            derive("diagonal_normal", "diagonal_gamma", dim=3)
        assert caught.value.proof.statement.left.head == "KL"

    def test_it_is_printed_saved_and_read_back(self):
        with pytest.raises(InfiniteDivergenceError) as caught:
            derive("normal", "exponential")
        found = caught.value.derivation
        assert str(found) == "KL(P ‖ Q) = ∞"
        assert r"= \infty" in found.to_latex()
        text = found.to_text(proof=caught.value.proof)
        assert "P has mass on all of ℝ, and Q has none outside (0, ∞)" in text
        assert "Proved: 1 step, each by the kernel." in text
        assert str(found.closed_form) == "oo"
        assert replay(found.to_json()) == caught.value.proof
        assert load(found.to_json()).statement == found.statement
        for form in ("to_html", "to_markdown", "to_github", "to_tex", "to_cell"):
            assert "infty" in getattr(found, form)() or "∞" in getattr(found, form)()

    def test_the_numbers_agree_that_p_has_mass_where_q_has_none(self):
        with pytest.raises(InfiniteDivergenceError) as caught:
            derive("diagonal_normal", "diagonal_gamma")
        report = verify(caught.value.derivation, digits=20, points=2)
        assert report.status == "agree"
        assert "P has mass where Q has none" in str(report)

    def test_and_disagree_where_it_has_not(self):
        question = Question("kl", "exponential", "normal")
        wrong = Derivation(Record(question, (Step("support", left_side(question), INFINITY),)))
        assert verify(wrong, digits=20, points=2).status == "disagree"

    def test_a_special_case_of_it(self):
        with pytest.raises(InfiniteDivergenceError) as caught:
            derive("normal", "exponential")
        proof = caught.value.proof
        mu, *_ = laws(proof.question).parameters
        assert specialise(proof, [(mu, Number(0))]).statement.right is INFINITY


a, b, u = Symbol("a"), Symbol("b"), Symbol("u")
NORMAL, EXPONENTIAL = (laws(Question("entropy", name)).p for name in ("normal", "exponential"))
BOTH = Question("kl", "normal", "exponential")
LEFT = left_side(BOTH)


class TestWhatIsNotInfinite:
    """Steps that say infinity and must not be proved; none of them lacks anything but the reason."""

    @pytest.mark.parametrize(
        ("question", "words"),
        [
            (Question("kl", "exponential", "normal"), "is not shown to be infinite: nowhere"),
            (Question("kl", "normal", "normal"), "is not shown to be infinite: nowhere"),
            (Question("entropy", "normal"), "not just one divergence"),
            (Question("cross_entropy", "normal", "exponential"), "not just one divergence"),
            (Question("asymmetry", "normal", "exponential"), "not just one divergence"),
            (Question("gradient", "normal", "exponential"), "no positive multiple of a divergence"),
            (Question("moment", "normal", of="mean"), "not just one divergence"),
            (Question("decomposition", "normal", "exponential"), "ends in Infinity"),
        ],
        ids=lambda one: getattr(one, "name", None),
    )
    def test_of_another_question(self, question, words):
        with pytest.raises(ProofError, match=words):
            kernel_prove(Record(question, (Step("support", left_side(question), INFINITY),)))

    @pytest.mark.parametrize(
        "steps",
        [
            (Step("support", -LEFT, INFINITY),),
            (Step("support", LEFT, Number(0)),),
            (Step("support", LEFT, INFINITY, (Citation("entropy(normal)"),)),),
            (Step("algebra", LEFT, LEFT + 0 * u), Step("support", LEFT + 0 * u, INFINITY)),
            (Step("support", LEFT, INFINITY), Step("algebra", INFINITY, LEFT)),
            (Step("algebra", LEFT, INFINITY),),
            (Step("definition", LEFT, INFINITY),),
            (Step("theorem", LEFT, INFINITY),),
        ],
        ids=str,
    )
    def test_by_another_step(self, steps):
        with pytest.raises(ProofError):
            kernel_prove(Record(BOTH, steps))

    def test_nothing_is_calculated_with_it(self):
        for term in (INFINITY + 1, 0 * INFINITY, Term("log", INFINITY), KL(Term("Law", "normal", INFINITY, 1), NORMAL)):
            with pytest.raises(ProofError, match="must be an expression"):
                prove_step(Step("algebra", term, u))
        with pytest.raises(ProofError, match="no meaning"):
            prove_step(Step("algebra", u, INFINITY))

    def test_it_is_not_cited(self):
        infinite = Record(BOTH, (Step("support", LEFT, INFINITY),))
        bits = replace(BOTH, unit="bits")
        left = left_side(bits)
        step = Step("theorem", left, INFINITY, (Citation(infinite.name),))
        with pytest.raises(ProofError, match=r"an infinite value is not inserted|is infinite"):
            kernel_prove(Record(bits, (step,), (infinite,)))
        assert kernel_prove(Record(bits, (Step("support", left, INFINITY),))).statement.right is INFINITY

    def test_no_definition_is_unfolded_where_it_is_infinite(self):
        for head in (KL, CrossEntropy):
            with pytest.raises(ProofError, match="is infinite: P gives positive probability"):
                prove_step(Step("definition", head(NORMAL, EXPONENTIAL), u))

    def test_what_is_not_known_to_be_outside_is_not_infinite(self):
        with with_laws(UNIFORM, COIN):
            for question in (Question("kl", "uniform", "uniform"), Question("kl", "coin", "poisson")):
                with pytest.raises(ProofError, match="is not shown to be infinite"):
                    kernel_prove(Record(question, (Step("support", left_side(question), INFINITY),)))
            for where in (("a_1 > a_2",), ("a_1 = a_2",), ("b_2 > b_1", "a_1 > a_2")):
                question = Question("kl", "uniform", "uniform", where=where)
                with pytest.raises(ProofError, match="is not shown to be infinite"):
                    kernel_prove(Record(question, (Step("support", left_side(question), INFINITY),)))
            for where in (("a_2 > a_1",), ("b_1 > b_2", "a_1 = a_2")):
                question = Question("kl", "uniform", "uniform", where=where)
                assert kernel_prove(Record(question, (Step("support", left_side(question), INFINITY),)))


def holds(where, at):
    """Whether conditions in words hold for numbers, those too that no question can carry."""
    for one in where:
        name, sign, other = one.split(" ")
        value = at[other] if other in at else Fraction(other)
        if not {">": at[name] > value, "=": at[name] == value, "<": at[name] < value}[sign]:
            return False
    return True


class TestAnswers:
    def test_one_case_is_enough_for_most_pairs(self):
        (one,) = answers("gamma", "normal")
        assert (one.status, one.where) == ("finite", ())
        assert one.proof.statement == one.derivation.statement
        (one,) = answers("normal", "gamma")
        assert (one.status, one.where, str(one.derivation)) == ("infinite", (), "KL(P ‖ Q) = ∞")
        assert "infinite: KL(normal || gamma) is infinite" in str(one)

    def test_the_cases_cover_all_parameters_and_no_two_hold_at_once(self):
        """Every point of a grid lies in one case, whose answer is that of an integral by hand."""
        with with_laws(UNIFORM):
            cases = answers("uniform", "uniform")
            assert {one.status for one in cases} == {"finite", "infinite"}
            assert all(one.proof is not None for one in cases)
            grid = [Fraction(k) for k in range(5)]
            for low, high, other_low, other_high in product(grid, repeat=4):
                if not (low < high and other_low < other_high):
                    continue
                at = {"a_1": low, "b_1": high, "a_2": other_low, "b_2": other_high}
                (one,) = [case for case in cases if holds(case.where, at)]
                inside = other_low <= low and high <= other_high
                assert one.status == ("finite" if inside else "infinite")
                if inside:
                    value = one.derivation.closed_form.subs(
                        {s: at[str(s)] for s in one.derivation.closed_form.free_symbols}
                    )
                    assert float(value) == pytest.approx(log((other_high - other_low) / (high - low)))

    def test_what_is_not_known_is_said_with_its_condition(self):
        with with_laws(INVERSE_GAMMA):
            cases = answers("inverse_gamma", "exponential")
            assert [(one.status, one.where) for one in cases] == [
                ("finite", ("alpha_1 > 1",)),
                ("unknown", ("alpha_1 = 1",)),
                ("unknown", ("alpha_1 < 1",)),
            ]
            assert cases[1].proof is None
            assert "not seen that" in cases[2].reason

    def test_conditions_that_are_asked_for_leave_fewer_cases(self):
        with with_laws(UNIFORM):
            assert [one.where for one in answers("uniform", "uniform", where="a_1 > a_2, b_2 > b_1")] == [
                ("a_1 > a_2", "b_2 > b_1")
            ]
            (one,) = answers("uniform", "uniform", where="a_2 > a_1")
            assert one.status == "infinite"

    @pytest.mark.parametrize(
        ("p", "q", "where", "said"),
        [
            ("gamma", "gamma", "alpha_1 = alpha_2", "KL(P ‖ Q) = α₁ log(β₁/β₂) + α₁β₂/β₁ − α₁, where α₂ = α₁"),
            ("normal(0, s)", "normal(0, 1)", None, "= −log s + s²/2 − 1/2, where μ₁ = 0, μ₂ = 0, σ₂ = 1"),
            ("normal(0, s)", "exponential", None, "infinite where mu_1 = 0: KL(normal || exponential) is infinite"),
        ],
    )
    def test_values_of_parameters_are_conditions_of_every_case(self, p, q, where, said):
        (one,) = answers(p, q, where=where)
        assert said in str(one)
        assert one.proof.statement == one.derivation.statement
        with pytest.raises(RequestError, match="taken by free parameters"):
            answers("gamma", "gamma", where="alpha_1 = 2", quantity="gradient")

    def test_conditions_of_cases_are_those_of_questions(self):
        with with_laws(UNIFORM):
            for one in answers("uniform", "uniform"):
                assert one.derivation.question.where == one.where
                assert all(read_condition(text) for text in one.where)

    @pytest.mark.parametrize(
        ("words", "code", "printed"),
        [
            (["answers", "normal", "normal"], 0, "finite: KL(P ‖ Q) = "),
            (["answers", "normal", "exponential"], 3, "infinite: KL(normal || exponential) is infinite: P gives"),
            (["answers", "gamma", "gamma", "--where", "alpha_1 > 1"], 0, "β₁ − α₁, where α₁ > 1"),
            (["answers", "half_normal", "normal"], 3, ""),
            (["answers"], 2, ""),
        ],
    )
    def test_on_the_command_line(self, words, code, printed, capsys):
        assert main(words) == code
        assert printed in capsys.readouterr().out

    def test_the_exit_code_of_an_infinite_divergence(self, capsys):
        assert main(["derive", "normal", "exponential"]) == 3
        assert "KL(normal || exponential) is infinite" in capsys.readouterr().err

    def test_an_unknown_answer_has_an_exit_code_of_its_own(self, capsys):
        with with_laws(replace(INVERSE_GAMMA, moments=INVERSE_GAMMA.moments[:2])):
            assert main(["answers", "inverse_gamma", "exponential"]) == 5
        assert capsys.readouterr().out.startswith("unknown: E[x] under the inverse gamma distribution")


STATED = Moment(
    "mean", statistic=lambda m, x: x, value=lambda m, shape, scale: scale / (shape - 1), where=("alpha > 1",)
)
WRONG = replace(STATED, value=lambda m, shape, scale: scale / (shape - 2), where=("alpha > 2",))


def with_mean(moment):
    return with_laws(replace(INVERSE_GAMMA, moments=(*INVERSE_GAMMA.moments[:2], moment)))


class TestComputedValues:
    """A value that nothing proves is certified by numbers, and every proof that rests on it says so."""

    def test_it_is_listed_by_name(self):
        with with_mean(STATED):
            derivation = derive("inverse_gamma", "exponential")
            proof = kernel_prove(derivation.record)
            assert proof.computed == ("moment(inverse_gamma, mean) where alpha > 1",)
            assert "computed, not proved: moment(inverse_gamma, mean)" in repr(proof)
            text = derivation.to_text(proof=proof)
            assert "Computed, not proved: moment(inverse_gamma, mean) where alpha > 1." in text
            assert "a value that was computed to many digits, not proved" in text
            assert kernel_prove(derive("inverse_gamma", "inverse_gamma").record).computed == ()

    def test_a_wrong_value_is_not_certified(self):
        with with_mean(WRONG):
            derivation = derive("inverse_gamma", "exponential")
            assert kernel_prove(derivation.record).computed
            with pytest.raises(ProofError, match="its value is not certified"):
                prove(derivation)

    def test_check_does_not_say_proved(self):
        with with_mean(STATED):
            formula = str(derive("inverse_gamma", "exponential").closed_form)
            verdict = check(formula, "inverse_gamma", "exponential")
            assert verdict.status == "computed"
            assert "moment(inverse_gamma, mean) where alpha > 1" in verdict.detail
            assert main(["check", "inverse_gamma", "exponential", formula]) == 5

    def test_only_expectations_are_stated(self):
        question = Question("entropy", "normal")
        with pytest.raises(ProofError, match="only the value of an expectation"):
            kernel_prove(Record(question, (Step("computed", left_side(question), Number(0)),)))
        mean = Question("moment", "normal", of="mean")
        left = left_side(mean)
        for steps in (
            (Step("computed", left, Number(0)), Step("algebra", Number(0), u)),
            (Step("algebra", left, left + u - u), Step("computed", left + u - u, Number(0))),
            (Step("computed", left, left),),
            (Step("computed", left, u),),
        ):
            with pytest.raises(ProofError):
                kernel_prove(Record(mean, steps))
        assert kernel_prove(Record(mean, (Step("computed", left, Number(7)),))).computed == ("moment(normal, mean)",)


def test_an_infinite_divergence_error_can_be_sent():
    with pytest.raises(InfiniteDivergenceError) as caught:
        derive("normal", "exponential")
    assert str(pickle.loads(pickle.dumps(InfiniteDivergenceError("infinite")))) == "infinite"
    assert isinstance(caught.value, NoClosedFormError)
    json.loads(caught.value.derivation.to_json())

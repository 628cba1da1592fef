"""Conditions of a question: what they say, that a statement carries them, and that nothing is cited without them."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from more_laws import INVERSE_GAMMA, UNIFORM, with_laws

from kl_symbolic import (
    NoClosedFormError,
    ProofError,
    RequestError,
    check,
    derive,
    engine,
    kernel,
    load,
    prove,
    replay,
    verify,
)
from kl_symbolic.functions import Domain
from kl_symbolic.kernel import specialise
from kl_symbolic.numbers import draw
from kl_symbolic.proof.parameters import bound_of, domain_of, symbol_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.proof.where import ContradictionError, Declared, TwoBoundsError, read_condition, symbols_where
from kl_symbolic.terms import Number, Symbol
from kl_symbolic.terms.sympy import inert, ordinary, read

REAL, POSITIVE = Declared(Domain.REAL), Declared(Domain.POSITIVE)
LINE = dict.fromkeys(("a", "b", "c"), REAL)


@pytest.fixture
def more():
    with with_laws(INVERSE_GAMMA, UNIFORM):
        yield


class TestWhatConditionsSay:
    @pytest.mark.parametrize("text", ["a > 1", "a = b", "a_1 > -1/2", "sigma_2 = 3"])
    def test_a_condition_is_read_as_it_is_written(self, text):
        assert str(read_condition(text)) == text

    @pytest.mark.parametrize(
        "text",
        ["a", "a < 1", "a >= 1", "a>1", "1 < a", "a > 1.5", "a > b + 1", "a > 1/0", "", "a > 1 ", "a > π", 3, None],
    )
    def test_anything_else_is_refused_in_one_line(self, text):
        with pytest.raises(RequestError) as caught:
            read_condition(text)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("where", "words"),
        [
            (["a > a"], "contradict"),
            (["a > b", "b > a"], "contradict"),
            (["a > b", "b > c", "c > a"], "contradict"),
            (["a = b", "a > b"], "lies above b"),
            (["a > 1", "a = 1"], "but a lies above 1"),
            (["a > 1", "a = 1/2"], "but a lies above 1"),
            (["a = b", "b > a"], "contradict"),
        ],
    )
    def test_contradictions(self, where, words):
        with pytest.raises(ContradictionError, match=words):
            symbols_where(LINE, where)

    @pytest.mark.parametrize(
        ("where", "words"),
        [
            (["d > 1"], "a condition on d, which is none of a, b, c"),
            (["a > d"], "a condition on d"),
            (["a = 1", "a = 2"], "say it once"),
            (["a = b", "b = a"], "run in a circle"),
            (["a = a"], "run in a circle"),
            (["a > b", "a = 5"], "give b a value, too"),
            (["a > 0"] * 21, "more than 20 conditions"),
        ],
    )
    def test_what_does_not_fit(self, where, words):
        with pytest.raises(RequestError, match=words) as caught:
            symbols_where(LINE, where)
        assert not isinstance(caught.value, ContradictionError)

    def test_of_two_bounds_the_larger_one_must_be_known(self):
        with pytest.raises(TwoBoundsError) as caught:
            symbols_where(LINE, ["a > b", "a > c"])
        assert caught.value.bounds == ("b", "c")
        assert symbols_where(LINE, ["a > b", "a > c", "b > c"])["a"].above.name == "b"
        assert symbols_where(LINE, ["a > c", "a > b", "b > c"])["a"].above.name == "b"
        assert symbols_where(LINE, ["a > 1", "a > 2"])["a"].above is Number(2)
        assert symbols_where(LINE | {"b": POSITIVE}, ["a > b", "a > 0"])["a"].above.name == "b"

    def test_a_bound_that_the_family_knows_is_kept(self):
        ordered = {"low": REAL, "high": Declared(Domain.REAL, "low"), "other": REAL}
        assert symbols_where(ordered, [])["high"].above.name == "low"
        assert symbols_where(ordered, ["low > other"])["high"].above.above.name == "other"
        assert symbols_where(ordered, ["low = other"])["high"].above.name == "other"
        with pytest.raises(ContradictionError):
            symbols_where(ordered, ["low > high"])

    @settings(max_examples=300, deadline=None)
    @given(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from(">="), st.sampled_from(["a", "b", "c", "0", "1", "-2"])),
            max_size=4,
        ),
        st.sampled_from([REAL, POSITIVE]),
    )
    def test_numbers_that_fit_the_symbols_are_those_that_fit_the_conditions(self, conditions, domain):
        """On a small grid, by brute force: neither more nor fewer."""
        where = [f"{name} {sign} {other}" for name, sign, other in conditions]
        declared = dict.fromkeys("abc", domain)
        grid = [Fraction(k, 2) for k in range(-5, 6)]

        def holds(at):
            value = {**at, "0": 0, "1": 1, "-2": -2}
            return all(value[n] > value[o] if s == ">" else value[n] == value[o] for n, s, o in conditions)

        try:
            symbols = symbols_where(declared, where)
        except ContradictionError:
            symbols = None
        except RequestError:
            return
        for values in product(grid, repeat=3):
            at = dict(zip("abc", values, strict=True))
            fits = symbols is not None and all(_fits(at, name, symbol) for name, symbol in symbols.items())
            lies = all(domain.domain.has(value) for value in values)
            assert fits == (lies and holds(at)), (where, at)


def _fits(at, name, symbol):
    """Whether a number is what stands for a parameter, and lies where that symbol does."""
    if isinstance(symbol, Number):
        return at[name] == symbol.value
    low = symbol.above
    bound = low.value if isinstance(low, Number) else None if low is None else at[low.name]
    return at[name] == at[symbol.name] and symbol.domain.has(at[symbol.name]) and (bound is None or at[name] > bound)


class TestStatements:
    def test_the_bound_belongs_to_the_symbol_and_is_a_condition_of_the_proof(self):
        derivation = derive("gamma", "gamma", where="alpha_1 > 1, alpha_2 > alpha_1")
        one, _, two, _ = laws(derivation.question).parameters
        assert bound_of(one) is Number(1)
        assert bound_of(two) is one
        assert [str(c) for c in prove(derivation).conditions if c.kind == "above"] == [
            "alpha_1 > 1",
            "alpha_2 > alpha_1",
        ]

    def test_it_is_printed_as_part_of_the_statement(self):
        derivation = derive("gamma", "exponential", where="alpha_1 > 1/2")
        proof = prove(derivation)
        assert str(derivation).endswith(", where α₁ > 1/2")
        assert derivation.name == "kl(gamma, exponential) where alpha_1 > 1/2"
        for text, words in (
            (derivation.to_text(proof=proof), r"where α₁ > 1/2\.[\s\S]*Conditions: .*α₁ > 1/2"),
            (derivation.to_latex(), r"\\alpha_1 > \\frac\{1\}\{2\}"),
            (derivation.to_tex(proof=proof), r"\\alpha_1 > \\frac\{1\}\{2\}"),
            (derivation.to_markdown(), r"\\alpha_1 > \\frac"),
            (derivation.to_html(), r"α|alpha_1"),
        ):
            assert re.search(words, text), text[:400]

    def test_a_proof_file_has_it_and_is_proved_with_it(self):
        derivation = derive("gamma", "gamma", where="alpha_1 > 1")
        text = derivation.to_json()
        assert load(text).record == derivation.record
        assert replay(text) == prove(derivation)
        data = json.loads(text)
        data["derivations"][-1]["question"]["where"] = []
        with pytest.raises(ProofError, match="claims"):
            replay(json.dumps(data))
        data["derivations"][-1]["name"] = "kl(gamma, gamma)"
        with pytest.raises(ProofError, match="does not start from the statement"):
            replay(json.dumps(data))

    @pytest.mark.parametrize(
        "where", ["alpha_1 > 1", ["alpha_1 >= 1"], [1], [["alpha_1", ">", "1"]], None, ["a > 1"] * 21]
    )
    def test_what_is_no_list_of_conditions_is_refused_by_the_reader(self, where):
        data = json.loads(derive("gamma", "gamma", where="alpha_1 > 1").to_json())
        data["derivations"][-1]["question"]["where"] = where
        with pytest.raises(ProofError, match="where cannot be"):
            replay(json.dumps(data))

    @pytest.mark.usefixtures("more")
    def test_points_lie_where_the_conditions_hold(self):
        for question in (
            Question("kl", "gamma", "gamma", where=("alpha_1 > 5", "alpha_2 > alpha_1", "beta_1 > 100")),
            Question("kl", "uniform", "uniform", where=("a_1 > a_2", "b_2 > b_1")),
            Question("kl", "diagonal_gamma", "diagonal_gamma", dim=2, where=("alpha_2 > alpha_1",)),
        ):
            for point in draw(question, 20, seed=1):
                for parameter, value in point.values.items():
                    low = bound_of(parameter)
                    assert domain_of(parameter).has(value)
                    bound = low.value if isinstance(low, Number) else point.values.get(low)
                    assert (low is None) == (bound is None)
                    assert bound is None or value > bound

    def test_formulas_are_judged_under_a_condition(self):
        right = (
            "alpha_2*log(beta_1/beta_2) + lgamma(alpha_2) - lgamma(alpha_1) + (alpha_1 - alpha_2)*digamma(alpha_1) "
            "+ alpha_1*beta_2/beta_1 - alpha_1"
        )
        for where in ("alpha_1 > 1", "alpha_1 > alpha_2", "alpha_1 > 1, alpha_2 = 2"):
            assert check(right, "gamma", "gamma", where=where).status == "proved"
            wrong = check(f"{right} + 1", "gamma", "gamma", where=where)
            assert wrong.status == "refuted"
            assert wrong.diagnoses == ("this is the divergence KL(P ‖ Q) plus 1",)
            at = dict(wrong.counterexample.parameters)
            assert at["alpha_1"] > (at["alpha_2"] if "alpha_1 > alpha_2" in where else 1)

    def test_symbols_of_one_name_and_other_bounds_are_two_for_sympy_too(self):
        plain, bounded, higher = (Symbol("a", Domain.POSITIVE, above) for above in (None, Number(1), Number(2)))
        for one, other in ((plain, bounded), (bounded, higher)):
            assert inert(one) != inert(other)
            assert read(inert(one + other, evaluate=True)) in (one + other, other + one)
        assert ordinary(bounded) == ordinary(higher) == ordinary(plain)

    def test_the_numbers_agree_under_a_condition(self):
        derivation = derive("gamma", "gamma", where="alpha_1 > 1, beta_2 > beta_1")
        assert verify(derivation, digits=30, points=2).status == "agree"

    def test_product_laws_have_the_condition_at_each_coordinate(self):
        derivation = derive("diagonal_gamma", "diagonal_gamma", where="alpha_1 > 1")
        assert prove(derivation).statement == derivation.statement
        assert str(derivation).endswith(", where α₁ᵢ > 1")
        assert verify(derivation, digits=20, points=1, stages=False).status == "agree"

    def test_conditions_and_values_together(self):
        derivation = derive("gamma", "gamma", where="alpha_1 > 1, alpha_2 = 3")
        assert derivation.name == "kl(gamma, gamma) where alpha_1 > 1, alpha_2 = 3"
        proof = prove(derivation)
        assert [str(c) for c in proof.conditions if c.kind == "above"] == ["alpha_1 > 1"]
        for where, words in (
            ("alpha_1 > 1, alpha_1 = 1", "but alpha_1 lies above 1"),
            ("alpha_1 > 1, alpha_1 = 1/2", "but alpha_1 lies above 1"),
            ("alpha_1 > alpha_2, alpha_2 > alpha_1", "contradict"),
        ):
            with pytest.raises(RequestError, match=words):
                derive("gamma", "gamma", where=where)

    @pytest.mark.parametrize(
        ("where", "closed"),
        [
            ("alpha_1 > 1, alpha_2 = alpha_1", "α₁ log(β₁/β₂) + α₁β₂/β₁ − α₁"),
            ("alpha_2 > alpha_1, alpha_1 = 1", "α₂ log(β₁/β₂) + log Γ(α₂) + (1 − α₂) ψ(1) + β₂/β₁ − 1"),
        ],
    )
    def test_a_value_of_what_a_condition_speaks_of(self, where, closed):
        derivation = derive("gamma", "gamma", where=where)
        assert str(derivation).startswith(f"KL(P ‖ Q) = {closed}, where ")
        assert derivation.question.where == tuple(where.split(", "))
        assert prove(derivation).statement == derivation.statement
        with pytest.raises(RequestError, match="taken by free parameters"):
            derive("gamma", "gamma", where=where, quantity="gradient")

    @pytest.mark.parametrize("where", ["alpha_1 > 1, alpha_2 = alpha_1", "alpha_2 > alpha_1, alpha_1 = 1"])
    def test_a_value_of_what_a_condition_speaks_of_at_each_coordinate(self, where):
        derivation = derive("diagonal_gamma", "diagonal_gamma", where=where)
        assert derivation.question.where == tuple(where.split(", "))
        assert prove(derivation).statement == derivation.statement

    def test_names_of_the_user_s_own_keep_their_conditions(self):
        derivation = derive("gamma(2, 1)", "gamma(a, b)", where="a > b")
        assert [str(symbol) for symbol in derivation.parameters] == ["a", "b"]
        assert {str(symbol) for symbol in derivation.closed_form.free_symbols} == {"a", "b"}
        assert prove(derivation).statement == derivation.statement

    @pytest.mark.parametrize("where", ["theta_1 = 2", "theta_1 > 1", "theta_1 = theta_2"])
    @pytest.mark.parametrize("quantity", ["kl", "asymmetry"])
    def test_an_equality_in_the_question_in_another_parameterisation(self, quantity, where):
        question = Question(quantity, "gamma", "gamma", "scale", "scale", where=(where,))
        record = engine.derive(question)
        assert kernel.prove(record).statement == record.statement

    @pytest.mark.parametrize("of", ["mean", "second_moment", "log_mean"])
    @pytest.mark.parametrize("where", ["alpha > 1", "beta > alpha", "alpha > 1/2, beta = 3"])
    def test_a_moment_under_a_condition_is_that_of_the_theorem(self, of, where):
        derivation = derive("gamma", quantity="moment", of=of, where=where)
        assert derivation.name == f"moment(gamma, {of}) where {where}"
        assert prove(derivation).lemmas
        assert verify(derivation, digits=20, points=1, stages=False).status == "agree"

    def test_a_slip_is_named_under_a_condition(self):
        formula = (
            "alpha_2*log(beta_2/beta_1) + lgamma(alpha_2) - lgamma(alpha_1)"
            " + (alpha_1-alpha_2)*digamma(alpha_1) + alpha_1*(beta_2/beta_1 - 1)"
        )
        found = check(formula, "gamma", "gamma", where="alpha_1 > 1")
        assert (found.status, found.diagnoses) == ("refuted", ("the sign of the term α₂ log(β₁/β₂) is wrong",))

    def test_what_looks_alike_is_not_said_to_be_put_in(self):
        text = derive("gamma", "gamma", where="alpha_1 > 1").to_text()
        assert "insert Lemma 5 and Lemma 6 with α = α₁, β = β₁" in text

    @pytest.mark.parametrize(
        ("where", "words"),
        [
            ("alpha_1 >= 1", "strict bounds"),
            ("alpha_1 > 2*alpha_2", "on each side stands a parameter or a rational number"),
            ("alpha_1 >= 1", "where takes equalities"),
            ("alpha_1 < 1", "not below a number"),
            ("alpha_1 > 1 > 0", "a bound is one of a parameter itself"),
            ("2 > 1", "a bound is one of a parameter itself"),
            ("alpha_1^2 > 1", "not of a power"),
            ("alpha > 1", "alpha"),
            ("alpha_1 > ", "where takes equalities"),
        ],
    )
    def test_what_is_no_condition_is_refused_in_one_line(self, where, words):
        with pytest.raises(RequestError, match=words) as caught:
            derive("gamma", "gamma", where=where)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        "where", ["alpha_1 > 1 and beta_1 = 2", "alpha_1 > 1; beta_1 = 2", ["alpha_1 > 1", "beta_1=2"]]
    )
    def test_several_stand_side_by_side(self, where):
        assert derive("gamma", "gamma", where=where).name == "kl(gamma, gamma) where alpha_1 > 1, beta_1 = 2"

    def test_smaller_than_is_read_too(self):
        assert derive("gamma", "gamma", where="1 < alpha_1 < alpha_2").question.where == (
            "alpha_1 > 1",
            "alpha_2 > alpha_1",
        )


@pytest.mark.usefixtures("more")
class TestConditionsThatAreNeeded:
    def test_a_mean_that_exists_for_some_parameters_only(self):
        derivation = derive("inverse_gamma", "exponential")
        assert derivation.question.where == ("alpha_1 > 1",)
        proof = prove(derivation)
        assert "alpha_1 > 1" in map(str, proof.conditions)
        assert "moment(inverse_gamma, mean) where alpha > 1" in proof.lemmas
        report = verify(derivation, digits=25, points=2, stages=False)
        assert {(c.route, c.status) for c in report.checks} >= {("rigorous integration", "agree")}
        assert report.status != "disagree"

    def test_entropy_and_itself_need_no_condition(self):
        for pair in (("inverse_gamma", "inverse_gamma"), ("inverse_gamma", None)):
            quantity = "kl" if pair[1] else "entropy"
            assert derive(*pair, quantity=quantity).question.where == ()

    @pytest.mark.parametrize(
        ("p", "q", "options", "where"),
        [
            ("inverse_gamma", "exponential", {"quantity": "gradient"}, ("alpha_1 > 1",)),
            ("inverse_gamma", "exponential", {"quantity": "cross_entropy"}, ("alpha_1 > 1",)),
            ("inverse_gamma", "exponential", {"unit": "bits"}, ("alpha_1 > 1",)),
            ("inverse_gamma", None, {"quantity": "moment", "of": "mean"}, ("alpha > 1",)),
            ("diagonal_inverse_gamma", "diagonal_exponential", {}, ("alpha_1 > 1",)),
            ("diagonal_inverse_gamma", "diagonal_exponential", {"dim": 2}, ("alpha_1 > 1",)),
            ("uniform", "uniform", {"where": "a_1 = a_2"}, ("a_2 = a_1", "b_2 > b_1")),
            ("uniform", "uniform", {"where": "a_1 = a_2, b_2 > b_1"}, ("b_2 > b_1", "a_2 = a_1")),
            ("uniform(0, 1)", "uniform(0, 2)", {}, ("a_1 = 0", "b_1 = 1", "a_2 = 0", "b_2 = 2")),
        ],
    )
    def test_whatever_rests_on_it_has_the_condition(self, p, q, options, where):
        derivation = derive(p, q, **options)
        assert derivation.question.where == where
        assert prove(derivation).statement == derivation.statement
        assert verify(derivation, digits=15, points=1, stages=False).status in ("agree", "unknown")

    def test_a_value_takes_the_place_of_the_condition(self):
        derivation = derive("inverse_gamma(3, b)", "exponential")
        assert derivation.question.where == ("alpha_1 = 3",)
        assert [c for c in prove(derivation).conditions if c.kind == "above"] == []
        for shape in ("1", "1/2"):
            with pytest.raises(NoClosedFormError, match="not seen that"):
                derive(f"inverse_gamma({shape}, 1)", "exponential")

    def test_values_under_the_condition_of_another_parameterisation(self):
        derivation = derive("inverse_gamma", "gamma", param_q="scale")
        assert derivation.question.where == ("alpha_1 > 1",)
        prove(derivation)

    def test_a_condition_that_does_not_follow_is_not_cited(self):
        """Each mutant of the condition of the lemma, or of the question, is refused."""
        derivation = derive("inverse_gamma", "exponential").record
        for where in ((), ("alpha_1 > 1/2",), ("alpha_1 > 0",), ("beta_1 > 1",), ("lambda_2 > 1",)):
            with pytest.raises(ProofError):
                prove_with(derivation, where)

    def test_special_cases_must_fulfil_the_condition(self):
        proof = prove(derive("inverse_gamma", "exponential"))
        alpha, beta, rate = laws(proof.question).parameters
        assert specialise(proof, [(alpha, Number(2))]).where == ((alpha, Number(2)),)
        for value in (Number(1), Number(Fraction(1, 2)), beta, rate):
            with pytest.raises(ProofError, match=r"cannot show that alpha_1 := .* lies above 1"):
                specialise(proof, [(alpha, value)])

    def test_a_bound_that_is_replaced_must_still_be_one(self):
        proof = prove(derive("uniform", "uniform"))
        by_name = {symbol_of(p).name: p for p in laws(proof.question).parameters}
        assert specialise(
            proof,
            [
                (by_name["a_2"], Number(0)),
                (by_name["a_1"], Number(1)),
                (by_name["b_1"], Number(2)),
                (by_name["b_2"], Number(3)),
            ],
        )
        with pytest.raises(ProofError, match="cannot show that a_1 := a_1 lies above 5"):
            specialise(proof, [(by_name["a_2"], Number(5))])
        with pytest.raises(ProofError, match="lies above"):
            specialise(proof, [(by_name["b_1"], by_name["a_1"])])


def prove_with(derivation, where):
    """Prove a derivation whose question has other conditions, with the symbols that belong to those."""
    from dataclasses import replace

    from kl_symbolic.kernel import prove as kernel_prove
    from kl_symbolic.terms import substitute

    old = laws(derivation.question).parameters
    question = replace(derivation.question, where=where)
    names = {symbol_of(p).name: p for p in laws(question).parameters}
    renamed = {p: names[symbol_of(p).name] for p in old}

    def step(one):
        cites = tuple(
            replace(c, substitution=tuple((s, substitute(v, renamed)) for s, v in c.substitution)) for c in one.cites
        )
        return replace(one, before=substitute(one.before, renamed), after=substitute(one.after, renamed), cites=cites)

    return kernel_prove(replace(derivation, question=question, steps=tuple(map(step, derivation.steps))))


def test_the_check_of_mutants_accepts_what_is_right():
    with with_laws(INVERSE_GAMMA):
        derivation = derive("inverse_gamma", "exponential", where="alpha_1 > 1").record
        assert prove_with(derivation, ("alpha_1 > 2",)).question.where == ("alpha_1 > 2",)
        assert isinstance(laws(derivation.question).parameters[0], Symbol)

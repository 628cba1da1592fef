"""Write must_reject/format_2/*.json: proof files that are wrong, each in one way, made of derivations that are right.

Run ``python tests/make_must_reject.py`` after a change of the format or of the derivations. The files of format 1
beside that folder stay as they were written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from kl_symbolic.engine import derive
from kl_symbolic.proof.codec import to_json
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import definition, laws, left_side
from kl_symbolic.terms import CrossEntropy, Density, Diff, Integral, Law, Number, Symbol, Term, substitute

OLD_FOLDER = Path(__file__).parent / "must_reject"  # files of format 1
FOLDER = OLD_FOLDER / "format_2"
CASES: dict[str, tuple[str, Callable[[], str]]] = {}  # name -> (phrase of the message, the file's text)

KL = Question("kl", "normal", "normal")
ENTROPY = Question("entropy", "normal")
BITS = Question("entropy", "normal", unit="bits")
MEAN = Question("moment", "normal", of="mean")
MU_1, SIGMA_1, MU_2, SIGMA_2 = laws(KL).parameters
MU, SIGMA = laws(ENTROPY).parameters
X, Y = Symbol("x"), Symbol("y")
log, normal = partial(Term, "log"), partial(Law, "normal")


def case(phrase: str) -> Callable[[Callable[[], Derivation | dict[str, Any] | str]], None]:
    """Register a faulty file: a derivation, the data of a file, or its text."""

    def register(make: Callable[[], Derivation | dict[str, Any] | str]) -> None:
        def text() -> str:
            made = make()
            if isinstance(made, Derivation):
                return to_json(made)
            return made if isinstance(made, str) else json.dumps(made, indent=1)

        CASES[make.__name__] = (phrase, text)

    return register


def chain(
    question: Question, *stages: tuple[str, Term] | tuple[str, Term, tuple[Citation, ...]], cites=()
) -> Derivation:
    """Return a derivation that passes through the given stages."""
    steps, now = [], left_side(question)
    for rule, after, *citations in stages:
        steps.append(Step(rule, now, after, *citations))
        now = after
    return Derivation(question, tuple(steps), tuple(derive(c) for c in cites))


def with_end(derivation: Derivation, end: Term) -> Derivation:
    """Return the derivation with another result."""
    return replace(derivation, steps=(*derivation.steps[:-1], replace(derivation.steps[-1], after=end)))


def data_of(question: Question = ENTROPY) -> dict[str, Any]:
    return json.loads(to_json(derive(question)))


def add_nodes(data: dict[str, Any], *nodes: list[object]) -> dict[str, Any]:
    """Append nodes and let the last step end in the last of them."""
    data["nodes"] += nodes
    data["derivations"][-1]["steps"][-1]["after"] = len(data["nodes"]) - 1
    return data


# Results that are wrong.


@case("not equal by this rule")
def wrong_result():
    right = derive(KL).statement.right
    return with_end(derive(KL), right + 1)


@case("not equal by this rule")
def missing_half():
    right = derive(KL).statement.right
    return with_end(derive(KL), right - Fraction(1, 2))


@case("not equal by this rule")
def sigma_for_its_square():
    right = derive(KL).statement.right
    return with_end(derive(KL), substitute(right, {SIGMA_1**2: SIGMA_1}))


@case("not equal by this rule")
def swapped_laws():
    right = derive(KL).statement.right
    swap = {MU_1: MU_2, MU_2: MU_1, SIGMA_1: SIGMA_2, SIGMA_2: SIGMA_1}
    return with_end(derive(KL), substitute(right, swap))


@case("not a closed form, Integral is left")
def not_a_closed_form():
    derivation = derive(KL)
    return replace(derivation, steps=derivation.steps[:1])


# Statements that are not the one that was derived.


@case("does not start from the statement")
def statement_of_another_claim():
    return replace(derive(KL), question=Question("asymmetry", "normal", "normal"))


@case("does not start from the statement")
def wrong_family_in_the_statement():
    return replace(derive(Question("kl", "exponential", "exponential")), question=KL)


@case("does not start from the statement")
def wrong_dimension():
    derivation = derive(Question("kl", "diagonal_normal", "standard_normal", "logvar", "logvar", dim=3))
    return replace(derivation, question=replace(derivation.question, dim=4))


@case("the dimension must be an integer")
def gigantic_dimension():
    derivation = derive(Question("kl", "diagonal_normal", "standard_normal", "logvar", "logvar", dim=3))
    return replace(derivation, question=replace(derivation.question, dim=10**9))


@case("does not start from the statement")
def wrong_unit():
    return replace(derive(KL), question=replace(KL, unit="bits"))


@case("infinite")
def not_absolutely_continuous():
    return replace(derive(KL), question=Question("kl", "normal", "exponential"))


# Steps that do not follow.


@case("does not start from the stage before")
def dropped_step():
    steps = derive(MEAN).steps
    return replace(derive(MEAN), steps=steps[:1] + steps[2:])


@case("there are no steps")
def empty_steps():
    data = data_of()
    data["derivations"][-1]["steps"] = []
    return data


@case("the step changes nothing")
def step_that_changes_nothing():
    derivation = derive(KL)
    end = derivation.statement.right
    return replace(derivation, steps=(*derivation.steps, Step("algebra", end, end)))


@case("unknown rule")
def unknown_rule():
    derivation = derive(KL)
    first = replace(derivation.steps[0], rule="by_inspection")
    return replace(derivation, steps=(first, *derivation.steps[1:]))


@case("not equal by this rule")
def moment_smuggled_into_algebra():
    steps = [replace(s, rule="algebra", cites=()) if s.rule == "moments" else s for s in derive(ENTROPY).steps]
    return replace(derive(ENTROPY), steps=tuple(steps))


@case("log has no meaning here")
def logarithm_of_a_product_of_reals():
    law = normal(MU, SIGMA)
    joined, split = log(MU * SIGMA), log(MU) + log(SIGMA)
    start = left_side(ENTROPY)
    assert start.args[0] == law
    return chain(ENTROPY, ("algebra", start + joined - joined), ("logarithm", start + split - joined))


@case("Density has no meaning here")
def normalisation_over_the_wrong_support():
    mass = Integral(Density(Law("exponential", SIGMA), X), X, "reals", Number(1))
    start = left_side(ENTROPY)
    return chain(ENTROPY, ("algebra", start + mass - mass), ("normalisation", start + Number(1) - mass))


@case("not equal by this rule")
def derivative_taken_outside_past_a_factor_with_theta():
    density = Density(normal(MU, SIGMA), X)
    score = Diff(log(density), SIGMA)
    inside = Integral(SIGMA * score * density * X, X, "reals", Number(1))
    outside = Diff(Integral(SIGMA * density * X, X, "reals", Number(1)), SIGMA)
    start = left_side(ENTROPY)
    return chain(ENTROPY, ("algebra", start + inside - inside), ("leibniz", start + outside - inside))


@case("cannot show that the base")
def division_by_a_hidden_zero():
    zero = MU - MU
    return chain(ENTROPY, ("algebra", left_side(ENTROPY) + zero * zero**-1))


# Citations.


@case("which is not an earlier derivation")
def cyclic_citation():
    data = data_of()
    data["derivations"][0]["lemmas"] = [data["derivations"][-1]["name"]]
    return data


@case("which is not an earlier derivation")
def citation_of_itself():
    data = data_of(BITS)
    (cited,) = data["derivations"][-1]["steps"][-1]["cites"]
    cited["name"] = data["derivations"][-1]["name"]
    return data


@case("which is not an earlier derivation")
def citation_of_something_not_in_the_file():
    data = data_of(BITS)
    data["derivations"][-1]["lemmas"] = []
    data["derivations"] = data["derivations"][-1:]
    return data


@case("moment(normal, mean), step")
def forged_lemma():
    data = data_of(ENTROPY)
    mean = next(d for d in data["derivations"] if d["name"] == MEAN.name)
    (sigma,) = (k for k, node in enumerate(data["nodes"]) if node == ["Symbol", "sigma", "positive"])
    mean["steps"][-1]["after"] = sigma
    return data


@case("the rule allows no citation")
def citation_by_a_rule_that_may_not_cite():
    derivation = derive(BITS)
    return replace(derivation, steps=tuple(replace(s, rule="algebra") for s in derivation.steps))


@case("the rule needs a citation")
def theorem_without_a_citation():
    derivation = derive(BITS)
    return replace(derivation, steps=tuple(replace(s, cites=()) for s in derivation.steps))


def bits_with(*substitution: tuple[Symbol, Term]) -> Derivation:
    """Cite the theorem for the entropy with a substitution."""
    derivation = derive(BITS)
    (step,) = derivation.steps
    return replace(derivation, steps=(replace(step, cites=(Citation(ENTROPY.name, substitution),)),))


@case("cannot show that sigma := mu is positive")
def substitution_of_a_real_for_a_positive_parameter():
    return bits_with((SIGMA, MU))


@case("cannot show that sigma := -2 is positive")
def substitution_of_a_negative_number():
    return bits_with((SIGMA, Number(-2)))


@case("would be captured by the binder")
def captured_variable():
    law = normal(X, SIGMA)
    mean = Integral(X * Density(law, X), X, "reals", Number(1))
    start = left_side(BITS)
    cites = (Citation(MEAN.name, ((MU, X),)),)
    return chain(BITS, ("algebra", start + mean - mean), ("moments", start + X - mean, cites), cites=(MEAN,))


@case("CrossEntropy has no meaning here")
def variable_captured_by_a_definition():
    entropy = CrossEntropy(normal(X, Number(1)), normal(Number(0), Number(1)))
    start = left_side(ENTROPY)
    unfolded = definition(entropy)
    return chain(ENTROPY, ("algebra", start + entropy - entropy), ("definition", start + unfolded - entropy))


@case("would change the derivative")
def parameters_merged_under_a_derivative():
    score = Question("score", "normal", of="mu")
    diff = Diff(log(Density(normal(SIGMA, SIGMA), X)), SIGMA)
    start = left_side(ENTROPY)
    cites = (Citation(score.name, ((MU, SIGMA),)),)
    value = substitute(derive(score).statement.right, {MU: SIGMA})
    return chain(ENTROPY, ("algebra", start + diff - diff), ("score", start + value - diff, cites), cites=(score,))


@case("has no scalar parameter")
def substitution_of_something_that_is_no_parameter():
    return bits_with((Y, Number(2)))


# Abbreviations, and what is stated by them.


@case("(remainder): the two sides are not equal")
def stable_form_with_arguments_exchanged():
    derivation = derive(Question("stable_form", "exponential", "exponential"))
    right = derivation.statement.right
    return with_end(derivation, Term(right.head, *right.args[::-1]))


@case("(remainder): the two sides are not equal")
def stable_gradient_with_components_exchanged():
    derivation = derive(Question("stable_gradient", "gamma", "gamma"))
    first, second, *others = derivation.statement.right.args
    return with_end(derivation, Term("Vector", second, first, *others))


@case("log has no meaning here: log(-sigma)")
def abbreviation_of_what_has_no_meaning():
    start, nothing = left_side(ENTROPY), Term("log1pmx", -SIGMA - 1)
    return chain(ENTROPY, ("algebra", start + nothing - nothing), ("algebra", start + 0 * SIGMA))


@case("itakura_saito has no meaning here")
def abbreviation_outside_of_its_domain():
    start, nothing = left_side(ENTROPY), Term("itakura_saito", MU, SIGMA)
    return chain(ENTROPY, ("remainder", start + nothing - nothing), ("remainder", start + 0 * SIGMA))


@case("2 arguments, expm1 takes 1")
def abbreviation_of_too_many():
    return add_nodes(data_of(), ["expm1", 0, 0])


@case("too large to be checked")
def many_abbreviations_to_a_power():
    start = left_side(ENTROPY)
    many = sum((Term("gamma_shape_remainder", SIGMA + k, SIGMA) for k in range(1, 40)), MU) ** 20
    return chain(ENTROPY, ("remainder", start + many - MU))


# Files that are not derivations.


@case("truncated")
def truncated():
    return to_json(derive(ENTROPY))[:-200]


@case("nested too deeply")
def deep_nesting():
    return "[" * 20_000 + "]" * 20_000


@case("unknown head")
def unknown_head():
    return add_nodes(data_of(), ["Lambda", 0, 0])


@case("unknown head 'Log'")
def head_of_format_1():
    return add_nodes(data_of(), ["Log", 0])


@case("of format 1'")
def head_of_format_2():
    return add_nodes(data_of() | {"version": 1}, ["log", 0])


@case("a short identifier")
def code_in_a_symbol():
    return add_nodes(data_of(), ["Symbol", "__import__('os').system('true')", "real"])


@case("one short identifier")
def code_in_a_text():
    return add_nodes(data_of(), ["Text", "normal; import os"])


@case("digits")
def gigantic_integer():
    return (
        json.dumps(add_nodes(data_of(), ["Number", 0, 1]))[:-1].replace(
            '["Number", 0, 1]', f'["Number", {"9" * 5000}, 1]'
        )
        + "}"
    )


@case("in lowest terms")
def number_not_in_lowest_terms():
    return add_nodes(data_of(), ["Number", 2, 4])


@case("an exponent larger")
def gigantic_power():
    data = data_of()
    k = len(data["nodes"])
    return add_nodes(data, ["Number", 9999, 1], ["pow", k, k], ["pow", k, k + 1])


@case("bits would result")
def power_of_a_power():
    data = data_of()
    k = len(data["nodes"])
    return add_nodes(data, ["Number", 777, 1], ["pow", k, k], ["pow", k + 1, k], ["pow", k + 2, k])


@case("a power of zero")
def one_over_zero():
    data = data_of()
    k = len(data["nodes"])
    return add_nodes(data, ["Number", 0, 1], ["Number", -77, 1], ["pow", k, k + 1])


@case("when it is written out")
def doubling():
    data = data_of()
    k = len(data["nodes"])
    return add_nodes(data, ["Symbol", "t", "real"], *(["Add", k + j, k + j] for j in range(60)))


@case("deep")
def deep_expression():
    data = data_of()
    k = len(data["nodes"])
    return add_nodes(data, ["Symbol", "t", "real"], *(["exp", k + j] for j in range(200)))


@case("the position of an earlier node")
def forward_reference():
    data = data_of()
    return add_nodes(data, ["log", len(data["nodes"]) + 1])


@case("the position of an earlier node")
def negative_reference():
    return add_nodes(data_of(), ["log", -1])


@case("the position of an earlier node")
def truth_value_for_a_position():
    return add_nodes(data_of(), ["log", True])


@case("takes 1")
def wrong_number_of_arguments():
    return add_nodes(data_of(), ["log", 0, 1])


@case("argument 1 of Density must be a law")
def density_of_a_number():
    data = data_of()
    k = len(data["nodes"])
    return add_nodes(data, ["Number", 77, 1], ["Density", k, k])


@case("the version is")
def another_version():
    return data_of() | {"version": 999}


@case("the format is")
def another_format():
    return data_of() | {"format": "srepr"}


@case("must have the fields")
def flag_that_says_proved():
    return data_of() | {"proved": True}


@case("only integers are allowed")
def not_a_number():
    return add_nodes(data_of(), ["Number", float("nan"), 1])


@case("two derivations are called")
def two_derivations_of_one_name():
    data = data_of()
    data["derivations"].append(data["derivations"][-1])
    return data


@case("is not a lemma")
def derivation_that_nothing_cites():
    data = data_of(ENTROPY)
    data["derivations"].insert(0, data_of(Question("decomposition", "normal", "normal"))["derivations"][0])
    data["derivations"][0]["steps"] = data["derivations"][1]["steps"]
    for step in data["derivations"][0]["steps"]:
        step["cites"] = []
    return data


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for name, (_, text) in CASES.items():
        (FOLDER / f"{name}.json").write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()

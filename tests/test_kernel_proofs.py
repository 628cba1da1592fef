"""What the kernel says of a derivation: what it proved, on which axioms, under which conditions, and why not."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sympy import Integer

import kl_symbolic.kernel
from kl_symbolic.engine import derive
from kl_symbolic.errors import ProofError
from kl_symbolic.families import all_families
from kl_symbolic.kernel import AXIOMS, RULES, prove
from kl_symbolic.kernel import prove as prove_function
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.statement import laws, left_side

N, D, STANDARD = "normal", "diagonal_normal", "standard_normal"
DEFINITIONS = ("definition of the densities", "definition of the divergence and the entropies")
SCORE_AXIOMS = ("differentiation under the integral sign", "linearity of the integral")
FUBINI = "Fubini's theorem for product densities"

CLAIMS = [
    *(Claim("moment", f.name, of=m.name) for f in all_families().values() for m in f.moments),
    *(Claim("score", f.name, of=p.name) for f in all_families().values() for p in f.parameters),
    *(Claim("kl", f, f) for f in all_families()),
    *(Claim("kl", f"diagonal_{f}", f"diagonal_{f}") for f in all_families()),
    *(Claim("decomposition", f, f) for f in all_families()),
    *(Claim("asymmetry", f, f) for f in all_families()),
    *(Claim("gradient", f, f) for f in all_families()),
    *(Claim("kl", N, q, param) for q in (N, STANDARD) for param in ("var", "logvar")),
    *(Claim("kl", D, STANDARD, "logvar", dim) for dim in (None, 1, 3)),
    *(Claim(q, N, N, unit="bits") for q in ("kl", "asymmetry", "gradient")),
    Claim("kl", "exponential", N),
    Claim("kl", STANDARD, STANDARD),
    Claim("asymmetry", D, D),
    Claim("entropy", D),
    Claim("entropy", N, param="var"),
    Claim("cross_entropy", "exponential", N),
    Claim("gradient", D, STANDARD, "logvar"),
    Claim("gradient", D, D, dim=2),
]


@pytest.mark.sample(20)
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.name)
def test_every_claim_is_proved(claim):
    derivation = derive(claim)
    proof = prove(derivation)
    assert proof.claim == claim
    assert proof.statement.left == left_side(claim)
    assert proof.statement.right == derivation.steps[-1].after
    assert proof.computed == ()


@pytest.mark.parametrize(
    ("claim", "axioms"),
    [
        (Claim("score", N, of="sigma"), {"definition of the densities"}),
        (Claim("decomposition", N, N), {DEFINITIONS[1], "linearity of the integral"}),
        (
            Claim("moment", "exponential", of="mean"),
            {DEFINITIONS[0], *SCORE_AXIOMS, "normalisation of the exponential density"},
        ),
        (Claim("kl", N, N), {*DEFINITIONS, *SCORE_AXIOMS, "normalisation of the normal density"}),
        (Claim("kl", "exponential", N), {*DEFINITIONS, *SCORE_AXIOMS, "normalisation of the exponential density"}),
        (Claim("kl", D, D), {*DEFINITIONS, *SCORE_AXIOMS, "normalisation of the normal density", FUBINI}),
        (
            Claim("gradient", D, STANDARD, "logvar"),
            {*DEFINITIONS, *SCORE_AXIOMS, "normalisation of the normal density", FUBINI},
        ),
    ],
    ids=lambda c: getattr(c, "name", ""),
)
def test_a_proof_lists_exactly_the_axioms_it_leans_on(claim, axioms):
    assert set(prove(derive(claim)).axioms) == axioms


def test_every_theory_that_is_more_than_calculation_is_an_axiom():
    calculation = {"log", "exp", "sum", "finite", "derivative", "normalisation"}  # the last is listed by family
    theories = set().union(*(rule.theories for rule in RULES.values()))
    assert theories - calculation == set(AXIOMS)


@pytest.mark.sample(10)
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.name)
def test_every_positive_parameter_is_a_condition(claim):
    positive = {c.subject for c in prove(derive(claim)).conditions if c.kind == "positive"}
    assert positive == {p for p in laws(claim).parameters if p.is_positive}


def test_interchanged_limits_are_conditions():
    found = [str(c) for c in prove(derive(Claim("kl", N, N))).conditions]
    assert any("moves through the integral" in c and ", mu)" in c for c in found)
    assert any("moves through the integral" in c and ", sigma)" in c for c in found)
    assert any("converges absolutely" in c and "x**2" in c for c in found)


def test_integrals_that_a_step_splits_off_and_inserts_at_once_are_conditions_too():
    whole = derive(Claim("cross_entropy", N, N))
    place = [s.rule for s in whole.steps].index("linearity")
    split, insert = whole.steps[place : place + 2]
    merged = replace(insert, before=split.before)
    short = replace(whole, steps=(*whole.steps[:place], merged, *whole.steps[place + 2 :]))
    try:
        proof = prove(short)
    except ProofError:
        return  # a kernel may refuse to do two things in one step
    assert {c for c in prove(whole).conditions if c.kind == "integrable"} <= set(proof.conditions)


def test_a_coordinate_of_a_gradient_lies_in_range():
    conditions = prove(derive(Claim("gradient", D, STANDARD, "logvar"))).conditions
    assert "1 <= j <= n" in map(str, conditions)


def test_a_concrete_coordinate_needs_no_condition():
    conditions = prove(derive(Claim("gradient", D, D, dim=2))).conditions
    assert [c for c in conditions if c.kind == "coordinate"] == []


def test_a_normalisation_that_is_put_in_is_an_axiom_too():
    kl = derive(Claim("kl", "exponential", "exponential"))
    mass = next(s for s in derive(Claim("moment", N, of="mean")).steps if s.rule == "leibniz").after
    (integral,) = mass.atoms(type(derive(Claim("moment", N, of="mean")).steps[0].before))
    end = kl.statement.right
    step = type(kl.steps[0])
    detour = (step("normalisation", end, end * integral), step("normalisation", end * integral, end))
    assert "normalisation of the normal density" in prove(replace(kl, steps=kl.steps + detour)).axioms
    assert "normalisation of the normal density" not in prove(kl).axioms


def test_a_message_names_the_derivation_the_step_the_rule_and_both_sides():
    derivation = derive(Claim("kl", N, N))
    *steps, last = derivation.steps
    wrong = replace(last, after=last.after + 1)
    with pytest.raises(ProofError) as caught:
        prove(replace(derivation, steps=(*steps, wrong)))
    message = str(caught.value)
    assert f"kl(normal, normal), step {len(steps) + 1} (collect): the two sides are not equal" in message
    assert f"before: {wrong.before}" in message
    assert f"after:  {wrong.after}" in message


def test_a_wrong_lemma_is_named():
    derivation = derive(Claim("kl", N, N))
    lemma = derivation.lemmas[0]
    *steps, last = lemma.steps
    wrong = replace(lemma, steps=(*steps, replace(last, after=last.after + 1)))
    with pytest.raises(ProofError, match=lemma.name.replace("(", r"\(").replace(")", r"\)")):
        prove(replace(derivation, lemmas=(wrong, *derivation.lemmas[1:])))


def test_a_chain_must_start_from_its_statement():
    derivation = derive(Claim("kl", N, N))
    with pytest.raises(ProofError, match=r"step 1 .*does not start from the statement"):
        prove(replace(derivation, claim=Claim("kl", "exponential", "exponential")))


def test_a_dropped_step_breaks_the_chain():
    derivation = derive(Claim("kl", N, N))
    with pytest.raises(ProofError, match="does not start from the stage before"):
        prove(replace(derivation, steps=(derivation.steps[0], *derivation.steps[2:])))


def test_a_chain_must_end_in_a_closed_form():
    derivation = derive(Claim("kl", N, N))
    with pytest.raises(ProofError, match="not a closed form"):
        prove(replace(derivation, steps=derivation.steps[:-2]))


def test_a_derivation_without_steps_proves_nothing():
    with pytest.raises(ProofError, match="no steps"):
        prove(Derivation(Claim("kl", N, N), ()))


def test_a_derivation_cannot_cite_itself():
    derivation = derive(Claim("kl", N, STANDARD))
    theorem = next(s for s in derivation.steps if s.cites)
    itself = replace(theorem, cites=(replace(theorem.cites[0], name=derivation.name, substitution=()),))
    steps = tuple(itself if s is theorem else s for s in derivation.steps)
    with pytest.raises(ProofError, match="not proved before"):
        prove(replace(derivation, steps=steps, lemmas=(derivation, *derivation.lemmas)))


def test_a_lemma_must_be_brought_along():
    with pytest.raises(ProofError, match="not proved before"):
        prove(replace(derive(Claim("kl", N, STANDARD)), lemmas=()))


def test_of_two_lemmas_with_one_name_the_proved_one_counts():
    derivation = derive(Claim("kl", N, STANDARD))
    (lemma,) = derivation.lemmas
    wrong = replace(lemma, steps=(*lemma.steps[:-1], replace(lemma.steps[-1], after=Integer(0))))
    assert prove(replace(derivation, lemmas=(lemma, wrong))).statement == prove(derivation).statement
    with pytest.raises(ProofError):
        prove(replace(derivation, lemmas=(wrong, lemma)))


def test_a_lemma_is_proved_once():
    derivation = derive(Claim("gradient", D, D, dim=2))
    parts = list(derivation.with_lemmas())
    assert len({p.name for p in parts}) == len(parts)
    assert prove(derivation).steps == sum(len(p.steps) for p in parts)
    twice = replace(derivation, lemmas=derivation.lemmas * 2)
    assert prove(twice) == prove(derivation)


def test_a_proof_is_the_same_every_time():
    claim = Claim("gradient", D, D, dim=2)
    assert prove(derive(claim)) == prove(derive(claim))


# The kernel's source

FORBIDDEN = {
    *("simplify", "doit", "integrate", "solve", "limit", "nsimplify", "evalf", "expand", "cancel", "together"),
    *("equals", "N", "sympify", "lambdify", "eval", "exec", "float", "refine", "logcombine"),
}


def forbidden(source: str) -> set[str]:
    """Return the names and literals in `source` that a kernel must not use."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        name = getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", None)
        if isinstance(name, str) and (name in FORBIDDEN or name.endswith("simp")):
            found.add(name)
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.add(str(node.value))
    return found


KERNEL = sorted(Path(kl_symbolic.kernel.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", KERNEL, ids=lambda p: p.name)
def test_the_kernel_uses_no_heuristic_and_no_floating_point_number(path):
    assert forbidden(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("sympy.simplify(e)", {"simplify"}),
        ("e.doit()", {"doit"}),
        ("from sympy import integrate", {"integrate"}),
        ("x = 1.5", {"1.5"}),
        ("e.evalf(50)", {"evalf"}),
    ],
)
def test_the_reading_of_the_source_is_able_to_fail(source, found):
    assert forbidden(source) == found


def test_the_kernel_proves_without_the_engine():
    program = (
        "import sys\n"
        "from kl_symbolic.kernel import prove\n"
        "loaded = {m for m in sys.modules if m.startswith(('kl_symbolic.engine', 'kl_symbolic.verification'))}\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert prove_function.__module__ == "kl_symbolic.kernel.prove"

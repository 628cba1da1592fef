"""The kernel proves special cases: it takes what follows, and refuses what does not."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy
from kernel_steps import exp, forged, log, sqrt
from test_kernel_mutants import equal, mutants

from kl_symbolic import KLError, ProofError, derive, prove
from kl_symbolic.engine import special
from kl_symbolic.functions import Domain
from kl_symbolic.kernel import Proof, specialise
from kl_symbolic.proof.parameters import base_of, domain_of
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import COORDINATE, DIMENSION, Number, Symbol, Term, parts

N, D, STANDARD = "normal", "diagonal_normal", "standard_normal"
# Laws, options, and values by the place of the parameter: a number, or the place of another parameter as a string.
ACCEPTED = [
    (N, N, {}, {0: 0, 2: 1, 3: 3}),
    (N, N, {}, {3: "1"}),
    (N, N, {}, {2: "0", 3: "1"}),
    (N, N, {}, {0: "2", 2: "0"}),  # an exchange, all at once
    (N, N, {}, {1: "3", 3: "1"}),
    (N, N, {}, {0: Fraction(1, 3), 1: 2, 2: -1, 3: Fraction(3, 2)}),
    (N, N, {"param": "var"}, {2: 0, 3: 4}),
    (N, N, {"param": "logvar"}, {2: 0, 3: 0}),
    (N, N, {"param": "logvar"}, {3: Fraction(1, 2)}),
    (N, N, {"unit": "bits"}, {3: 2}),
    (N, N, {"quantity": "asymmetry"}, {3: "1"}),
    (N, N, {"quantity": "cross_entropy"}, {3: 2}),
    (N, None, {"quantity": "entropy"}, {1: 2}),
    (N, None, {"quantity": "moment", "of": "second_moment"}, {0: 0}),
    (N, None, {"quantity": "score", "of": "mu"}, {1: 2}),
    (N, STANDARD, {"param": "logvar"}, {0: 0}),
    (D, D, {}, {2: 0, 3: 1}),
    (D, D, {}, {2: "0", 3: "1"}),
    (D, D, {}, {0: "2", 2: "0"}),
    (D, D, {}, {0: 2, 1: 5, 2: 0, 3: 1}),
    (D, D, {"dim": 3}, {2: 0, 3: "1"}),
    (D, STANDARD, {"param": "logvar"}, {0: 0}),
    ("poisson", "poisson", {}, {1: 3}),
    ("poisson", "poisson", {}, {0: 3, 1: 3}),
    ("exponential", N, {}, {0: 1, 1: 0}),
]


def places(derivation, values):
    parameters = laws(derivation.question).parameters
    return tuple((parameters[k], parameters[int(v)] if isinstance(v, str) else Number(v)) for k, v in values.items())


def made(p, q, options, values):
    derivation = derive(p, q, **options)
    found = special(derivation.record, places(derivation, values))
    return prove(derivation), found


@pytest.mark.parametrize(("p", "q", "options", "values"), ACCEPTED)
def test_what_follows_is_proved(p, q, options, values):
    proof, found = made(p, q, options, values)
    done = specialise(proof, found.values, found.right)
    assert type(done) is Proof
    assert done.where == found.values
    assert done.statement.right == found.right
    gone = {name for name, _ in found.values} - {value for _, value in found.values}
    there = {name for name in laws(proof.question).parameters if domain_of(name).positive} - gone
    assert there == {c.subject for c in done.conditions if c.kind == "positive"}
    bases = {base_of(name) for name in gone}
    assert not bases & {part for side in done.statement for part in parts(side)}


@pytest.mark.parametrize(("p", "q", "options", "values"), ACCEPTED)
def test_a_mutant_of_the_right_side_is_refused(p, q, options, values):
    proof, found = made(p, q, options, values)
    everything = [m for m in dict.fromkeys(mutants(found.right)) if m != found.right]
    assert everything
    for mutant in random.Random(5).sample(everything, min(6, len(everything))):
        try:
            specialise(proof, found.values, mutant)
        except KLError:
            continue
        assert equal(found.right, mutant), mutant


def test_the_right_side_may_be_left_as_it_is():
    proof, found = made(N, N, {}, {3: 2})
    done = specialise(proof, found.values)
    assert done.steps == proof.steps
    assert equal(done.statement.right, found.right)
    assert specialise(proof, []).statement == proof.statement


NORMAL, PRODUCT = derive(N, N), derive(D, D)
MU, SIGMA, NU, TAU = laws(NORMAL.question).parameters
VECTORS = laws(PRODUCT.question).parameters
OTHER = Symbol("sigma_3", Domain.POSITIVE)
REJECTED = {
    "a standard deviation of 0": (NORMAL, [(TAU, Number(0))], "positive"),
    "a negative one": (NORMAL, [(TAU, Number(-1))], "positive"),
    "a mean for a standard deviation": (NORMAL, [(TAU, MU)], "positive"),
    "a symbol of another name": (NORMAL, [(TAU, OTHER)], "neither a rational number nor a parameter"),
    "a symbol without its domain": (NORMAL, [(TAU, Symbol("sigma_1"))], "neither a rational number nor a parameter"),
    "a formula": (NORMAL, [(TAU, 2 * SIGMA)], "neither a rational number nor a parameter"),
    "a root": (NORMAL, [(TAU, sqrt(Number(2)))], "neither a rational number nor a parameter"),
    "the variable of integration": (NORMAL, [(NU, Symbol("x"))], "neither a rational number nor a param"),
    "the dimension": (PRODUCT, [(VECTORS[3], DIMENSION)], "neither a rational number nor a parameter"),
    "the index": (PRODUCT, [(VECTORS[3], COORDINATE)], "neither a rational number nor a parameter"),
    "one coordinate for all": (
        PRODUCT,
        [(VECTORS[2], base_of(VECTORS[0])[1])],
        "neither a rational number nor a param",
    ),
    "a value of one coordinate": (PRODUCT, [(base_of(VECTORS[2])[1], Number(0))], "no parameter"),
    "a vector for a number": (NORMAL, [(NU, VECTORS[0])], "neither a rational number nor a parameter"),
    "a negative vector": (PRODUCT, [(VECTORS[3], Number(-1))], "positive"),
    "a mean of all coordinates for the deviations": (PRODUCT, [(VECTORS[3], VECTORS[0])], "positive"),
    "a parameter of another question": (NORMAL, [(OTHER, Number(1))], "no parameter"),
    "a vector as the parameter": (NORMAL, [(VECTORS[0], Number(1))], "no parameter"),
    "two values": (NORMAL, [(TAU, Number(1)), (TAU, Number(2))], "two values"),
    "infinity": (NORMAL, [(NU, Term("oo"))], "language"),
    "a float": (NORMAL, [(NU, 0.5)], "language"),
    "a Python number": (NORMAL, [(NU, 1)], "language"),
    "a forged number": (NORMAL, [(TAU, forged(Number, value=Fraction(1)))], "constructor"),
    "a forged parameter": (NORMAL, [(forged(Symbol, name="sigma_2", domain=Domain.REAL), Number(-1))], "constructor"),
    "a gradient by what has a value": (derive(N, N, quantity="gradient"), [(MU, Number(0))], "derivative"),
    "a gradient by two parameters as one": (derive(N, N, quantity="gradient"), [(NU, MU)], "derivative"),
    "a gradient of a product": (derive(D, D, quantity="gradient"), [(VECTORS[2], Number(0))], "derivatives"),
    "a score by what has a value": (
        derive(N, quantity="score", of="mu"),
        [(Symbol("mu"), Number(0))],
        "derivative",
    ),
}


@pytest.mark.parametrize(("derivation", "where", "words"), REJECTED.values(), ids=REJECTED)
def test_a_value_that_does_not_fit_is_refused(derivation, where, words):
    with pytest.raises(ProofError, match=words):
        specialise(prove(derivation), where)


@pytest.mark.parametrize(
    "right",
    [
        Number(0),
        log(SIGMA),  # what holds at some points only
        log(TAU / SIGMA) + exp(Number(0)),
        (SIGMA**2 + (MU - NU) ** 2) / (2 * TAU**2) - Fraction(1, 2) + log(TAU / SIGMA),  # the general one
        derive(N, N).statement.left,
    ],
)
def test_a_right_side_that_does_not_follow_is_refused(right):
    with pytest.raises(ProofError):
        specialise(prove(NORMAL), [(TAU, Number(2))], right)


@pytest.mark.parametrize("foreign", [OTHER, log(OTHER), derive(N, quantity="entropy").statement.left])
def test_a_right_side_speaks_of_nothing_else(foreign):
    found = special(NORMAL.record, ((TAU, Number(2)),)).right
    with pytest.raises(ProofError, match=r"does not speak of sigma_3|not a closed form"):
        specialise(prove(NORMAL), [(TAU, Number(2))], found + foreign - foreign)


@pytest.mark.parametrize(
    "right",
    [
        "0",
        0,
        0.5,
        Fraction(1, 2),
        sympy.Integer(0),
        NORMAL,
        (),
        forged(type("Mine", (Symbol,), {}), name="mu_1", domain=Domain.REAL),
    ],
)
def test_a_right_side_that_is_no_expression_is_refused(right):
    with pytest.raises(ProofError, match=r"language|there should be"):
        specialise(prove(NORMAL), [(TAU, Number(2))], right)


class Sly:
    """Says that it equals a parameter, and that it need not be positive."""

    head, args, free, name, domain = "Symbol", (), TAU.free, "sigma_2", Domain.REAL

    def __eq__(self, other: object) -> bool:
        return other == TAU or other is self

    def __hash__(self) -> int:
        return hash(TAU)


def test_what_only_says_that_it_is_a_parameter_is_refused():
    with pytest.raises(ProofError, match="language"):
        specialise(prove(NORMAL), [(Sly(), Number(-1))])


def test_only_a_general_proof_is_specialised():
    done = specialise(prove(NORMAL), [(TAU, Number(2))])
    for other in (done, NORMAL, NORMAL.record, None):
        with pytest.raises(ProofError, match="only what `prove` has proved"):
            specialise(other, [(NU, Number(0))])


def test_the_proof_of_a_special_case_is_none_of_the_general_statement():
    general = prove(NORMAL)
    done = specialise(general, [(TAU, Number(2))])
    assert done != general
    assert "where sigma_2 = 2" in repr(done)
    with pytest.raises(KLError, match="none of this derivation"):
        NORMAL.document(proof=done)
    with pytest.raises(KLError, match="none of this derivation"):
        derive(N, N, where="sigma_2 = 3").document(proof=done)

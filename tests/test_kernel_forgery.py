"""Only `prove` makes a proof: every ordinary way to forge one is refused."""

from __future__ import annotations

import copy
import copyreg
import dataclasses
import pickle

import pytest

from kl_symbolic import KLError, ProofError, RequestError, derive, prove, replay, verify
from kl_symbolic.kernel import Proof
from kl_symbolic.proof.derivation import Equation

PROOF = prove(derive("poisson", "poisson"))
VALUES = {field.name: getattr(PROOF, field.name) for field in dataclasses.fields(Proof)}
FORGED = Equation(PROOF.statement.left, PROOF.statement.right + 1)


class Pickle:
    """Pickles as the reduction that it is given."""

    def __init__(self, *reduction: object) -> None:
        self.reduction = reduction

    def __reduce__(self) -> tuple[object, ...]:
        return self.reduction


WAYS = {
    "the constructor": lambda: Proof(**VALUES),
    "the constructor, by position": lambda: Proof(*VALUES.values()),
    "the constructor, without arguments": Proof,
    "dataclasses.replace": lambda: dataclasses.replace(PROOF, statement=FORGED),
    "copy.replace": lambda: getattr(copy, "replace", dataclasses.replace)(PROOF, steps=1),
    "__new__": lambda: Proof.__new__(Proof),
    "__setstate__ of a genuine one": lambda: PROOF.__setstate__(list(VALUES.values())),
    "assignment": lambda: setattr(PROOF, "statement", FORGED),
    "deletion": lambda: delattr(PROOF, "conditions"),
    "its dictionary": lambda: vars(PROOF).update(statement=FORGED),
    "a new attribute": lambda: setattr(PROOF, "believed", True),
    "a subclass": lambda: type("Forged", (Proof,), {"__new__": object.__new__}),
    "pickling": lambda: pickle.dumps(PROOF),
    "pickling, protocol 0": lambda: pickle.dumps(PROOF, 0),
    "unpickling by the class": lambda: pickle.loads(pickle.dumps(Pickle(Proof, ()))),
    "unpickling by __newobj__": lambda: pickle.loads(b"\x80\x02ckl_symbolic.kernel.prove\nProof\n)\x81."),
    "unpickling by the oldest protocol": lambda: pickle.loads(
        pickle.dumps(Pickle(copyreg._reconstructor, (Proof, object, None), {"steps": 1}))
    ),
    "unpickling of a genuine state": lambda: pickle.loads(
        pickle.dumps(Pickle(copyreg._reconstructor, (Proof, object, None), (None, {"steps": 1})))
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_proof_is_not_forged_by(way):
    before = {name: getattr(PROOF, name) for name in VALUES}
    with pytest.raises((ProofError, AttributeError, TypeError)) as caught:
        way()
    assert "\n" not in str(caught.value)
    assert {name: getattr(PROOF, name) for name in VALUES} == before


def test_initialising_a_proof_again_changes_nothing():
    PROOF.__init__(**VALUES | {"statement": FORGED})
    assert PROOF.statement == prove(derive("poisson", "poisson")).statement != FORGED


@pytest.mark.parametrize("name", ["the constructor", "dataclasses.replace", "a subclass", "pickling"])
def test_the_refusal_is_an_error_of_ours_and_says_what_to_do(name):
    with pytest.raises(ProofError, match=r"only `prove` makes|as a proof file, and replay that"):
        WAYS[name]()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
def test_a_copy_of_a_proof_is_that_proof(copied):
    assert copied(PROOF) == PROOF
    assert copied([PROOF])[0].statement == PROOF.statement


def test_proofs_of_the_same_derivation_are_equal_and_print_what_they_prove():
    again = replay(derive("poisson", "poisson").to_json())
    assert again == PROOF
    assert hash(again) == hash(PROOF)
    assert again != prove(derive("exponential", "exponential"))
    assert repr(PROOF).startswith("<Proof of kl(poisson, poisson): ")


def test_a_derivation_prints_no_proof_but_its_own():
    d, other = derive("normal", "standard_normal"), derive("normal", "normal")
    direct = derive("normal", "standard_normal", route="direct")
    assert "Proved: " in d.to_text(proof=prove(d))
    assert "Proved: " in d.to_text(proof=replay(d.to_json()))
    for proof in (prove(other), prove(direct), PROOF, object()):
        with pytest.raises(RequestError, match=r"the proof is none of this derivation of |proof must be a Proof"):
            d.to_text(proof=proof)
    report = verify(other, 15, points=1, stages=False)
    with pytest.raises(KLError, match=r"the report is not about .* but about kl\(normal, normal\)"):
        d.to_text(proof=prove(d), report=report)

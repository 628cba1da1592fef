"""Two rules that make a whole derivation of one step, and rest on nothing that is calculated.

``support``
    A divergence is infinite where P certainly gives positive probability to what Q gives none.
``computed``
    The value of an expectation is taken as it is stated. It is not proved: a proof that rests on it lists it by name.
"""

from __future__ import annotations

from kl_symbolic.divergences import find_quantity
from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.form import require_meaning, within
from kl_symbolic.kernel.polynomial import Poly
from kl_symbolic.kernel.rules import COMPUTED, INFINITE
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.supports import Containment
from kl_symbolic.terms import INFINITY, parts_with

INFINITY_OF_DIVERGENCES = "a divergence is infinite where P has mass and Q has none"


def require_infinite(_: Question, step: Step, canon: Canon) -> None:
    """Refuse a step unless it says that a positive multiple of a divergence is infinite, and that is certain."""
    if step.cites or step.after is not INFINITY:
        raise ProofError("this rule ends in infinity, and cites nothing")
    divergences = parts_with(step.before, "KL")
    if len(divergences) != 1:
        raise ProofError("there is not just one divergence")
    for law in divergences[0].args:
        require_meaning(law, canon)
    if not _is_multiple(canon.read(step.before), canon):
        raise ProofError("this is no positive multiple of a divergence")
    p, q = divergences[0].args
    found = within(p, q, canon)
    if found.answer is not Containment.OUTSIDE:
        raise ProofError(f"the divergence is not shown to be infinite: {found.reason}")


def _is_multiple(form: Poly, canon: Canon) -> bool:
    single = form.single()
    if single is None or single[1] <= 0:
        return False
    divergences = {(atom, e) for atom, e in single[0] if atom.head == "KL"}
    return [e for _, e in divergences] == [1] and canon.is_positive(Poly({single[0] - divergences: single[1]}))


def require_computed(question: Question, step: Step, canon: Canon) -> None:
    """Refuse a step unless it states the value of an expectation; whether that is right is not asked."""
    of_moment = find_quantity(question.quantity).of == "moment"
    if step.cites or not of_moment or step.after.head == "Vector":
        raise ProofError("only the value of an expectation is stated without a proof")
    for side in (step.before, step.after):
        require_meaning(side, canon)


SINGLE_STEPS = {INFINITE: require_infinite, COMPUTED: require_computed}

"""What a proof is: an object that only the kernel makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Never, Self, final

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.uses import Condition
from kl_symbolic.proof.derivation import Derivation, Equation
from kl_symbolic.proof.question import Question
from kl_symbolic.terms import Term


@final
@dataclass(frozen=True, init=False, slots=True)
class Proof:
    """A proved statement. Only `prove` makes one, and `specialise` of one; no file says of itself that it is proved.

    It cannot be constructed, changed, subclassed or pickled: what is to be kept or sent is the derivation, and whoever
    gets it proves it anew. Python cannot prevent more: who calls ``object.__setattr__`` or ``object.__new__``, assigns
    to ``__class__``, or replaces functions of the kernel, can fake anything, and knows it.

    Attributes
    ----------
    question, statement
        What was asked for, and the equation that answers it.
    axioms
        Names of the axioms used, of the lemmas too.
    computed
        Names of values that were certified numerically instead of being proved; empty when everything is proved.
    conditions
        Conditions under which the equation holds.
    lemmas
        Names of the derivations that were proved on the way.
    steps
        How many steps were proved, those of the lemmas included.
    derivation
        What was proved. Equal proofs may differ in it.
    where
        The values that the statement has in place of parameters; empty for what the derivation itself states.
    """

    question: Question
    statement: Equation
    axioms: tuple[str, ...]
    computed: tuple[str, ...]
    conditions: tuple[Condition, ...]
    lemmas: tuple[str, ...]
    steps: int
    derivation: Derivation = field(repr=False, compare=False)
    where: tuple[tuple[Term, Term], ...]

    def __new__(cls, *_: object, **__: object) -> Self:
        """Refuse: this is also where `dataclasses.replace`, `copy.replace` and unpickling end."""
        raise ProofError("only `prove` makes a Proof")

    def __init_subclass__(cls) -> Never:
        """Refuse: an instance of another class could say that it is a proof."""
        raise ProofError("a Proof has no subclasses: only `prove` makes one")

    def __repr__(self) -> str:
        leans_on = (f"{len(self.lemmas)} lemmas", f"{len(self.axioms)} axioms", f"{len(self.conditions)} conditions")
        computed = ", ".join(self.computed) or "nothing"
        where = f" where {', '.join(f'{name} = {value}' for name, value in self.where)}" if self.where else ""
        said = f"{self.question.name}{where}: {self.steps} steps; {', '.join(leans_on)}"
        return f"<Proof of {said}; computed, not proved: {computed}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> Never:
        raise ProofError("a Proof is not pickled; save its derivation as a proof file, and replay that")

    def __setstate__(self, _: object) -> Never:
        raise ProofError("a Proof is not unpickled; replay a proof file")


def make_proof(**findings: object) -> Proof:
    """Make a proof: `prove` calls this, and `specialise`, and nobody else."""
    proof: Proof = object.__new__(Proof)
    for name in Proof.__slots__:
        object.__setattr__(proof, name, findings[name])
    return proof

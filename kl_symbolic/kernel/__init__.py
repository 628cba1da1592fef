"""The trusted kernel: it proves derivations, step by step, and never searches."""

from kl_symbolic.kernel.form import has_value
from kl_symbolic.kernel.proof import Proof
from kl_symbolic.kernel.prove import prove, prove_step
from kl_symbolic.kernel.replay import replay
from kl_symbolic.kernel.rules import AXIOMS, RULES, Rule
from kl_symbolic.kernel.specialise import specialise
from kl_symbolic.kernel.uses import Condition

__all__ = [
    "AXIOMS",
    "RULES",
    "Condition",
    "Proof",
    "Rule",
    "has_value",
    "prove",
    "prove_step",
    "replay",
    "specialise",
]

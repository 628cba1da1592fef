"""The rules: which theories a step may use, and which axioms it then leans on."""

from __future__ import annotations

from typing import NamedTuple

from kl_symbolic.functions import find_function
from kl_symbolic.kernel.derivative import derivative
from kl_symbolic.kernel.integrals import fubini, leibniz, linear, normalisation, sums_outside
from kl_symbolic.kernel.logarithms import exponential, logarithm
from kl_symbolic.kernel.polynomial import Atom, Poly
from kl_symbolic.kernel.sums import finite, sums
from kl_symbolic.kernel.theory import Canonical, Theory, Unfolding
from kl_symbolic.kernel.unfolding import definitions, densities, formulas


class Rule(NamedTuple):
    """What a rule turns on: theories, unfoldings, and whether it replaces what a cited equation says."""

    theories: tuple[Theory, ...] = ()
    unfoldings: tuple[Unfolding, ...] = ()
    cites: bool = False

    def has(self, law: Theory | Unfolding) -> bool:
        """Whether the rule turns a law on."""
        return law in self.theories or law in self.unfoldings

    def without(self, law: Theory | Unfolding) -> Rule:
        """Return the rule without one of its laws."""
        theories = tuple(one for one in self.theories if one is not law)
        return self._replace(theories=theories, unfoldings=tuple(one for one in self.unfoldings if one is not law))


def functions(canon: Canonical, atom: Atom) -> Poly | None:
    """Apply the identities in the record of a function, beside those that are always on."""
    function = find_function(atom.head)
    identities = function.identities.items() if function else ()
    found = (identity(canon, *atom.args) for name, identity in identities if name != "algebra")
    return next((value for value in found if value is not None), None)


def abbreviations(canon: Canonical, atom: Atom) -> Poly | None:
    """Write a function that is an abbreviation as what it stands for."""
    function = find_function(atom.head)
    arguments = [a for a in atom.args if isinstance(a, Poly)]
    return canon.formula(function.definition, *arguments) if function and function.definition else None


# The algebra of the field Q(atoms) is always on.
ALGEBRA = Rule()

RULES: dict[str, Rule] = {
    "definition": Rule(unfoldings=(definitions,)),
    "density": Rule(unfoldings=(densities,)),
    "logarithm": Rule((logarithm, sums)),
    "algebra": ALGEBRA,
    "linearity": Rule((linear,)),
    "normalisation": Rule((normalisation,)),
    "moments": Rule((normalisation,), cites=True),
    "theorem": Rule(cites=True),
    "collect": Rule((logarithm, exponential, sums)),
    "sum_outside": Rule((linear, sums, sums_outside)),
    "fubini": Rule((fubini,)),
    "write_out": Rule(unfoldings=(finite,)),
    "score": Rule((linear, logarithm), cites=True),
    "leibniz": Rule((linear, leibniz)),
    "differentiate": Rule((derivative, exponential, sums)),
    "function": Rule((functions,)),
    "remainder": Rule((abbreviations, logarithm, exponential, sums)),
    "formula": Rule(unfoldings=(formulas,)),
    "recognition": Rule((linear, functions), (formulas,)),
}
# Two rules that rest on nothing that is calculated: `prove` knows when they hold.
INFINITE, COMPUTED = "support", "computed"

AXIOMS: dict[Theory | Unfolding, str] = {
    definitions: "definition of the divergence and the entropies",
    densities: "definition of the densities",
    formulas: "definition of the densities",
    functions: "functional equations",
    linear: "linearity of the integral",
    leibniz: "differentiation under the integral sign",
    fubini: "Fubini's theorem for product densities",
}

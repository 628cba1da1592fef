"""The rules: which theories a step may use, and which axioms it then leans on."""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """Theories that a rule turns on, and whether it replaces what a cited equation says."""

    theories: frozenset[str]
    cites: bool = False


def _rule(*theories: str, cites: bool = False) -> Rule:
    return Rule(frozenset(theories), cites)


# The algebra of the field Q(atoms) is always on.
RULES: dict[str, Rule] = {
    "definition": _rule("definition"),
    "density": _rule("density"),
    "logarithm": _rule("log", "sum"),
    "algebra": _rule(),
    "linearity": _rule("linear"),
    "normalisation": _rule("normalisation"),
    "moments": _rule("normalisation", cites=True),
    "theorem": _rule(cites=True),
    "collect": _rule("log", "exp", "sum"),
    "sum_outside": _rule("linear", "sum"),
    "fubini": _rule("fubini"),
    "write_out": _rule("finite"),
    "score": _rule(cites=True),
    "leibniz": _rule("linear", "leibniz"),
    "differentiate": _rule("derivative", "exp", "sum"),
}

AXIOMS: dict[str, str] = {
    "definition": "definition of the divergence and the entropies",
    "density": "definition of the densities",
    "linear": "linearity of the integral",
    "leibniz": "differentiation under the integral sign",
    "fubini": "Fubini's theorem for product densities",
}

"""The shape of a derivation, which is checked before anything in it is read.

A derivation may come from anybody. What is not made of the records of `kl_symbolic.proof` alone, with every node as the
grammar has it (`kl_symbolic.proof.heads`), proves nothing. Classes are compared exactly: a subclass could answer one
thing now and another later.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Basic

from kl_symbolic.errors import ProofError
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.heads import PARAMETER, REAL, STAGE, Kind, nodes, require_in_language

CLAIM = {"quantity": str, "p": str, "unit": str}
OPTIONAL = {"q": str, "param": str, "dim": int, "of": str}


def require_derivation(derivation: object, spend: Callable[[int], None]) -> None:
    """Refuse what is no derivation, or has a part that is none.

    Parameters
    ----------
    derivation
        Anything.
    spend
        Counts the cost.

    Raises
    ------
    ProofError
        With the first thing that does not fit.
    """
    left, seen = [derivation], {id(derivation)}
    known: set[int] = set()
    while left:
        part = left.pop()
        if type(part) is not Derivation:
            raise ProofError(f"a {type(part).__name__} is no derivation")
        _require_claim(part.claim)
        for step in _tuple(part.steps, "steps"):
            _require_step(step, spend, known)
        for lemma in _tuple(part.lemmas, "lemmas"):
            if id(lemma) not in seen:
                seen.add(id(lemma))
                left.append(lemma)


def require_step(step: object, spend: Callable[[int], None]) -> None:
    """Refuse what is no step."""
    _require_step(step, spend, set())


def require_expression(expr: object, kind: Kind, spend: Callable[[int], None], known: set[int] | None = None) -> None:
    """Refuse what is no expression of the language of derivations; `known` holds the nodes that are known to be."""
    known = set() if known is None else known
    for node in reversed(list(nodes(expr, known))):  # each after its parts
        spend(1)
        require_in_language(node)
    if not (isinstance(expr, Basic) and kind.accepts(expr)):
        raise ProofError(f"{type(expr).__name__} where there should be {kind.words}")


def _require_claim(claim: object) -> None:
    if type(claim) is not Claim:
        raise ProofError(f"a {type(claim).__name__} is no claim")
    for name, kind in (CLAIM | OPTIONAL).items():
        value = getattr(claim, name)
        if type(value) is not kind and not (value is None and name in OPTIONAL):
            raise ProofError(f"the {name} of a claim is a {type(value).__name__}")


def _require_step(step: object, spend: Callable[[int], None], known: set[int]) -> None:
    if type(step) is not Step or type(step.rule) is not str:
        raise ProofError(f"a {type(step).__name__} is no step")
    for side in (step.before, step.after):
        require_expression(side, STAGE, spend, known)
    for citation in _tuple(step.cites, "citations"):
        if type(citation) is not Citation or type(citation.name) is not str:
            raise ProofError(f"a {type(citation).__name__} is no citation")
        for pair in _tuple(citation.substitution, "substitutions"):
            match _tuple(pair, "pairs"):
                case (parameter, value):
                    require_expression(parameter, PARAMETER, spend, known)
                    require_expression(value, REAL, spend, known)
                case _:
                    raise ProofError("a substitution consists of pairs")


def _tuple(things: object, name: str) -> tuple[object, ...]:
    if type(things) is not tuple:
        raise ProofError(f"the {name} are a {type(things).__name__}, not a tuple")
    return things

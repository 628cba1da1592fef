"""The shape of a derivation, which is checked before anything in it is read.

A derivation may come from anybody. What is not made of the records of `kl_symbolic.proof` alone, with every node as the
grammar has it (`kl_symbolic.terms.grammar`), proves nothing. Classes are compared exactly: a subclass could answer one
thing now and another later.
"""

from __future__ import annotations

from collections.abc import Callable

from kl_symbolic.errors import ProofError
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.terms import Term
from kl_symbolic.terms.grammar import PARAMETER, REAL, STAGE, Kind, nodes, require_in_language

QUESTION = {"quantity": str, "p": str, "unit": str}
OPTIONAL = {"q": str, "param_p": str, "param_q": str, "dim": int, "of": str}


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
    named: dict[str, object] = {}
    while left:
        part = left.pop()
        if type(part) is not Derivation:
            raise ProofError(f"a {type(part).__name__} is no derivation")
        _require_question(part.question)
        if named.setdefault(part.name, part) != part:
            raise ProofError(f"two derivations are called {part.name}")
        for step in _tuple(part.steps, "steps"):
            _require_step(step, spend, known)
        for lemma in _tuple(part.lemmas, "lemmas"):
            if id(lemma) not in seen:
                seen.add(id(lemma))
                left.append(lemma)


def require_step(step: object, spend: Callable[[int], None]) -> None:
    """Refuse what is no step."""
    _require_step(step, spend, set())


def require_expression(term: object, kind: Kind, spend: Callable[[int], None], known: set[int] | None = None) -> None:
    """Refuse what is no expression of the language of derivations; `known` holds the nodes that are known to be."""
    known = set() if known is None else known
    for node in nodes(term, known):
        spend(1)
        require_in_language(node)
    if not (isinstance(term, Term) and kind.accepts(term)):
        raise ProofError(f"{type(term).__name__} where there should be {kind.words}")


def _require_question(question: object) -> None:
    if type(question) is not Question:
        raise ProofError(f"a {type(question).__name__} is no question")
    for name, kind in (QUESTION | OPTIONAL).items():
        value = getattr(question, name)
        if type(value) is not kind and not (value is None and name in OPTIONAL):
            raise ProofError(f"the {name} of a question is a {type(value).__name__}")
    for condition in _tuple(question.where, "conditions"):
        if type(condition) is not str:
            raise ProofError(f"a condition is a {type(condition).__name__}")


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

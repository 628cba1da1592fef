"""All that is known of a question: where it has a closed form, where it is infinite, where neither is known.

Where an answer depends on which of two things is the larger one, the three cases are looked at in turn. Together they
cover all parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Literal, NamedTuple

from kl_symbolic.engine.derive import derive_as_asked
from kl_symbolic.engine.inside import ConditionNeededError
from kl_symbolic.errors import InfiniteDivergenceError, NoClosedFormError, RequestError
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.question import Question, Route
from kl_symbolic.proof.statement import laws
from kl_symbolic.proof.where import ContradictionError, Relation, TwoBoundsError

MOST_COMPARISONS = 6  # one within the other


class Case(NamedTuple):
    """What is known of a question under some conditions.

    `where` are the conditions, in words: those that no question can carry too.
    """

    status: Literal["finite", "infinite", "unknown"]
    where: tuple[str, ...]
    derivation: Derivation | None
    reason: str


def cases(question: Question, route: Route | None = None, depth: int = MOST_COMPARISONS) -> Iterator[Case]:
    """Yield what is known of a question, case by case.

    Examples
    --------
    >>> [case.status for case in cases(Question("kl", "normal", "exponential"))]
    ['infinite']
    """
    try:
        laws(question)
        found = derive_as_asked(question, route)
        yield Case("finite", found.question.where, found, "")
    except ContradictionError:
        return  # there are no such parameters
    except TwoBoundsError as error:
        name, other = sorted(error.bounds, key=lambda bound: isinstance(bound, Fraction))
        yield from _compared(question, Relation(str(name), ">", other), str(error), route, depth)
    except InfiniteDivergenceError as error:
        yield Case("infinite", question.where, error.derivation, str(error))
    except ConditionNeededError as error:
        if error.relation is None:
            yield Case("unknown", question.where, None, str(error))
        else:
            yield from _compared(question, error.relation, str(error), route, depth)
    except NoClosedFormError as error:
        yield Case("unknown", question.where, None, str(error))


def _compared(question: Question, relation: Relation, reason: str, route: Route | None, depth: int) -> Iterator[Case]:
    """Yield the cases in which one thing is larger than another, equal to it, and smaller."""
    name, _, other = relation
    relations = [relation, Relation(name, "=", other)]
    relations += [Relation(other, ">", name)] if isinstance(other, str) else []
    for condition in relations:
        where = (*question.where, str(condition))
        if depth == 0:
            yield Case("unknown", where, None, reason)
            continue
        try:
            yield from cases(replace(question, where=where), route, depth - 1)
        except RequestError as error:  # a condition that no question can carry
            yield Case("unknown", where, None, str(error))
    if isinstance(other, Fraction):  # no symbol lies below a number
        yield Case("unknown", (*question.where, f"{name} < {other}"), None, reason)

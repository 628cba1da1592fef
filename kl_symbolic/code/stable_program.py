"""The stable forms that families state, as programs: the value and its derivatives, for one coordinate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from kl_symbolic.code.program import Program
from kl_symbolic.code.trace import Tracer
from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.families import Parameter, find
from kl_symbolic.proof.parameters import (
    asked_parameterisations,
    base_of,
    parameter_records,
    parameterisations,
    symbol_of,
)
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.stable import edge_values
from kl_symbolic.proof.stable_terms import gradient, stated
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import Term


@dataclass(frozen=True)
class StableProgram:
    """What computes a divergence.

    Parameters
    ----------
    value, gradient
        The divergence of laws of one coordinate, and its derivatives by all parameters in their order.
    parameters
        What the families say of the parameters, by the names of the arguments.
    edges
        The ends of their domains at which arguments may be, too.
    """

    value: Program
    gradient: Program
    parameters: Mapping[str, Parameter]
    edges: Mapping[str, tuple[int, ...]]


def question_of_coordinate(question: Question) -> Question:
    """Return the question about one coordinate of product laws.

    Examples
    --------
    >>> question_of_coordinate(Question("kl", "diagonal_normal", "standard_normal", dim=3)).name
    'kl(normal, standard_normal)'
    """
    p, q = (name and (find(name).family.name if find(name).product else name) for name in (question.p, question.q))
    assert p is not None
    return replace(question, p=p, q=q, dim=None)


def asked(p: str, q: str, param: str | None = None, param_p: str | None = None, param_q: str | None = None) -> Question:
    """Return the question for the divergence of two laws, in the parameterisation of both or that of each.

    Examples
    --------
    >>> asked("normal", "diagonal_normal", "var").name
    'kl(normal, diagonal_normal, var)'
    """
    words = asked_parameterisations(p, q, param, param_p, param_q)
    return Question("kl", find(p).name, find(q).name, *parameterisations(p, q, *words))


@cache
def stable_program(question: Question) -> StableProgram:
    """Return the programs of the stable form that a family states for the laws of a question, of one coordinate each.

    Raises
    ------
    NoClosedFormError
        If none is stated.

    Examples
    --------
    >>> stable_program(Question("kl", "normal", "standard_normal", "logvar", "logvar")).value.results
    (mu*mu/2.0 + expm1mx(logvar)/2.0,)
    """
    names: dict[Term, str] = {symbol_of(one): str(base_of(one)) for one in laws(question).parameters}
    tracer = Tracer(names)
    if not names:
        raise NoClosedFormError(f"the laws of {question.name} have no parameters")
    value, slopes = tracer.node(stated(question)), tuple(map(tracer.node, gradient(question).args))
    title = "_".join(dict.fromkeys(filter(None, (question.p, question.q, question.param_p, question.param_q))))
    arguments = tuple(names.values())
    return StableProgram(
        Program(f"kl_{title}", arguments, (value,)),
        Program(f"gradient_{title}", arguments, slopes),
        dict(zip(arguments, parameter_records(question), strict=True)),
        {names[symbol_of(one)]: tuple(ends) for one, ends in edge_values(question).items()},
    )

"""What the families say of the parameters of a question."""

from __future__ import annotations

from kl_symbolic.families import Member, Parameter, find
from kl_symbolic.functions import Domain
from kl_symbolic.proof.question import Question
from kl_symbolic.terms import Symbol, Term


def parameter_records(question: Question) -> tuple[Parameter, ...]:
    """Return the family's record of each parameter of a question, in the order of ``laws(question).parameters``.

    Examples
    --------
    >>> [record.name for record in parameter_records(Question("entropy", "normal", param="var"))]
    ['mu', 'var']
    """
    records: list[Parameter] = []
    for member in free_laws(question).values():
        family = member.family
        known = question.param is not None and question.param in family.param_names
        records += family.parameters_in(question.param if known and question.param else family.default)
    return tuple(records)


def free_laws(question: Question) -> dict[int, Member]:
    """Return the laws of a question that have parameters by their place: 1 is P, 2 is Q.

    Examples
    --------
    >>> list(free_laws(Question("kl", "normal", "standard_normal")))
    [1]
    """
    members = {k: find(name) for k, name in enumerate((question.p, question.q), start=1) if name is not None}
    return {k: member for k, member in members.items() if member.fixed is None}


def base_of(parameter: Term) -> Term:
    """Return the array of which a parameter is a coordinate, or a scalar parameter itself.

    Examples
    --------
    >>> from kl_symbolic.terms import Array
    >>> base_of(Array(Symbol("mu"))[3]), base_of(Symbol("sigma"))
    (mu, sigma)
    """
    return parameter.args[0] if parameter.head == "Indexed" else parameter


def domain_of(parameter: Term) -> Domain:
    """Return where a parameter lies, or each coordinate of one.

    Examples
    --------
    >>> from kl_symbolic.terms import Array
    >>> domain_of(Array(Symbol("sigma", Domain.POSITIVE))[3]).value
    'positive'
    """
    base = base_of(parameter)
    symbol = base.args[0] if base.head == "Array" else base
    assert isinstance(symbol, Symbol)
    return symbol.domain

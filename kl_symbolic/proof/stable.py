"""The stable forms that families state, for the laws of a question."""

from __future__ import annotations

from kl_symbolic.families import StableForm, find
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws, unit_in_nats
from kl_symbolic.proof.where import has_equality
from kl_symbolic.terms import Namespace, Number, Term, term

FORMULAS = Namespace()


def stable_form(question: Question) -> Term | None:
    """Return the stable form of the divergence of the laws of a question, in its parameters; None if none is stated.

    Examples
    --------
    >>> stable_form(Question("kl", "exponential", "exponential"))
    itakura_saito(lambda_2, lambda_1)
    """
    stated = _stated(question)
    return None if stated is None else term(stated[0].form(FORMULAS, *stated[1]))


def stable_gradient(question: Question) -> tuple[Term, ...] | None:
    """Return the derivatives of the stable form by the parameters of a question, where the family states them."""
    stated = _stated(question)
    if stated is None or stated[0].gradient is None:
        return None
    arguments = stated[1]
    slopes = zip(stated[0].gradient(FORMULAS, *arguments), arguments, strict=True)
    return tuple(term(slope) for slope, argument in slopes if not isinstance(argument, Number))


def edge_values(question: Question) -> dict[Term, dict[int, Term]]:
    """Return the parameters of P with edges: the divergence by the end of the domain.

    Examples
    --------
    >>> edge_values(Question("kl", "poisson", "poisson"))
    {lambda_1: {0: lambda_2}}
    """
    stated = _stated(question)
    if stated is None or find(question.p).fixed is not None:
        return {}
    form, arguments = stated
    names = [record.name for record in find(question.p).family.parameters_in(_params(question, form)[0])]
    unit = unit_in_nats(question)
    found: dict[Term, dict[int, Term]] = {}
    for edge in form.edges:
        place = found.setdefault(arguments[names.index(edge.parameter)], {})
        place[edge.at] = edge.value(FORMULAS, *arguments) / unit
    return found


def law_arguments(question: Question, params: tuple[str, str]) -> list[Term] | None:
    """Return the parameters of both laws, numbers for a law without free ones; None if they are given by others.

    Parameters
    ----------
    question
        About two laws, of which it does not say that parameters are equal.
    params
        The parameterisation of each.

    Examples
    --------
    >>> law_arguments(Question("kl", "normal", "standard_normal"), ("std", "std"))
    [mu, sigma, 0, 1]
    """
    assert question.q is not None
    free = iter(laws(question).parameters)
    found: list[Term] = []
    asked = (question.param_p, question.param_q)
    for name, word, param in zip((question.p, question.q), asked, params, strict=True):
        member = find(name)
        if member.fixed is not None:
            values = member.family.member_in(name, param)
            if values is None:
                return None
            found += map(Number, values)
        elif member.family.known_param(word) != param:
            return None
        else:
            found += (next(free) for _ in member.family.parameters_in(param))
    return found


def _stated(question: Question) -> tuple[StableForm, list[Term]] | None:
    """Return the form that is stated for the laws of a question, and its arguments."""
    if question.q is None or has_equality(question):
        return None
    family, partner = find(question.p).family, find(question.q).family
    for form in family.stable_forms:
        if (form.partner or family.name) == partner.name:
            arguments = law_arguments(question, _params(question, form))
            if arguments is not None:
                return form, arguments
    return None


def _params(question: Question, form: StableForm) -> tuple[str, str]:
    assert question.q is not None
    first, second = (find(name).family.known_param(form.param) for name in (question.p, question.q))
    return first, second

"""What the families say of the parameters of a question."""

from __future__ import annotations

from kl_symbolic.errors import RequestError
from kl_symbolic.families import Member, Parameter, find
from kl_symbolic.functions import Domain
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import Symbol, Term


def parameter_records(question: Question) -> tuple[Parameter, ...]:
    """Return the family's record of each parameter of a question, in the order of ``laws(question).parameters``.

    Examples
    --------
    >>> [record.name for record in parameter_records(Question("entropy", "normal", param_p="var"))]
    ['mu', 'var']
    """
    records = {name: record for own in records_by_law(question).values() for name, record in own.items()}
    return tuple(records[symbol_of(parameter).name] for parameter in laws(question).parameters)


def records_by_law(question: Question) -> dict[int, dict[str, Parameter]]:
    """Return the records of the parameters of each law that has some, by their names in a question.

    Examples
    --------
    >>> {place: list(own) for place, own in records_by_law(Question("kl", "normal", "exponential")).items()}
    {1: ['mu_1', 'sigma_1'], 2: ['lambda_2']}
    """
    free, params = free_laws(question), parameterisations_of(question)
    return {
        place: {f"{r.name}_{place}" if len(free) > 1 else r.name: r for r in member.family.parameters_in(params[place])}
        for place, member in free.items()
    }


def parameterisations_of(question: Question) -> dict[int, str]:
    """Return the parameterisation of each law, by its place; that of its family where it does not know the word.

    Examples
    --------
    >>> parameterisations_of(Question("kl", "exponential", "normal", "var", "var"))
    {1: 'rate', 2: 'var'}
    """
    asked = ((question.p, question.param_p), (question.q, question.param_q))
    return {k: find(name).family.known_param(param) for k, (name, param) in enumerate(asked, start=1) if name}


def parameterisations(p: str, q: str | None, param_p: str | None, param_q: str | None) -> tuple[str | None, str | None]:
    """Return the parameterisations of a question about two laws, the same for all ways to say the same.

    Parameters
    ----------
    p, q
        The laws.
    param_p, param_q
        The parameterisation of each; None is the default of its family. Where both are the same word, a law takes it if
        its family knows it.

    Returns
    -------
    tuple
        None for the default, or where a word means nothing. Where the word of the other law means nothing to one, or
        the same, both have that word.

    Examples
    --------
    >>> parameterisations("normal", "normal", "var", "std"), parameterisations("normal", "normal", "std", "std")
    (('var', None), (None, None))
    >>> parameterisations("exponential", "normal", None, "var"), parameterisations("normal", "gamma", "var", "mean")
    (('var', 'var'), ('var', 'mean'))
    """
    first, second = find(p), None if q is None else find(q)
    if second is None:
        return _meant(param_p, first), None
    if param_p != param_q:
        a, b = (None if word == one.family.default else word for one, word in ((first, param_p), (second, param_q)))
        if _says_nothing(first, a, b):
            a = b
        elif _says_nothing(second, b, a):
            b = a
        if a != b:
            return a, b
        param_p = a
    same = _meant(param_p, first, second)
    return same, same


def _meant(word: str | None, *members: Member) -> str | None:
    """Return a word for laws, or None if it is known but for none of them other than the default."""
    known = [one for one in members if word in one.family.param_names]
    idle = all(one.fixed is not None or one.family.default == word for one in known)
    return None if known and idle else word


def asked_parameterisations(
    p: str, q: str | None, param: str | None, param_p: str | None, param_q: str | None
) -> tuple[str | None, str | None]:
    """Return the word for each law, where `param` is one for both.

    Raises
    ------
    RequestError
        If there are both kinds of words, or what is said of one law is not known to its family.

    Examples
    --------
    >>> asked_parameterisations("exponential", "normal", None, None, "var")
    (None, 'var')
    """
    for law, name, word in (("P", p, param_p), ("Q", q, param_q)):
        if word is None:
            continue
        if param is not None:
            raise RequestError("a parameterisation is given either for both laws, or for each; given: both")
        if name is None:
            raise RequestError(f"there is no law {law} that could be given by {word}")
        known = find(name).family.param_names
        if word not in known:
            raise RequestError(f"no parameterisation {word!r} for {law}, {name}; known: {', '.join(known)}")
    return (param_p, param_q) if param is None else (param, None if q is None else param)


def _says_nothing(member: Member, own: str | None, other: str | None) -> bool:
    """Whether a law, with a word of its own or the default, is the same with the word of the other law."""
    family = member.family
    return member.fixed is not None or (own is None and (other not in family.param_names or other == family.default))


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


def symbol_of(parameter: Term) -> Symbol:
    """Return the symbol of a parameter, which for a coordinate is that of the array.

    Examples
    --------
    >>> from kl_symbolic.terms import Array
    >>> symbol_of(Array(Symbol("sigma", Domain.POSITIVE))[3]).domain.value
    'positive'
    """
    base = base_of(parameter)
    symbol = base.args[0] if base.head == "Array" else base
    assert isinstance(symbol, Symbol)
    return symbol


def domain_of(parameter: Term) -> Domain:
    """Return where a parameter lies, or each coordinate of one."""
    return symbol_of(parameter).domain


def bound_of(parameter: Term) -> Term | None:
    """Return what a parameter lies above: a number, or another parameter; None if it has no bound.

    Examples
    --------
    >>> from kl_symbolic.terms import Array, Number
    >>> low = Symbol("a")
    >>> bound_of(Array(Symbol("b", above=low))[3]), bound_of(Symbol("alpha", above=Number(1)))
    (a[3], 1)
    """
    above = symbol_of(parameter).above
    return (
        Term("Array", above)[parameter.args[1]] if parameter.head == "Indexed" and isinstance(above, Symbol) else above
    )

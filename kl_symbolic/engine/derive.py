"""Write derivations: for each kind of question the textbook's order of steps, citing what is derived elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import sympy
from sympy import Add, Basic, Expr

from kl_symbolic.divergences import find_quantity
from kl_symbolic.divergences.quantity import Plan
from kl_symbolic.engine import tactics as t
from kl_symbolic.engine.chain import Chain, cited_value
from kl_symbolic.engine.collect import collect
from kl_symbolic.engine.heads import (
    DEFINED,
    Density,
    Diff,
    Integral,
    Log,
    expression,
    statistic,
)
from kl_symbolic.engine.inside import ConditionNeededError, require_conditions, require_finite
from kl_symbolic.engine.recognition import by_recognition
from kl_symbolic.engine.special import with_values
from kl_symbolic.errors import NoClosedFormError, RequestError
from kl_symbolic.families import Family, find
from kl_symbolic.proof import stable_terms as stable
from kl_symbolic.proof.derivation import Citation, Derivation
from kl_symbolic.proof.parameters import symbol_of
from kl_symbolic.proof.question import Question, Route
from kl_symbolic.proof.statement import laws, left_side, moment_of, quantity_of
from kl_symbolic.proof.supports import family_of, is_finite, support_of, variable
from kl_symbolic.proof.where import has_equality
from kl_symbolic.terms import CrossEntropy, Entropy, Namespace, Term, parts_with, term
from kl_symbolic.terms.sympy import inert, read

FORMULAS = Namespace()
MOST_ADDED = 8


@cache
def derive(question: Question, route: Route | None = None) -> Derivation:
    """Derive a question, with the conditions under which it has an answer if it lacks them.

    Parameters
    ----------
    question, route
        See `derive_as_asked`.

    Returns
    -------
    Derivation
        Its question is the one that was asked, perhaps with more conditions.
    """
    for _ in range(MOST_ADDED):
        try:
            return derive_as_asked(question, route)
        except ConditionNeededError as needed:
            if needed.relation is None:
                raise
            question = replace(question, where=(*question.where, str(needed.relation)))
            try:
                laws(question)
            except RequestError:  # it contradicts the others
                raise needed from None
    return derive_as_asked(question, route)


@cache
def derive_as_asked(question: Question, route: Route | None = None) -> Derivation:
    """Derive a question under its own conditions.

    Parameters
    ----------
    question
        What is asked for.
    route
        ``"entropy"``: cross-entropy minus entropy; ``"direct"``: the expectation of log p - log q. None takes the
        first, or the second where the entropy has no closed form.

    Raises
    ------
    NoClosedFormError
        If an expectation has no closed form by this route.
    ConditionNeededError
        If there is an answer under a further condition.
    InfiniteDivergenceError
        If the divergence is infinite; with the derivation of that.
    """
    p, q, _ = laws(question)
    for divergence in parts_with(left_side(question), "KL", "CrossEntropy"):
        first, second = divergence.args
        require_finite(question if (first, second) == (p, q) else question.exchanged, first, second)
    return BY_PLAN[find_quantity(question.quantity).plan](question, route)


def _divergence(question: Question, route: Route | None) -> Derivation:
    found = _by_theorem(question, route) or _by_terms(question)
    if found is None and route != "direct":
        try:
            return _cross_entropy_minus_entropy(question)
        except NoClosedFormError:
            if route == "entropy":
                raise
    return found or _by_moments(question)


def _expectation(question: Question, route: Route | None) -> Derivation:
    return _by_theorem(question, route) or _by_terms(question) or _by_moments(question)


def _by_theorem(question: Question, route: Route | None) -> Derivation | None:
    """Derive a special case from the general theorem; None if it is none."""
    pair = laws(question)
    if question.unit == "bits":
        return _in_bits(question, route)
    if pair.p.head == "ProductLaw":
        return _coordinate_by_coordinate(question, lambda chain: _scalar_theorem(chain, route))
    if has_equality(question) and not question.parameterisation:
        return None
    arguments = [a for law in (pair.p, pair.q) if law and law.head == "Law" for a in law.args[1:]]
    return None if tuple(arguments) == pair.parameters else _combination(question, route)


def _combination(question: Question, route: Route | None) -> Derivation:
    """Put the general theorems in place of the parts of the left-hand side."""
    if laws(question).p.head == "ProductLaw":
        return _coordinate_by_coordinate(question, lambda chain: _general_theorems(chain, route))
    return _general_theorems(Chain(question), route).collected().done()


def _decomposition(question: Question, _route: Route | None) -> Derivation:
    return _decomposed(Chain(question)).done()


def _cross_entropy_minus_entropy(question: Question) -> Derivation:
    chain = _decomposed(Chain(question))
    return _general_theorems(chain, None).collected().done()


def _decomposed(chain: Chain) -> Chain:
    p, q, _ = laws(chain.question)
    assert q is not None
    return (
        chain.then("definition", t.unfold_definitions)
        .then("logarithm", t.split_quotients)
        .then("linearity", t.linearity)
        .then("definition", lambda e: t.fold_definitions(e, [inert(CrossEntropy(p, q)), inert(Entropy(p))]))
    )


def _by_terms(question: Question) -> Derivation | None:
    """Write a sum over finitely many numbers out; None if it is none."""
    if not is_finite(support_of(laws(question).p)):
        return None
    return (
        Chain(question)
        .then("definition", t.unfold_definitions)
        .then("write_out", t.write_out)
        .then("formula", lambda e: with_values(t.insert_formulas(e)))
        .then("collect", collect)
        .done()
    )


def _by_moments(question: Question) -> Derivation:
    chain = (
        Chain(question)
        .then("definition", t.unfold_definitions)
        .then("logarithm", t.split_quotients)
        .then("density", t.insert_densities)
        .then("logarithm", t.split_quotients)
        .then("algebra", t.expand_squares)
        .then("linearity", t.linearity)
    )
    return _moments(chain).collected().done()


def _moments(chain: Chain) -> Chain:
    """Insert the value of each integral of a statistic; the normalisation alone needs no citation."""
    masses: dict[Basic, Expr] = {}
    cited: dict[Basic, tuple[Citation, Derivation]] = {}
    for integral in sorted(chain.now.atoms(Integral), key=sympy.default_sort_key):
        body, x, *_ = integral.args
        (law,) = {d.args[0] for d in body.atoms(Density)}
        what = body / Density(law, x)
        if what == 1:
            masses[integral] = sympy.Integer(1)
        else:
            lemma = _lemma_on(what, family_of(read(law)), x)
            cited[integral] = (_citation(lemma.question, read(law)), lemma)
    if not cited:
        return chain.then("normalisation", lambda e: e.xreplace(masses))
    values = {i: cited_value(*pair) for i, pair in cited.items()}
    return chain.cite("moments", lambda e: e.xreplace(masses | values), dict(cited.values()))


def _lemma_on(what: Expr, family: Family, x: Expr) -> Derivation:
    for moment in family.moments:
        if statistic(moment, x)[0] == what:
            return derive(Question("moment", family.name, of=moment.name))
    raise NoClosedFormError(f"E[{read(what)}] under the {family.title} has no closed form here")


def _moment(question: Question, _route: Route | None) -> Derivation:
    """Prove E[T] from the score: T = a w d(log p)/d(theta) + statistics with known expectations."""
    law, _, parameters = laws(question)
    moment = moment_of(question)
    if question.where != moment.where:  # the theorem has its own condition, and holds under every other one
        if not question.where:
            return derive_as_asked(replace(question, where=moment.where))
        return _moments(Chain(question)).then("collect", collect).done()
    x = inert(variable(family_of(law).support))
    if moment.value is not None:
        value = term(moment.value(FORMULAS, *parameters))
        return Chain(question).then("computed", lambda _: expression(value)).done()
    if moment.member is not None:
        return _moments(by_recognition(Chain(question), moment, x)).then("collect", collect).done()
    (theta,) = [inert(s) for s in parameters if str(s) == moment.parameter]
    what, weight = statistic(moment, x)
    lemma = derive(Question("score", question.p, of=moment.parameter))
    score = sympy.expand(weight * t.split_quotients(inert(lemma.statement.right)))
    leading = Add(*(term / what for term in Add.make_args(score) if x not in (term / what).free_symbols))
    rest = sympy.expand(what - score / leading)
    density = Density(inert(law), x)
    by_score = (weight * Diff(Log(density), theta) / leading + rest) * density
    chain = (
        Chain(question)
        .then("score", lambda e: e.func(by_score, *e.args[1:]), lemma)
        .then("linearity", t.linearity)
        .then("leibniz", t.derivative_outside)
    )
    return _moments(chain).then("differentiate", t.differentiate).then("collect", collect).done()


def _score(question: Question, _route: Route | None) -> Derivation:
    """Differentiate the logarithm of the density."""
    return (
        Chain(question)
        .then("density", t.insert_densities)
        .then("logarithm", t.split_quotients)
        .then("differentiate", t.differentiate)
        .then("collect", collect)
        .done()
    )


def _general_theorems(chain: Chain, route: Route | None) -> Chain:
    """Replace each divergence and entropy by the general theorem, with this law's arguments for the parameters."""
    cited = {}
    own = [law for law in laws(chain.question)[:2] if law is not None]
    for quantity in sorted(chain.now.atoms(*DEFINED), key=sympy.default_sort_key):
        given = read(quantity)
        if given.args == tuple(own) and has_equality(chain.question) and not chain.question.parameterisation:
            lemma = derive_as_asked(replace(chain.question, quantity=quantity_of(given.head), unit="nats"), route)
            cited[quantity] = (Citation(lemma.name), lemma)
            continue
        names = [family_of(law).name for law in given.args]
        lemma = derive(Question(quantity_of(given.head), names[0], names[1] if len(names) > 1 else None), route)
        cited[quantity] = (_citation(lemma.question, *given.args), lemma)
    return chain.replace("theorem", cited)


def _citation(question: Question, *given: Term) -> Citation:
    parameters = laws(question).parameters
    arguments = [a for law in given for a in law.args[1:]]
    require_conditions(question, {symbol_of(p).name: a for p, a in zip(parameters, arguments, strict=True)})
    return Citation(question.name, tuple(zip(parameters, arguments, strict=True)))


def _in_bits(question: Question, route: Route | None) -> Derivation:
    lemma = derive(replace(question, unit="nats"), route)
    chain = Chain(replace(question, where=lemma.question.where))
    (quantity,) = chain.now.atoms(*DEFINED)
    return chain.replace("theorem", {quantity: (Citation(lemma.name), lemma)}).done()


def _gradient(question: Question, route: Route | None) -> Derivation:
    (quantity,) = Chain(question).now.atoms(*DEFINED)
    lemma = derive(replace(question, unit="nats", quantity=quantity_of(read(quantity).head)), route)
    chain = Chain(replace(question, where=lemma.question.where))
    (quantity,) = chain.now.atoms(*DEFINED)
    return (
        chain.replace("theorem", {quantity: (Citation(lemma.name), lemma)})
        .then("differentiate", t.differentiate)
        .then("collect", collect)
        .done()
    )


def _stable(question: Question, route: Route | None) -> Derivation:
    """Put the terms of the closed form together to remainders, as the family states it."""
    quantity = find_quantity(question.quantity)
    if laws(question).p.head == "ProductLaw" and not quantity.differentiated:
        return _coordinate_by_coordinate(question, lambda chain: _scalar_theorem(chain, route), collected=False)
    (divergence,) = Chain(question).now.atoms(*DEFINED)
    lemma = derive(replace(question, quantity=quantity_of(read(divergence).head), unit="nats"), route)
    question = replace(question, where=lemma.question.where)
    chain, form = Chain(question), stable.gradient if quantity.differentiated else stable.stated
    (divergence,) = chain.now.atoms(*DEFINED)
    return (
        chain.replace("theorem", {divergence: (Citation(lemma.name), lemma)})
        .then("differentiate", t.differentiate)
        .then("remainder", lambda _: inert(form(question)))
        .done()
    )


def _coordinate_by_coordinate(
    question: Question, finish: Callable[[Chain], object], *, collected: bool = True
) -> Derivation:
    """Reduce a product law to its coordinates: log of a product, Fubini, the univariate theorem for each."""
    chain = Chain(question)
    scalars = [
        type(quantity)(*(law.args[0] for law in quantity.args))
        for quantity in sorted(chain.now.atoms(*DEFINED), key=sympy.default_sort_key)
    ]
    (
        chain.then("definition", t.unfold_definitions)
        .then("density", t.insert_densities)
        .then("logarithm", t.logs_of_products_as_sums)
        .then("sum_outside", t.move_sums_outside)
        .then("fubini", t.one_coordinate)
        .then("definition", lambda e: t.fold_definitions(e, scalars))
    )
    finish(chain)
    if collected:
        chain.then("collect", collect)
    if question.dim is not None:
        chain.then("write_out", t.write_out)
    return chain.done()


def _scalar_theorem(chain: Chain, route: Route | None) -> None:
    """Replace the quantity of one coordinate by its theorem, in the same parameters."""
    question = chain.question
    scalar = replace(question, p=_scalar(question.p), q=question.q and _scalar(question.q), dim=None, unit="nats")
    lemma = derive(scalar, route)
    substitution = tuple(zip(laws(lemma.question).parameters, laws(question).parameters, strict=True))
    require_conditions(lemma.question, {symbol_of(s).name: value for s, value in substitution})
    (quantity,) = chain.now.atoms(*DEFINED)
    chain.replace("theorem", {quantity: (Citation(lemma.name, substitution), lemma)})


def _scalar(name: str) -> str:
    return find(name).family.name if find(name).product else name


BY_PLAN: dict[Plan, Callable[[Question, Route | None], Derivation]] = {
    "divergence": _divergence,
    "expectation": _expectation,
    "combination": _combination,
    "decomposition": _decomposition,
    "gradient": _gradient,
    "stable": _stable,
    "moment": _moment,
    "score": _score,
}

"""Write derivations: for each kind of question the textbook's order of steps, citing what is derived elsewhere."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import sympy
from sympy import Add, Basic, Expr

from kl_symbolic import terms
from kl_symbolic.engine import tactics as t
from kl_symbolic.engine.collect import collect
from kl_symbolic.engine.heads import (
    DEFINED,
    Density,
    Diff,
    Integral,
    Log,
    Sum,
    expression,
    statistic,
)
from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.families import Family, find
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.question import Quantity, Question, Route
from kl_symbolic.proof.statement import Laws, family_of, laws, left_side, moment_of, variable
from kl_symbolic.terms import CrossEntropy, Entropy, Term
from kl_symbolic.terms.sympy import inert, read

QUANTITY_OF_HEAD: dict[str, Quantity] = {"KL": "kl", "Entropy": "entropy", "CrossEntropy": "cross_entropy"}


class Chain:
    """A derivation in the making: the current expression, the steps so far and the lemmas they cite."""

    def __init__(self, question: Question) -> None:
        self.question, self.stage = question, left_side(question)
        self.now = expression(self.stage)
        self.steps: list[Step] = []
        self.lemmas: dict[str, Derivation] = {}

    def then(self, rule: str, tactic: t.Tactic, *lemmas: Derivation) -> Chain:
        """Apply a tactic, which may rest on lemmas; a step that would change nothing is left out."""
        return self.cite(rule, tactic, {Citation(lemma.name): lemma for lemma in lemmas})

    def cite(self, rule: str, tactic: t.Tactic, cited: dict[Citation, Derivation]) -> Chain:
        """Apply a tactic that rests on equations with expressions in place of their parameters."""
        after = tactic(self.now)
        if after != self.now:
            stage = read(after)
            self.steps.append(Step(rule, self.stage, stage, tuple(cited)))
            self.lemmas |= {lemma.name: lemma for lemma in cited.values()}
            self.now, self.stage = after, stage
        return self

    def replace(self, rule: str, cited: dict[Basic, tuple[Citation, Derivation]]) -> Chain:
        """Replace quantities by the values that other derivations give them."""
        values = {quantity: _value(*pair) for quantity, pair in cited.items()}
        return self.cite(rule, lambda e: e.xreplace(values), dict(cited.values()))

    def done(self) -> Derivation:
        """Return the derivation."""
        return Derivation(self.question, tuple(self.steps), tuple(self.lemmas.values()))


def _value(citation: Citation, lemma: Derivation) -> Expr:
    """Return what a cited equation says that its left side is."""
    right: Expr = inert(lemma.statement.right)
    return right.xreplace({inert(parameter): inert(value) for parameter, value in citation.substitution})


@cache
def derive(question: Question, route: Route | None = None) -> Derivation:
    """Derive a question.

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
    """
    pair = laws(question)
    if question.quantity == "moment":
        return _moment(question)
    if question.quantity == "score":
        return _score(question)
    if question.quantity == "decomposition":
        return _decomposed(Chain(question)).done()
    if question.quantity == "gradient":
        return _gradient(question, route)
    if question.unit == "bits" and question.quantity != "asymmetry":
        return _in_bits(question, route)
    if pair.p.head == "ProductLaw":
        return _coordinate_by_coordinate(question, route)
    if question.quantity == "asymmetry" or not _general(question, pair):
        return _special_case(question, route)
    if question.quantity == "kl" and route != "direct":
        try:
            return _cross_entropy_minus_entropy(question)
        except NoClosedFormError:
            if route == "entropy":
                raise
    return _by_moments(question)


def _cross_entropy_minus_entropy(question: Question) -> Derivation:
    chain = _decomposed(Chain(question))
    return _general_theorems(chain, None).then("collect", collect).done()


def _decomposed(chain: Chain) -> Chain:
    p, q, _ = laws(chain.question)
    assert q is not None
    return (
        chain.then("definition", t.unfold_definitions)
        .then("logarithm", t.split_quotients)
        .then("linearity", t.linearity)
        .then("definition", lambda e: t.fold_definitions(e, [inert(CrossEntropy(p, q)), inert(Entropy(p))]))
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
    return _moments(chain).then("collect", collect).done()


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
    values = {i: _value(*pair) for i, pair in cited.items()}
    return chain.cite("moments", lambda e: e.xreplace(masses | values), dict(cited.values()))


def _lemma_on(what: Expr, family: Family, x: Expr) -> Derivation:
    for moment in family.moments:
        if statistic(moment, x)[0] == what:
            return derive(Question("moment", family.name, of=moment.name))
    raise NoClosedFormError(f"E[{read(what)}] under the {family.title} has no closed form here")


def _moment(question: Question) -> Derivation:
    """Prove E[T] from the score: T = a w d(log p)/d(theta) + statistics with known expectations."""
    law, _, parameters = laws(question)
    moment = moment_of(question)
    x = inert(variable(family_of(law).support))
    if moment.member is not None:
        name, arguments = moment.member(terms.Namespace(), *parameters)
        densities = {inert(terms.Density(law, read(x))): inert(terms.Density(terms.Law(name, *arguments), read(x)))}
        chain = Chain(question).then("recognition", lambda e: e.xreplace(densities))
        return _moments(chain).then("collect", collect).done()
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


def _score(question: Question) -> Derivation:
    """Differentiate the logarithm of the density."""
    return (
        Chain(question)
        .then("density", t.insert_densities)
        .then("logarithm", t.split_quotients)
        .then("differentiate", t.differentiate)
        .then("collect", collect)
        .done()
    )


def _general(question: Question, pair: Laws) -> bool:
    """Whether the question is the general one: default parameterisations, every parameter free."""
    arguments = [a for law in (pair.p, pair.q) if law and law.head == "Law" for a in law.args[1:]]
    return question.param is None and tuple(arguments) == pair.parameters


def _special_case(question: Question, route: Route | None) -> Derivation:
    return _general_theorems(Chain(question), route).then("collect", collect).done()


def _general_theorems(chain: Chain, route: Route | None) -> Chain:
    """Replace each divergence and entropy by the general theorem, with this law's arguments for the parameters."""
    cited = {}
    for quantity in sorted(chain.now.atoms(*DEFINED), key=sympy.default_sort_key):
        given = read(quantity)
        names = [family_of(law).name for law in given.args]
        lemma = derive(Question(QUANTITY_OF_HEAD[given.head], names[0], names[1] if len(names) > 1 else None), route)
        cited[quantity] = (_citation(lemma.question, *given.args), lemma)
    return chain.replace("theorem", cited)


def _citation(question: Question, *given: Term) -> Citation:
    parameters = laws(question).parameters
    arguments = [a for law in given for a in law.args[1:]]
    return Citation(question.name, tuple(zip(parameters, arguments, strict=True)))


def _in_bits(question: Question, route: Route | None) -> Derivation:
    chain = Chain(question)
    lemma = derive(replace(question, unit="nats"), route)
    (quantity,) = chain.now.atoms(*DEFINED)
    return chain.replace("theorem", {quantity: (Citation(lemma.name), lemma)}).done()


def _gradient(question: Question, route: Route | None) -> Derivation:
    chain = Chain(question)
    lemma = derive(replace(question, unit="nats", quantity="kl"), route)
    (quantity,) = chain.now.atoms(*DEFINED)
    return (
        chain.replace("theorem", {quantity: (Citation(lemma.name), lemma)})
        .then("differentiate", t.differentiate)
        .then("collect", collect)
        .done()
    )


def _coordinate_by_coordinate(question: Question, route: Route | None) -> Derivation:
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
    if question.quantity == "asymmetry":
        _general_theorems(chain, route)
    else:
        scalar = replace(question, p=_scalar(question.p), q=question.q and _scalar(question.q), dim=None, unit="nats")
        lemma = derive(scalar, route)
        substitution = zip(laws(scalar).parameters, laws(question).parameters, strict=True)
        chain.replace("theorem", {scalars[0]: (Citation(lemma.name, tuple(substitution)), lemma)})
    chain.then("collect", collect)
    if question.dim is not None:
        chain.then("write_out", _write_out)
    return chain.done()


def _write_out(expr: Expr) -> Expr:
    def terms(s: Expr) -> Expr:
        body, i, size = s.args
        return Add(*(body.xreplace({i: sympy.Integer(k)}) for k in range(1, int(size) + 1)))

    return expr.xreplace({s: terms(s) for s in expr.atoms(Sum)})


def _scalar(name: str) -> str:
    return find(name).family.name if find(name).product else name

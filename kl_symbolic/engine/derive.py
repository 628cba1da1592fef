"""Write derivations: for each kind of claim the textbook's order of steps, citing what is derived elsewhere."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import sympy
from sympy import Add, Basic, Expr

from kl_symbolic.engine import tactics as t
from kl_symbolic.engine.collect import collect
from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.families import Family, find
from kl_symbolic.proof.claim import Claim, Quantity, Route
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.language import (
    DEFINED_HEADS,
    KL,
    CrossEntropy,
    Density,
    Diff,
    Entropy,
    Integral,
    Law,
    Log,
    Namespace,
    ProductLaw,
    Sum,
    name_of,
    ordinary,
)
from kl_symbolic.proof.statement import Laws, family_of, laws, left_side, moment_of, variable

QUANTITY_OF_HEAD: dict[type[Expr], Quantity] = {KL: "kl", Entropy: "entropy", CrossEntropy: "cross_entropy"}


class Chain:
    """A derivation in the making: the current expression, the steps so far and the lemmas they cite."""

    def __init__(self, claim: Claim) -> None:
        self.claim, self.now = claim, left_side(claim)
        self.steps: list[Step] = []
        self.lemmas: dict[str, Derivation] = {}

    def then(self, rule: str, tactic: t.Tactic, *lemmas: Derivation) -> Chain:
        """Apply a tactic, which may rest on lemmas; a step that would change nothing is left out."""
        return self.cite(rule, tactic, {Citation(lemma.name): lemma for lemma in lemmas})

    def cite(self, rule: str, tactic: t.Tactic, cited: dict[Citation, Derivation]) -> Chain:
        """Apply a tactic that rests on equations with expressions in place of their parameters."""
        after = tactic(self.now)
        if after != self.now:
            self.steps.append(Step(rule, self.now, after, tuple(cited)))
            self.lemmas |= {lemma.name: lemma for lemma in cited.values()}
            self.now = after
        return self

    def replace(self, rule: str, cited: dict[Basic, tuple[Citation, Derivation]]) -> Chain:
        """Replace quantities by the values that other derivations give them."""
        values = {
            quantity: lemma.statement.right.xreplace(dict(citation.substitution))
            for quantity, (citation, lemma) in cited.items()
        }
        return self.cite(rule, lambda e: e.xreplace(values), dict(cited.values()))

    def done(self) -> Derivation:
        """Return the derivation."""
        return Derivation(self.claim, tuple(self.steps), tuple(self.lemmas.values()))


@cache
def derive(claim: Claim, route: Route | None = None) -> Derivation:
    """Derive a claim.

    Parameters
    ----------
    claim
        What is asked for.
    route
        ``"entropy"``: cross-entropy minus entropy; ``"direct"``: the expectation of log p - log q. None takes the
        first, or the second where the entropy has no closed form.

    Raises
    ------
    NoClosedFormError
        If an expectation has no closed form by this route.
    """
    pair = laws(claim)
    if claim.quantity == "moment":
        return _moment(claim)
    if claim.quantity == "score":
        return _score(claim)
    if claim.quantity == "decomposition":
        return _decomposed(Chain(claim)).done()
    if claim.quantity == "gradient":
        return _gradient(claim, route)
    if claim.unit == "bits" and claim.quantity != "asymmetry":
        return _in_bits(claim, route)
    if isinstance(pair.p, ProductLaw):
        return _coordinate_by_coordinate(claim, route)
    if claim.quantity == "asymmetry" or not _general(claim, pair):
        return _special_case(claim, route)
    if claim.quantity == "kl" and route != "direct":
        try:
            return _cross_entropy_minus_entropy(claim)
        except NoClosedFormError:
            if route == "entropy":
                raise
    return _by_moments(claim)


def _cross_entropy_minus_entropy(claim: Claim) -> Derivation:
    chain = _decomposed(Chain(claim))
    return _general_theorems(chain, None).then("collect", collect).done()


def _decomposed(chain: Chain) -> Chain:
    p, q, _ = laws(chain.claim)
    assert q is not None
    return (
        chain.then("definition", t.unfold_definitions)
        .then("logarithm", t.split_quotients)
        .then("linearity", t.linearity)
        .then("definition", lambda e: t.fold_definitions(e, [CrossEntropy(p, q), Entropy(p)]))
    )


def _by_moments(claim: Claim) -> Derivation:
    chain = (
        Chain(claim)
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
        statistic = body / Density(law, x)
        if statistic == 1:
            masses[integral] = sympy.Integer(1)
        else:
            lemma = _lemma_on(statistic, family_of(law), x)
            cited[integral] = (_citation(lemma.claim, law), lemma)
    if not cited:
        return chain.then("normalisation", lambda e: e.xreplace(masses))
    values = {i: lemma.statement.right.xreplace(dict(c.substitution)) for i, (c, lemma) in cited.items()}
    return chain.cite("moments", lambda e: e.xreplace(masses | values), dict(cited.values()))


def _lemma_on(statistic: Expr, family: Family, x: Expr) -> Derivation:
    for moment in family.moments:
        if moment.statistic(Namespace, x) == statistic:
            return derive(Claim("moment", family.name, of=moment.name))
    raise NoClosedFormError(f"E[{ordinary(statistic)}] under the {family.title} has no closed form here")


def _moment(claim: Claim) -> Derivation:
    """Prove E[T] from the score: T = a w d(log p)/d(theta) + statistics with known expectations."""
    law, _, parameters = laws(claim)
    moment = moment_of(claim)
    x = variable(family_of(law).support)
    (theta,) = [s for s in parameters if str(s) == moment.parameter]
    statistic, weight = moment.statistic(Namespace, x), sympy.S.One * moment.weight(Namespace, x)
    lemma = derive(Claim("score", claim.p, of=moment.parameter))
    score = sympy.expand(weight * lemma.statement.right)
    leading = Add(*(term / statistic for term in Add.make_args(score) if x not in (term / statistic).free_symbols))
    rest = sympy.expand(statistic - score / leading)
    density = Density(law, x)
    by_score = (weight * Diff(Log(density), theta) / leading + rest) * density
    chain = (
        Chain(claim)
        .then("score", lambda e: e.func(by_score, *e.args[1:]), lemma)
        .then("linearity", t.linearity)
        .then("leibniz", t.derivative_outside)
    )
    return _moments(chain).then("differentiate", t.differentiate).then("collect", collect).done()


def _score(claim: Claim) -> Derivation:
    """Differentiate the logarithm of the density."""
    return (
        Chain(claim)
        .then("density", t.insert_densities)
        .then("logarithm", t.split_quotients)
        .then("differentiate", t.differentiate)
        .then("collect", collect)
        .done()
    )


def _general(claim: Claim, pair: Laws) -> bool:
    """Whether the claim is the general one: default parameterisations, every parameter free."""
    arguments = [a for law in (pair.p, pair.q) if isinstance(law, Law) for a in law.args[1:]]
    return claim.param is None and tuple(arguments) == pair.parameters


def _special_case(claim: Claim, route: Route | None) -> Derivation:
    return _general_theorems(Chain(claim), route).then("collect", collect).done()


def _general_theorems(chain: Chain, route: Route | None) -> Chain:
    """Replace each divergence and entropy by the general theorem, with this law's arguments for the parameters."""
    cited = {}
    for head in sorted(chain.now.atoms(*DEFINED_HEADS), key=sympy.default_sort_key):
        names = [name_of(law.args[0]) for law in head.args]
        lemma = derive(Claim(QUANTITY_OF_HEAD[type(head)], names[0], names[1] if len(names) > 1 else None), route)
        cited[head] = (_citation(lemma.claim, *head.args), lemma)
    return chain.replace("theorem", cited)


def _citation(claim: Claim, *given: Basic) -> Citation:
    parameters = laws(claim).parameters
    arguments = [a for law in given for a in law.args[1:]]
    return Citation(claim.name, tuple(zip(parameters, arguments, strict=True)))


def _in_bits(claim: Claim, route: Route | None) -> Derivation:
    chain = Chain(claim)
    lemma = derive(replace(claim, unit="nats"), route)
    (head,) = chain.now.atoms(*DEFINED_HEADS)
    return chain.replace("theorem", {head: (Citation(lemma.name), lemma)}).done()


def _gradient(claim: Claim, route: Route | None) -> Derivation:
    chain = Chain(claim)
    lemma = derive(replace(claim, unit="nats", quantity="kl"), route)
    (head,) = chain.now.atoms(KL)
    return (
        chain.replace("theorem", {head: (Citation(lemma.name), lemma)})
        .then("differentiate", t.differentiate)
        .then("collect", collect)
        .done()
    )


def _coordinate_by_coordinate(claim: Claim, route: Route | None) -> Derivation:
    """Reduce a product law to its coordinates: log of a product, Fubini, the univariate theorem for each."""
    chain = Chain(claim)
    heads = [
        type(head)(*(law.args[0] for law in head.args))
        for head in sorted(chain.now.atoms(*DEFINED_HEADS), key=sympy.default_sort_key)
    ]
    (
        chain.then("definition", t.unfold_definitions)
        .then("density", t.insert_densities)
        .then("logarithm", t.logs_of_products_as_sums)
        .then("sum_outside", t.sums_outside)
        .then("fubini", t.one_coordinate)
        .then("definition", lambda e: t.fold_definitions(e, heads))
    )
    if claim.quantity == "asymmetry":
        _general_theorems(chain, route)
    else:
        scalar = replace(claim, p=_scalar(claim.p), q=claim.q and _scalar(claim.q), dim=None, unit="nats")
        lemma = derive(scalar, route)
        substitution = zip(laws(scalar).parameters, laws(claim).parameters, strict=True)
        chain.replace("theorem", {heads[0]: (Citation(lemma.name, tuple(substitution)), lemma)})
    chain.then("collect", collect)
    if claim.dim is not None:
        chain.then("write_out", _write_out)
    return chain.done()


def _write_out(expr: Expr) -> Expr:
    def terms(s: Sum) -> Expr:
        body, i, size = s.args
        return Add(*(body.xreplace({i: sympy.Integer(k)}) for k in range(1, int(size) + 1)))

    return expr.xreplace({s: terms(s) for s in expr.atoms(Sum)})


def _scalar(name: str) -> str:
    return find(name).family.name if find(name).product else name

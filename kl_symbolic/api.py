"""The whole architecture on one screen: derive -> prove -> verify; `kl_symbolic.derivation` adds print and save.

Only here, there and in the command line do engine, kernel, checks and renderers meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias, Unpack

from kl_symbolic import engine, families, kernel
from kl_symbolic.arguments import checked
from kl_symbolic.checks import Report
from kl_symbolic.checks import verify as cross_check
from kl_symbolic.derivation import Derivation
from kl_symbolic.divergences import DEFAULT_QUANTITY, Quantity, all_quantities, find_quantity
from kl_symbolic.divergences.quantity import Listing
from kl_symbolic.errors import InfiniteDivergenceError, NoClosedFormError, ProofError
from kl_symbolic.kernel import Proof
from kl_symbolic.proof import codec
from kl_symbolic.proof.derivation import Derivation as Record
from kl_symbolic.proof.parameters import asked_parameterisations, base_of, parameterisations
from kl_symbolic.proof.question import Law, Param, Question, RequestOptions, Route, Unit
from kl_symbolic.proof.statement import laws
from kl_symbolic.proof.where import TwoBoundsError, has_equality, read_condition
from kl_symbolic.reading.laws import Asked, require_free, special
from kl_symbolic.reading.objects import common_dimension, law_of

# Points and digits of the quick check of the statement that accompanies a rendered derivation.
QUICK_POINTS = 2
DIGITS = 50
CERTIFIED_POINTS = 3  # of a value that is computed, not proved

AskedLaws: TypeAlias = Iterable[tuple[str, str, str | None]]  # P, Q and a parameterisation


@checked
def derive(
    p: Law | str | object,
    q: Law | str | object | None = None,
    *,
    where: str | Sequence[str] | None = None,
    quantity: str = DEFAULT_QUANTITY,
    route: Route | None = None,
    param: Param | str | None = None,
    param_p: Param | str | None = None,
    param_q: Param | str | None = None,
    dim: int | None = None,
    unit: Unit = "nats",
    of: str | None = None,
) -> Derivation:
    """Derive a divergence, an entropy or a gradient, step by step.

    Parameters
    ----------
    p, q
        Names of the laws: a family (``"normal"``), a member (``"standard_normal"``) or a product of independent
        coordinates (``"diagonal_normal"``); other usual names such as ``"Gaussian"`` are understood. Values may follow
        in parentheses in the order of the parameters, ``"normal(0, s)"``, with names of your own. Random variables of
        SymPy, frozen laws of ``scipy.stats`` and objects of ``torch.distributions`` are taken too. Entropies and
        moments need no `q`.
    where
        What parameters are equal to, or lie above: ``"mu_2 = 0, sigma_2 = sigma_1"``, ``"alpha_1 > 1"``, or several
        such texts. Where there is a closed form under further conditions only, they are added, and are part of the
        statement.
    quantity
        ``"kl"``, ``"entropy"``, ``"cross_entropy"``, ``"decomposition"`` (KL = H(P, Q) - H(P)), ``"asymmetry"``
        (KL(P || Q) - KL(Q || P)), ``"gradient"``, ``"moment"``, ``"score"``: those of `kl_symbolic.divergences`.
    route
        ``"entropy"`` (cross-entropy minus entropy) or ``"direct"`` (E[log p - log q]). By default the first, or the
        second where the entropy has no closed form.
    param
        Parameterisation: ``"std"``, ``"var"`` or ``"logvar"`` for the normal family. Each law takes it if its family
        knows it.
    param_p, param_q
        The same for one of the laws, in place of `param`.
    dim
        Dimension of a product law; None keeps it symbolic.
    unit
        ``"nats"`` or ``"bits"``.
    of
        Which moment (``"mean"``), or by which parameter the score is taken (``"mu"``).

    Raises
    ------
    NoClosedFormError
        If a name is unknown or there is no closed form; `InfiniteDivergenceError`, with a proof, if the divergence is
        infinite for all parameters.
    RequestError
        If an option does not fit.

    Examples
    --------
    >>> derive("normal", "standard_normal", param="logvar").closed_form
    -logvar/2 + mu**2/2 + exp(logvar)/2 - 1/2
    >>> derive("normal(0, s)", "normal(1, 3)").closed_form
    s**2/18 + log(3/s) - 4/9
    >>> derive("normal", "normal", where="sigma_1 = sigma_2").closed_form
    (mu_1 - mu_2)**2/(2*sigma_1**2)
    """
    question, asked = asked_question(
        p, q, where, quantity=quantity, params=(param, param_p, param_q), dim=dim, unit=unit, of=of
    )
    try:
        record = derived(question, asked, route)
    except InfiniteDivergenceError as error:
        error.derivation, error.proof = Derivation(error.derivation), kernel.prove(error.derivation)
        raise
    return as_asked(record, asked)


def asked_question(
    p: object,
    q: object | None = None,
    where: str | Sequence[str] | None = None,
    *,
    quantity: str = DEFAULT_QUANTITY,
    params: tuple[str | None, str | None, str | None] = (None, None, None),
    dim: int | None = None,
    unit: Unit = "nats",
    of: str | None = None,
) -> tuple[Question, Asked]:
    """Read what `derive` is asked for: the question, and the values that parameters are given.

    `params` are the parameterisation of both laws, and that of each.
    """
    first, second = law_of(p), None if q is None or find_quantity(quantity).laws == 1 else law_of(q)
    asked_of = asked_parameterisations(first.name, None if second is None else second.name, *params)
    size = common_dimension(first, second, None if dim is None else int(dim))
    asked = special(first, second, where, *asked_of, size)
    own = parameterisations(asked.p, asked.q, *asked_of)
    return Question(quantity, asked.p, asked.q, *own, size, unit, of, asked.conditions), asked


def derived(question: Question, asked: Asked, route: Route | None) -> Record:
    """Derive a question; where that needs conditions, with the values of parameters among them."""
    if not asked.values:
        return engine.derive(question, route)
    equal = with_equalities(question, asked)
    laws(equal)  # values that contradict the conditions are refused
    bound = {name for one in map(read_condition, question.where) for name in (one.name, one.other)}
    if bound & {str(base_of(symbol)) for pair in asked.values for symbol in pair}:
        return engine.derive(equal, route)  # the bounds of symbols change with the values
    try:
        return engine.derive_as_asked(question, route)
    except InfiniteDivergenceError:
        raise
    except (NoClosedFormError, TwoBoundsError):
        return engine.derive(equal, route)


def with_equalities(question: Question, asked: Asked) -> Question:
    """Return a question with the values of parameters among its conditions."""
    equal = (f"{base_of(name)} = {base_of(value)}" for name, value in asked.values)
    return replace(question, where=(*question.where, *equal))


def as_asked(record: Record, asked: Asked) -> Derivation:
    """Return a derivation with the values that parameters are given, unless it has them, and with the user's names."""
    if asked.values:
        require_free(record, asked.values)
    own = {str(base_of(symbol)): symbol for symbol in laws(record.question).parameters}  # with their bounds
    called = ((str(base_of(parameter)), symbol) for parameter, symbol in asked.names)
    names = tuple((own[name], symbol) for name, symbol in called if name in own)
    given = () if has_equality(record.question) else asked.values
    values = tuple((own[str(base_of(name))], own.get(str(base_of(value)), value)) for name, value in given)
    if not (values or names):
        return Derivation(record)
    return Derivation(record, engine.special(record, values, names), asked.symbols)


def catalogue() -> Iterator[Derivation]:
    """Yield everything that is derived for the families, in every parameterisation.

    Examples
    --------
    >>> "kl(normal, standard_normal, logvar)" in {d.name for d in catalogue()}
    True
    """
    for quantity in sorted(all_quantities().values(), key=lambda one: "pairs" not in one.listed):
        for listing in quantity.listed:
            for p, q, param in LISTED[listing]():
                for of in _of(quantity, p):
                    yield from _derivable(p, q, quantity=quantity.name, param=param, of=of)


def _of_families() -> AskedLaws:
    return ((name, name, None) for name in families.all_families())


def _of_pairs() -> AskedLaws:
    scalar = [name for name in families.names() if not families.find(name).product]
    free = [name for name in scalar if families.find(name).fixed is None]
    return ((p, q, param) for p in free for q in scalar for param in families.find(p).family.param_names)


def _of_products() -> AskedLaws:
    for name, family in families.all_families().items():
        product = families.PRODUCT_PREFIX + name
        yield product, product, None
        yield from ((product, member, param) for member in family.members for param in family.param_names)


def _of_members() -> AskedLaws:
    for name, family in families.all_families().items():
        for law in (name, families.PRODUCT_PREFIX + name):
            yield from ((law, member, param) for member in family.members for param in family.param_names)


LISTED: dict[Listing, Callable[[], AskedLaws]] = {
    "families": _of_families,
    "pairs": _of_pairs,
    "products": _of_products,
    "members": _of_members,
}


def _of(quantity: Quantity, p: str) -> tuple[str | None, ...]:
    """Return what a quantity may be of, by name."""
    family = families.find(p).family
    named = {
        "": (None,),
        "moment": tuple(moment.name for moment in family.moments),
        "parameter": tuple(parameter.name for parameter in family.parameters),
    }
    return named[quantity.of]


def _derivable(p: str, q: str | None = None, **options: Unpack[RequestOptions]) -> Iterator[Derivation]:
    with suppress(NoClosedFormError):
        yield derive(p, q, **options)


@checked
def prove(derivation: Derivation) -> Proof:
    """Prove every step of a derivation, and of every derivation it cites, with the kernel.

    Values that nothing proves are certified by numbers, to 50 digits; the proof lists them as `computed`.

    Raises
    ------
    ProofError
        Naming the step, its rule and both sides; or a value that the numbers do not certify.

    Examples
    --------
    >>> proof = prove(derive("poisson", "poisson"))
    >>> proof.computed
    ()
    >>> "normalisation of the poisson density" in proof.axioms
    True
    """
    general = kernel.prove(derivation.record)
    for name in general.computed:
        _certify(next(part for part in derivation.record.with_lemmas() if part.name == name))
    found = derivation.special
    return kernel.specialise(general, found.values, found.right) if found and found.values else general


def _certify(lemma: Record) -> None:
    """Refuse a value that is stated without a proof unless it is enclosed, or two ways to compute it agree."""
    report = cross_check(lemma, DIGITS, CERTIFIED_POINTS, stages=False)
    enclosed = any(check.enclosed and check.status == "agree" for check in report.checks)
    if report.status == "disagree" or not (enclosed or report.status == "agree"):
        raise ProofError(f"{lemma.name} is not proved, and its value is not certified: {report.status}")


@checked
def verify(
    derivation: Derivation,
    digits: int = DIGITS,
    points: int = 8,
    *,
    seed: int = 0,
    stages: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Cross-check a derivation, every stage of it and of its lemmas, by numbers.

    Parameters
    ----------
    derivation
        What to check.
    digits
        How many digits must agree.
    points
        At how many random exact rational parameter points, 1 to 100.
    seed
        Seed of the points.
    stages
        Check every stage, or only the statement.
    progress
        Called with the number of checks done and their total.

    Returns
    -------
    Report
        With ``status`` ``"agree"``, ``"disagree"`` or ``"unknown"``, overall and for each check.
    """
    report = cross_check(
        derivation.record,
        int(digits),
        int(points),
        seed=int(seed),
        stages=stages,
        progress=progress,
        special=derivation.special if derivation.is_special else None,
    )
    return replace(report, name=derivation.name)


@checked
def load(text: str) -> Derivation:
    """Load a proof file without proving it.

    Raises
    ------
    ProofFileError
        If the text is not a derivation.
    """
    return Derivation(codec.from_json(text))

"""The whole architecture on one screen: derive -> prove -> verify; `kl_symbolic.derivation` adds print and save.

Only here, there and in the command line do engine, kernel, checks and renderers meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Unpack

from kl_symbolic import engine, families, kernel
from kl_symbolic.arguments import checked
from kl_symbolic.checks import Report
from kl_symbolic.checks import verify as cross_check
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.kernel import Proof
from kl_symbolic.proof import codec
from kl_symbolic.proof.question import Law, Param, Quantity, Question, RequestOptions, Route, Unit
from kl_symbolic.proof.statement import other_than_default
from kl_symbolic.reading.laws import require_free, special
from kl_symbolic.reading.objects import common_dimension, law_of

# Points and digits of the quick check of the statement that accompanies a rendered derivation.
QUICK_POINTS = 2
DIGITS = 50


@checked
def derive(
    p: Law | str | object,
    q: Law | str | object | None = None,
    *,
    where: str | Sequence[str] | None = None,
    quantity: Quantity = "kl",
    route: Route | None = None,
    param: Param | str | None = None,
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
        What parameters are equal to: ``"mu_2 = 0, sigma_2 = sigma_1"``, or several such texts.
    quantity
        ``"kl"``, ``"entropy"``, ``"cross_entropy"``, ``"decomposition"`` (KL = H(P, Q) - H(P)), ``"asymmetry"``
        (KL(P || Q) - KL(Q || P)), ``"gradient"``, ``"moment"`` or ``"score"``.
    route
        ``"entropy"`` (cross-entropy minus entropy) or ``"direct"`` (E[log p - log q]). By default the first, or the
        second where the entropy has no closed form.
    param
        Parameterisation: ``"std"``, ``"var"`` or ``"logvar"`` for the normal family.
    dim
        Dimension of a product law; None keeps it symbolic.
    unit
        ``"nats"`` or ``"bits"``.
    of
        Which moment (``"mean"``), or by which parameter the score is taken (``"mu"``).

    Raises
    ------
    NoClosedFormError
        If a name is unknown or there is no closed form; `InfiniteDivergenceError` if the divergence is infinite.
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
    first, second = law_of(p), None if q is None or quantity in ("entropy", "moment", "score") else law_of(q)
    size = common_dimension(first, second, None if dim is None else int(dim))
    asked = special(first, second, where, param, size)
    question = Question(quantity, asked.p, asked.q, other_than_default(asked.p, asked.q, param), size, unit, of)
    record = engine.derive(question, route)
    if not (asked.values or asked.names):
        return Derivation(record)
    if asked.values:
        require_free(record, asked.values)
    return Derivation(record, engine.special(record, asked.values, asked.names), asked.symbols)


def catalogue() -> Iterator[Derivation]:
    """Yield everything that is derived for the families, in every parameterisation.

    Examples
    --------
    >>> "kl(normal, standard_normal, logvar)" in {d.name for d in catalogue()}
    True
    """
    scalar = [name for name in families.names() if not families.find(name).product]
    pairs = [(p, q) for p in scalar for q in scalar if families.find(p).fixed is None]
    product = families.PRODUCT_PREFIX
    for p, q in pairs:
        for param in families.find(p).family.param_names:
            yield from _derivable(p, q, param=param)
    for name in families.all_families():
        family = families.find(name).family
        for quantity in ("entropy", "cross_entropy", "asymmetry", "gradient", "decomposition"):
            yield from _derivable(name, name, quantity=quantity)
        for moment in family.moments:
            yield from _derivable(name, quantity="moment", of=moment.name)
        yield from _derivable(product + name, product + name)
        for member in family.members:
            for param in family.param_names:
                yield from _derivable(product + name, member, param=param)
                for law in (name, product + name):
                    yield from _derivable(law, member, quantity="gradient", param=param)


def _derivable(p: str, q: str | None = None, **options: Unpack[RequestOptions]) -> Iterator[Derivation]:
    with suppress(NoClosedFormError):
        yield derive(p, q, **options)


@checked
def prove(derivation: Derivation) -> Proof:
    """Prove every step of a derivation, and of every derivation it cites, with the kernel.

    Raises
    ------
    ProofError
        Naming the step, its rule and both sides.

    Examples
    --------
    >>> proof = prove(derive("poisson", "poisson"))
    >>> proof.computed
    ()
    >>> "normalisation of the poisson density" in proof.axioms
    True
    """
    general = kernel.prove(derivation.record)
    found = derivation.special
    return kernel.specialise(general, found.values, found.right) if found and found.values else general


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

"""The whole architecture on one screen: derive -> prove -> verify -> render.

This is the only module, besides the command line built on it, in which engine, kernel, verification and renderers meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, get_args

from sympy import Expr, Symbol

from kl_symbolic import engine, families, kernel, render
from kl_symbolic.errors import NoClosedFormError, RequestError
from kl_symbolic.kernel import Proof
from kl_symbolic.proof import codec
from kl_symbolic.proof.claim import Claim, Quantity, Route, Unit
from kl_symbolic.proof.derivation import Derivation as Record
from kl_symbolic.proof.derivation import Equation, Step
from kl_symbolic.proof.language import ordinary
from kl_symbolic.proof.statement import laws, other_than_default
from kl_symbolic.verification import Report
from kl_symbolic.verification import verify as cross_check

# Points and digits of the quick check of the statement that accompanies a rendered derivation.
QUICK_POINTS = 2
DIGITS = 50


@dataclass(frozen=True)
class Derivation:
    """A derivation to read, print, save and prove.

    Attributes
    ----------
    record
        The derivation as plain data, see `kl_symbolic.proof`.

    Examples
    --------
    >>> from kl_symbolic import derive
    >>> d = derive("exponential", "exponential")
    >>> d.closed_form
    log(lambda_1/lambda_2) - 1 + lambda_2/lambda_1
    >>> [step.rule for step in d.steps]
    ['definition', 'logarithm', 'linearity', 'definition', 'theorem', 'collect']
    """

    record: Record

    @property
    def name(self) -> str:
        """The name of what is derived: ``kl(normal, normal)``."""
        return self.record.name

    @property
    def claim(self) -> Claim:
        """What was asked for."""
        return self.record.claim

    @property
    def statement(self) -> Equation:
        """The equation that is derived, in the inert language of `kl_symbolic.proof`."""
        return self.record.statement

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps from the definition to the closed form."""
        return self.record.steps

    @property
    def lemmas(self) -> tuple[Derivation, ...]:
        """The derivations that this one rests on, each before those that cite it."""
        return tuple(Derivation(part) for part in self.record.with_lemmas() if part is not self.record)

    @property
    def closed_form(self) -> Expr:
        """The result as an ordinary SymPy expression, in nats unless bits were asked for; a matrix for gradients."""
        return ordinary(self.statement.right)

    @property
    def parameters(self) -> tuple[Expr, ...]:
        """The free parameters of the closed form: those of P, then those of Q."""
        return laws(self.claim).parameters

    def __str__(self) -> str:
        return render.one_line(self.document(stages=()))

    def to_text(self, **options: object) -> str:
        """Return the derivation as Unicode text; the options are those of `document`."""
        return render.plain(self.document(**options))  # type: ignore[arg-type]

    def to_latex(self, **options: object) -> str:
        """Return the theorem and its stages as LaTeX to paste; the options are those of `document`."""
        return render.fragment(self.document(**options))  # type: ignore[arg-type]

    def to_tex(self, **options: object) -> str:
        """Return a complete LaTeX article; the options are those of `document`."""
        return render.article(self.document(**options))  # type: ignore[arg-type]

    def to_pdf(self, **options: object) -> bytes:
        """Return the article typeset by pdflatex; the options are those of `document`."""
        return render.pdf(self.to_tex(**options))

    def to_markdown(self, **options: object) -> str:
        """Return Markdown with formulas between ``$$``; the options are those of `document`."""
        return render.markdown(self.document(**options))  # type: ignore[arg-type]

    def to_github(self, **options: object) -> str:
        """Return Markdown as GitHub typesets it; the options are those of `document`."""
        return render.markdown(self.document(**options), render.GITHUB)  # type: ignore[arg-type]

    def to_html(self, **options: object) -> str:
        """Return a stand-alone page; the options are those of `document`."""
        return render.html(self.document(**options))  # type: ignore[arg-type]

    def to_json(self) -> str:
        """Return the derivation as a proof file, which `replay` loads and proves anew."""
        return codec.to_json(self.record)

    def document(
        self,
        *,
        notation: render.Notation | None = None,
        proof: Proof | None = None,
        report: Report | None = None,
        stages: Iterable[int] | None = None,
        fold: bool = False,
    ) -> render.Document:
        """Lay the derivation out.

        Parameters
        ----------
        notation
            How symbols are written.
        proof, report
            What `prove` and `verify` returned; their findings are printed at the end.
        stages
            Numbers of the stages to show, with the lemmas folded; None shows everything.
        fold
            Show only the statements of the lemmas.
        """
        chosen = None if stages is None else frozenset(stages)
        count = len(self.steps)
        if chosen is not None and not chosen <= set(range(1, count + 1)):
            raise RequestError(f"there are {count} stages, numbered from 1; given: {sorted(chosen)}")
        known = {str(s) for part in self.record.with_lemmas() for s in part.statement.left.atoms(Symbol)}
        for name in notation.symbols if notation else ():
            if name not in known:
                raise RequestError(f"no symbol {name!r} in {self.name}; there are {', '.join(sorted(known))}")
        certificate = _certificate(proof, report) if proof else None
        return render.document(self.record, notation, certificate=certificate, stages=chosen, fold=fold)

    def _repr_latex_(self) -> str:
        return render.display(self.document(stages=()))

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def __repr__(self) -> str:
        return f"<Derivation {self.name}: {self.closed_form}>"


def derive(
    p: str,
    q: str | None = None,
    *,
    quantity: Quantity = "kl",
    route: Route | None = None,
    param: str | None = None,
    dim: int | None = None,
    unit: Unit = "nats",
    of: str | None = None,
) -> Derivation:
    """Derive a divergence, an entropy or a gradient, step by step.

    Parameters
    ----------
    p, q
        Names of the laws: a family (``"normal"``), a member (``"standard_normal"``) or a product of independent
        coordinates (``"diagonal_normal"``). Entropies and moments need no `q`.
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
    """
    if route not in (None, *get_args(Route)):
        raise RequestError(f"route must be one of {', '.join(get_args(Route))}, given: {route!r}")
    if quantity in ("entropy", "moment", "score"):
        q = None
    claim = Claim(quantity, p, q, other_than_default(p, q, param), dim, unit, of)
    return Derivation(engine.derive(claim, route))


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


def _derivable(p: str, q: str | None = None, **options: Any) -> Iterator[Derivation]:
    with suppress(NoClosedFormError):
        yield derive(p, q, **options)


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
    return kernel.prove(derivation.record)


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
        At how many random exact rational parameter points.
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
    return cross_check(derivation.record, digits, points, seed=seed, stages=stages, progress=progress)


def load(text: str) -> Derivation:
    """Load a proof file without proving it.

    Raises
    ------
    ProofFileError
        If the text is not a derivation.
    """
    return Derivation(codec.from_json(text))


def replay(text: str) -> Proof:
    """Load a proof file and prove it anew.

    Raises
    ------
    ProofError
        If the text is not a derivation, or not a proof of its claim.

    Examples
    --------
    >>> replay(derive("poisson", "poisson").to_json()) == prove(derive("poisson", "poisson"))
    True
    """
    return prove(load(text))


def _certificate(proof: Proof, report: Report | None) -> render.Certificate:
    kinds: Mapping[str, list[Expr]] = {kind: [] for kind in ("positive", "integrable", "interchange", "coordinate")}
    for condition in proof.conditions:
        kinds[condition.kind].append(condition.subject)
    return render.Certificate(
        steps=proof.steps,
        lemmas=len(proof.lemmas),
        axioms=proof.axioms,
        computed=proof.computed,
        positive=tuple(kinds["positive"]),
        integrals=len(kinds["integrable"]),
        interchanges=len(kinds["interchange"]),
        agreement=tuple(_agreement(report)) if report else (),
    )


def _agreement(report: Report) -> list[str]:
    if report.status != "agree":
        return [
            f"{report.status}: {check.subject}, {check.route}: {check.detail}"
            for check in report.checks
            if check.status == report.status
        ]
    words = [
        f"{check.route} agrees to {check.digits:.0f} digits at {check.points} random rational points."
        for check in report.checks
        if check.subject == "statement" and check.digits is not None
    ]
    if report.ulps is not None:
        words.append(f"the NumPy kernel is within {report.ulps:.1f} ulp of the closed form.")
    return words

"""What else a formula of two laws may be: the closed forms beside the one that was asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

from sympy import Add, Basic, Expr, Mul, Rational

from kl_symbolic import engine, kernel, render
from kl_symbolic.errors import KLError
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.language import ProductLaw
from kl_symbolic.proof.parameters import base_of, free_laws
from kl_symbolic.proof.statement import laws
from kl_symbolic.render.printer import Printer

DIVERGENCE = "the divergence KL(P ‖ Q)"
REVERSE = "the reverse divergence KL(Q ‖ P)"
WORDS = {
    "kl": DIVERGENCE,
    "entropy": "the entropy H(P)",
    "cross_entropy": "the cross-entropy H(P, Q)",
    "asymmetry": "the difference KL(P ‖ Q) - KL(Q ‖ P)",
    "gradient": "the gradient of KL(P ‖ Q)",
}


class Quantity(NamedTuple):
    """A quantity in words, its closed form, and the claim in whose parameters it is.

    `made_of` are the claims from whose derivations it was put together. To prove them takes much longer than to derive
    them, so that is left to who is about to say something of them. `called` are the names of the user's own by ours.
    """

    words: str
    expression: Expr
    claim: Claim
    made_of: tuple[Claim, ...] = ()
    called: tuple[tuple[str, str], ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether the kernel proves what it is made of."""
        return all(map(_is_proved, self.made_of))

    @property
    def by_coordinate(self) -> bool:
        """Whether it is a sum over coordinates whose number is open."""
        return isinstance(laws(self.claim).p, ProductLaw) and self.claim.dim is None

    def written(self, part: Expr) -> str:
        """Return a part of the expression, or one beside it, as text."""
        symbols = {ours: render.tex_of_name(own) for ours, own in self.called}
        return render.text(Printer(render.Notation(symbols=symbols), laws(self.claim)).expression(part))

    def name(self, parameter: Basic) -> str:
        """Return the name of a parameter."""
        ours = str(base_of(parameter))
        return dict(self.called).get(ours, ours)


def quantities(derivation: Derivation) -> list[Quantity]:
    """Return the quantity of a derivation, which is taken for proved, then the others that it may be taken for.

    Examples
    --------
    >>> [quantity.words for quantity in quantities(engine.derive(Claim("kl", "poisson", "poisson"), None))][:2]
    ['the divergence KL(P ‖ Q)', 'the reverse divergence KL(Q ‖ P)']
    """
    claim, right = derivation.claim, derivation.statement.right
    found = [Quantity(WORDS.get(claim.quantity, f"the {claim.quantity}"), right, claim)]
    if claim.q is None or claim.quantity == "gradient":
        return found
    known: dict[Claim, Expr | None] = {claim: right}  # laws of one family have the same claims in both directions
    for words, other, swap in (
        (DIVERGENCE, replace(claim, quantity="kl"), False),
        (REVERSE, replace(claim, quantity="kl", p=claim.q, q=claim.p), True),
        ("the cross-entropy H(P, Q)", replace(claim, quantity="cross_entropy"), False),
        ("the cross-entropy H(Q, P)", replace(claim, quantity="cross_entropy", p=claim.q, q=claim.p), True),
        ("the entropy H(P)", replace(claim, quantity="entropy", q=None), False),
        ("the entropy H(Q)", replace(claim, quantity="entropy", p=claim.q, q=None), True),
    ):
        if words == found[0].words:
            continue
        if other not in known:
            known[other] = _closed_form(other)
        form = known[other]
        renamed = None if form is None else _renamed(other, claim, swapped=swap)
        if form is not None and renamed is not None:
            found.append(Quantity(words, form.xreplace(renamed), claim, (other,)))
    both = [quantity for quantity in found if quantity.words in (DIVERGENCE, REVERSE)]
    if len(both) > 1:
        jeffreys = Add(*(quantity.expression for quantity in both))
        parts = tuple(one for quantity in both for one in quantity.made_of)
        found.append(Quantity("Jeffreys' divergence KL(P ‖ Q) + KL(Q ‖ P)", jeffreys, claim, parts))
        found.append(Quantity("the mean of KL(P ‖ Q) and KL(Q ‖ P)", Mul(Rational(1, 2), jeffreys), claim, parts))
    return found


@cache
def _derived(claim: Claim) -> Derivation | None:
    try:
        return engine.derive(claim, None)
    except KLError:
        return None


def _closed_form(claim: Claim) -> Expr | None:
    derivation = _derived(claim)
    return None if derivation is None else derivation.statement.right


@cache
def _is_proved(claim: Claim) -> bool:
    derivation = _derived(claim)
    try:
        return derivation is not None and bool(kernel.prove(derivation))
    except KLError:
        return False


def _renamed(other: Claim, claim: Claim, *, swapped: bool) -> dict[Basic, Basic] | None:
    """Return what to write for the parameters of one claim to speak of the laws of another; None if they differ."""
    mine, theirs = laws(claim).parameters, laws(other).parameters
    count = len(mine) // len(free_laws(claim)) if mine else 0
    first, second = mine[:count], mine[count:]
    if other.q is None:
        target = (second or first) if swapped else first
        if len(target) != len(theirs):
            return None
    else:
        target = (*second, *first) if swapped else mine
    pairs = zip((base_of(s) for s in theirs), (base_of(s) for s in target), strict=True)
    return {a: b for a, b in pairs if a != b}

"""What else a formula of two laws may be: the proved closed forms beside the one that was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from sympy import Add, Basic, Expr, IndexedBase, Mul, Rational, Symbol

from kl_symbolic import engine, families, kernel, render
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import KLError
from kl_symbolic.proof.claim import Claim
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
    """A quantity in words, its proved closed form, and the claim that it is of."""

    words: str
    expression: Expr
    claim: Claim

    def written(self, part: Expr) -> str:
        """Return a part of the expression, or one beside it, as text."""
        return render.text(Printer(render.Notation(), laws(self.claim)).expression(part))


def quantities(derivation: Derivation) -> list[Quantity]:
    """Return the quantity of a derivation, then the others that its formula may have been taken for."""
    claim, right = derivation.claim, derivation.record.statement.right
    found = [Quantity(WORDS.get(claim.quantity, f"the {claim.quantity}"), right, claim)]
    if claim.q is None or claim.quantity == "gradient":
        return found
    proved: dict[Claim, Expr | None] = {claim: right}  # laws of one family have the same claims in both directions
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
        if other not in proved:
            proved[other] = _closed_form(other)
        form = proved[other]
        renamed = None if form is None else _renamed(other, claim, swapped=swap)
        if form is not None and renamed is not None:
            found.append(Quantity(words, form.xreplace(renamed), claim))
    both = {quantity.words: quantity.expression for quantity in found}
    if DIVERGENCE in both and REVERSE in both:
        jeffreys = Add(both[DIVERGENCE], both[REVERSE])
        found.append(Quantity("Jeffreys' divergence KL(P ‖ Q) + KL(Q ‖ P)", jeffreys, claim))
        found.append(Quantity("the mean of KL(P ‖ Q) and KL(Q ‖ P)", Mul(Rational(1, 2), jeffreys), claim))
    return found


def _closed_form(claim: Claim) -> Expr | None:
    """Return a proved closed form; None if there is none."""
    try:
        record = engine.derive(claim, None)
        kernel.prove(record)
    except KLError:
        return None
    return record.statement.right


def _renamed(other: Claim, claim: Claim, *, swapped: bool) -> dict[Basic, Basic] | None:
    """Return what to write for the parameters of one claim to speak of the laws of another; None if they differ."""
    mine, theirs = laws(claim).parameters, laws(other).parameters
    count = len(mine) // 2 if all(_is_free(law) for law in (claim.p, claim.q)) else len(mine)
    first, second = mine[:count], mine[count:]
    if other.q is None:
        target = (second or first) if swapped else first
        if len(target) != len(theirs):
            return None
    else:
        target = (*second, *first) if swapped else mine
    pairs = zip((_base(s) for s in theirs), (_base(s) for s in target), strict=True)
    return {a: b for a, b in pairs if a != b}


def _is_free(name: str | None) -> bool:
    return name is not None and families.find(name).fixed is None


def _base(symbol: Basic) -> Symbol | IndexedBase:
    base = getattr(symbol, "base", symbol)
    assert isinstance(base, Symbol | IndexedBase)
    return base

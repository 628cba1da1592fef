"""Derivations as plain data: a claim, steps from its left-hand side to a closed form, and what they cite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sympy import Expr

from kl_symbolic.proof.language import Scalar

Quantity = Literal["kl", "entropy", "cross_entropy", "decomposition", "asymmetry", "gradient", "moment"]
Unit = Literal["nats", "bits"]


@dataclass(frozen=True)
class Claim:
    """What is asked for, in words alone; `statement.left_side` says what it means.

    Parameters
    ----------
    quantity
        ``"kl"``, ``"entropy"`` and so on; ``"decomposition"`` is KL = H(P, Q) - H(P).
    p, q
        Names that `kl_symbolic.families.find` knows; `q` is None for the entropy and for moments.
    param
        Name of the parameterisation of both laws; None for the default of each family.
    dim
        Dimension of a product law: None for symbolic n.
    unit
        ``"nats"`` or ``"bits"``.
    moment
        Name of the moment, for the quantity ``"moment"``.
    """

    quantity: Quantity
    p: str
    q: str | None = None
    param: str | None = None
    dim: int | None = None
    unit: Unit = "nats"
    moment: str | None = None

    @property
    def name(self) -> str:
        """An identifier, unique among claims: ``kl(normal, normal)``, ``kl(normal, normal, logvar)``."""
        options = (self.moment, self.param, self.dim and f"dim={self.dim}", self.unit if self.unit == "bits" else None)
        return f"{self.quantity}({', '.join(str(o) for o in (self.p, self.q, *options) if o)})"


@dataclass(frozen=True)
class Citation:
    """The equation that another derivation proves, with expressions in place of its parameters."""

    name: str
    substitution: tuple[tuple[Scalar, Expr], ...] = ()


@dataclass(frozen=True)
class Step:
    """One equality, and the rule by which it holds."""

    rule: str
    before: Expr
    after: Expr
    cites: tuple[Citation, ...] = ()


class Equation(NamedTuple):
    """An equality of two expressions."""

    left: Expr
    right: Expr


@dataclass(frozen=True)
class Derivation:
    """A chain of equal expressions, together with the derivations that it cites."""

    claim: Claim
    steps: tuple[Step, ...]
    lemmas: tuple[Derivation, ...] = ()

    @property
    def name(self) -> str:
        """The name of the claim."""
        return self.claim.name

    @property
    def statement(self) -> Equation:
        """The equality that the steps add up to."""
        return Equation(self.steps[0].before, self.steps[-1].after)

    def with_lemmas(self) -> Iterator[Derivation]:
        """Yield every derivation this one rests on, each once, before those that cite it, and itself last."""
        seen: dict[str, Derivation] = {}

        def visit(derivation: Derivation) -> None:
            if derivation.name not in seen:
                for lemma in derivation.lemmas:
                    visit(lemma)
                seen[derivation.name] = derivation

        visit(self)
        yield from seen.values()

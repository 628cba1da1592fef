"""What is asked for, in words alone. This file imports nothing of ours, so that the command line starts at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

Unit = Literal["nats", "bits"]
Route = Literal["entropy", "direct"]

# Names that editors complete; `families.names` knows others too where there are more families, so any string is taken.
Law = Literal[
    "bernoulli", "diagonal_bernoulli",
    "exponential", "diagonal_exponential",
    "gamma", "diagonal_gamma",
    "normal", "diagonal_normal", "standard_normal",
    "poisson", "diagonal_poisson",
]  # fmt: skip
Param = Literal[
    "rate", "scale", "mean", "std", "var", "logvar", "logstd", "precision", "probability", "logit",
]  # fmt: skip


class ParameterisationOptions(TypedDict, total=False):
    """What `derive` takes for the parameterisations: of both laws, or of each."""

    param: Param | str | None
    param_p: Param | str | None
    param_q: Param | str | None


class RequestOptions(ParameterisationOptions, total=False):
    """What `derive` takes beside the laws."""

    quantity: str
    of: str | None
    route: Route | None
    dim: int | None
    unit: Unit


OPTIONS = tuple(RequestOptions.__annotations__)


@dataclass(frozen=True)
class Question:
    """What is asked for, in words alone; `statement.left_side` says what it means.

    Parameters
    ----------
    quantity
        The name of one of `kl_symbolic.divergences.all_quantities`: ``"kl"``, ``"entropy"`` and so on.
    p, q
        Names that `kl_symbolic.families.find` knows; `q` is None for the entropy and for moments.
    param_p, param_q
        Names of the parameterisations of the two laws; None for the default of the family. Where both have the same
        name, a law takes it if its family knows it. `parameters.parameterisations` finds them for two laws.
    dim
        Dimension of a product law: None for symbolic n.
    unit
        ``"nats"`` or ``"bits"``.
    of
        What a quantity is of, where it is of something: a moment, or the parameter by which a score is taken.
    where
        Conditions on the parameters, see `kl_symbolic.proof.where`: ``("alpha_1 > 1",)``.
    """

    quantity: str
    p: str
    q: str | None = None
    param_p: str | None = None
    param_q: str | None = None
    dim: int | None = None
    unit: Unit = "nats"
    of: str | None = None
    where: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """An identifier, unique among questions: ``kl(normal, normal)``, ``kl(normal, normal, p=logvar, q=var)``."""
        unit = self.unit if self.unit == "bits" else None
        options = (self.of, self.parameterisation, self.dim and f"dim={self.dim}", unit)
        where = f" where {', '.join(self.where)}" if self.where else ""
        return f"{self.quantity}({', '.join(str(o) for o in (self.p, self.q, *options) if o)}){where}"

    @property
    def parameterisation(self) -> str:
        """The parameterisations in words: ``logvar`` of both laws, or ``p=logvar, q=var``; empty for the default."""
        if self.q is None or self.param_p == self.param_q:
            return self.param_p or ""
        return ", ".join(f"{law}={name}" for law, name in (("p", self.param_p), ("q", self.param_q)) if name)

    @property
    def options(self) -> ParameterisationOptions:
        """What `derive` takes for its parameterisations."""
        if self.q is None or self.param_p == self.param_q:
            return {"param": self.param_p}
        return {"param_p": self.param_p, "param_q": self.param_q}

    @property
    def exchanged(self) -> Question:
        """The same question about the laws in the other order."""
        assert self.q is not None
        where = tuple(re.sub(r"_([12])\b", lambda index: f"_{3 - int(index[1])}", one) for one in self.where)
        return replace(self, p=self.q, q=self.p, param_p=self.param_q, param_q=self.param_p, where=where)

    def of_one_law(self, quantity: str) -> Question:
        """Return the question about P alone."""
        return replace(self, quantity=quantity, q=None, param_q=None, where=())


def any_question(
    p: str, q: str | None = None, param_p: str | None = None, param_q: str | None = None, dim: int | None = None
) -> Question:
    """Return a question about one or two laws, for what does not depend on what is asked of them.

    >>> any_question("normal").name, any_question("normal", "normal").name
    ('entropy(normal)', 'kl(normal, normal)')
    """
    return Question("entropy" if q is None else "kl", p, q, param_p, param_q, dim)

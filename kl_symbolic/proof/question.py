"""What is asked for, in words alone. This file imports nothing of ours, so that the command line starts at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

Quantity = Literal["kl", "entropy", "cross_entropy", "decomposition", "asymmetry", "gradient", "moment", "score"]
Unit = Literal["nats", "bits"]
Route = Literal["entropy", "direct"]

# Names that editors complete; `families.names` knows others too where there are more families, so any string is taken.
Law = Literal[
    "exponential", "diagonal_exponential",
    "gamma", "diagonal_gamma",
    "normal", "diagonal_normal", "standard_normal",
    "poisson", "diagonal_poisson",
]  # fmt: skip
Param = Literal["rate", "scale", "mean", "std", "var", "logvar", "logstd", "precision"]


class RequestOptions(TypedDict, total=False):
    """What `derive` takes beside the laws."""

    quantity: Quantity
    of: str | None
    route: Route | None
    param: Param | str | None
    dim: int | None
    unit: Unit


OPTIONS = tuple(RequestOptions.__annotations__)


@dataclass(frozen=True)
class Question:
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
    of
        Which moment, for the quantity ``"moment"``; which parameter, for the quantity ``"score"``.
    """

    quantity: Quantity
    p: str
    q: str | None = None
    param: str | None = None
    dim: int | None = None
    unit: Unit = "nats"
    of: str | None = None

    @property
    def name(self) -> str:
        """An identifier, unique among questions: ``kl(normal, normal)``, ``kl(normal, normal, logvar)``."""
        options = (self.of, self.param, self.dim and f"dim={self.dim}", self.unit if self.unit == "bits" else None)
        return f"{self.quantity}({', '.join(str(o) for o in (self.p, self.q, *options) if o)})"

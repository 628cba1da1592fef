"""All that is known of a pair of laws: where the divergence is finite, where it is infinite, where neither is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kl_symbolic import engine
from kl_symbolic.api import as_asked, asked_question, prove, with_equalities
from kl_symbolic.arguments import checked
from kl_symbolic.derivation import Derivation
from kl_symbolic.divergences import DEFAULT_QUANTITY
from kl_symbolic.kernel import Proof
from kl_symbolic.proof.question import Law, Param, Route, Unit


@dataclass(frozen=True)
class Answer:
    """One case of an answer.

    Attributes
    ----------
    status
        ``"finite"``, ``"infinite"`` or ``"unknown"``.
    where
        The conditions of this case, ``("alpha_1 > 1",)``; empty if it is the only one.
    derivation, proof
        Of the closed form, or that the divergence is infinite; None where neither is known.
    reason
        Why it is infinite, or what is not known.
    """

    status: Literal["finite", "infinite", "unknown"]
    where: tuple[str, ...]
    derivation: Derivation | None
    proof: Proof | None
    reason: str

    def __str__(self) -> str:
        if self.status == "finite":
            return f"finite: {self.derivation}"  # which says where
        where = f" where {', '.join(self.where)}" if self.where else ""
        return f"{self.status}{where}: {self.reason}"


@checked
def answers(
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
) -> tuple[Answer, ...]:
    """List all cases of a question, each with its condition; together they cover all parameters.

    Parameters
    ----------
    p, q, where, quantity, route, param, param_p, param_q, dim, unit, of
        As for `kl_symbolic.derive`.

    Returns
    -------
    tuple of Answer
        Every finite and every infinite one is proved.

    Examples
    --------
    >>> for answer in answers("normal", "exponential"):
    ...     print(answer)
    infinite: KL(normal || exponential) is infinite: P gives positive probability to x <= 0, where q(x) = 0
    """
    question, asked = asked_question(
        p, q, where, quantity=quantity, params=(param, param_p, param_q), dim=dim, unit=unit, of=of
    )
    found = []
    for case in engine.cases(with_equalities(question, asked), route):
        derivation = None if case.derivation is None else as_asked(case.derivation, asked)
        proof = None if derivation is None else prove(derivation)
        found.append(Answer(case.status, case.where, derivation, proof, case.reason))
    return tuple(found)

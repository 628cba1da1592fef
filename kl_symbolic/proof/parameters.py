"""What the families say of the parameters of a claim."""

from __future__ import annotations

from kl_symbolic.families import Parameter, find
from kl_symbolic.proof.claim import Claim


def parameter_records(claim: Claim) -> tuple[Parameter, ...]:
    """Return the family's record of each parameter of a claim, in the order of ``laws(claim).parameters``.

    Examples
    --------
    >>> [record.name for record in parameter_records(Claim("entropy", "normal", param="var"))]
    ['mu', 'var']
    """
    records: list[Parameter] = []
    for member in (find(name) for name in (claim.p, claim.q) if name is not None):
        if member.fixed is None:
            family = member.family
            known = claim.param is not None and claim.param in family.param_names
            records += family.parameters_in(claim.param if known and claim.param else family.default)
    return tuple(records)

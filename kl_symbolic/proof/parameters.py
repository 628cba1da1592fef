"""What the families say of the parameters of a claim."""

from __future__ import annotations

from sympy import Basic, IndexedBase, Symbol

from kl_symbolic.families import Member, Parameter, find
from kl_symbolic.proof.claim import Claim


def parameter_records(claim: Claim) -> tuple[Parameter, ...]:
    """Return the family's record of each parameter of a claim, in the order of ``laws(claim).parameters``.

    Examples
    --------
    >>> [record.name for record in parameter_records(Claim("entropy", "normal", param="var"))]
    ['mu', 'var']
    """
    records: list[Parameter] = []
    for member in free_laws(claim).values():
        family = member.family
        known = claim.param is not None and claim.param in family.param_names
        records += family.parameters_in(claim.param if known and claim.param else family.default)
    return tuple(records)


def free_laws(claim: Claim) -> dict[int, Member]:
    """Return the laws of a claim that have parameters by their place: 1 is P, 2 is Q.

    Examples
    --------
    >>> list(free_laws(Claim("kl", "normal", "standard_normal")))
    [1]
    """
    members = {k: find(name) for k, name in enumerate((claim.p, claim.q), start=1) if name is not None}
    return {k: member for k, member in members.items() if member.fixed is None}


def base_of(symbol: Basic) -> Symbol | IndexedBase:
    """Return the vector of which a parameter is a coordinate, or a scalar parameter itself."""
    base = getattr(symbol, "base", symbol)
    assert isinstance(base, Symbol | IndexedBase)
    return base

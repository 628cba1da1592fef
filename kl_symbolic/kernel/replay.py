"""Read a proof file and prove it anew, with nothing but Python's standard library."""

from __future__ import annotations

from kl_symbolic.arguments import checked
from kl_symbolic.kernel.proof import Proof
from kl_symbolic.kernel.prove import prove
from kl_symbolic.proof.codec import from_json


@checked
def replay(text: str) -> Proof:
    """Load a proof file and prove it anew. Neither SymPy nor NumPy nor mpmath needs to be installed.

    Raises
    ------
    ProofError
        If the text is not a derivation, or not a proof of its question.

    Examples
    --------
    >>> from kl_symbolic import derive, prove
    >>> replay(derive("poisson", "poisson").to_json()) == prove(derive("poisson", "poisson"))
    True
    """
    return prove(from_json(text))

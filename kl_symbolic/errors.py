"""The errors that kl_symbolic raises on purpose: one line each, saying what was given and what is expected.

Each is a `KLError`, and also the error of Python that one would expect in its place.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "InfiniteDivergenceError",
    "KLError",
    "MissingProgramError",
    "NoClosedFormError",
    "ProofError",
    "ProofFileError",
    "RequestError",
    "WrongTypeError",
]


class KLError(Exception):
    """Base of every error that this package raises on purpose."""


class RequestError(KLError, ValueError):
    """The request is malformed: an unknown option, a bad dimension, parameters outside their domain."""


class WrongTypeError(RequestError, TypeError):
    """An argument is of another type than is expected: a name in place of a derivation, a list in place of a name."""


class NoClosedFormError(KLError, LookupError):
    """No such family, no such pair, or no closed form by this route."""


class InfiniteDivergenceError(NoClosedFormError):
    """P is not absolutely continuous with respect to Q, so the divergence is infinite.

    Attributes
    ----------
    derivation
        The derivation of KL(P || Q) = infinity.
    proof
        Its proof by the kernel; None before it is proved.
    """

    def __init__(self, message: str, derivation: Any = None, proof: Any = None) -> None:
        super().__init__(message)
        self.derivation, self.proof = derivation, proof


class ProofError(KLError):
    """A step that the kernel could not prove, or a derivation that does not prove its statement."""


class ProofFileError(ProofError, ValueError):
    """A proof file that is not a derivation: truncated, too large, too deep, or with unknown heads."""


class MissingProgramError(KLError):
    """An optional program or package is missing; the message holds the install line."""

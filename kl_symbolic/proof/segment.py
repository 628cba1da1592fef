"""Taylor's formula for the divergence of two laws of one family, and what must be proved of a closed form for it.

With D the difference of the parameters and H the second derivatives by those of Q,

    KL(P, Q) = integral over (0, 1) of (1 - t) D' H(theta_1, theta_1 + t D) D dt.

Nothing in it cancels as the laws approach one another. It holds for a closed form that is 0 at P = Q with its first
derivatives, and whose second derivatives are continuous on the segment from P to Q, which must lie where the closed
form holds. That is so for the parameters of a family: the sets in which they lie are convex, and functions with
derivatives by rule are smooth where they have a meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from kl_symbolic.divergences import find_quantity
from kl_symbolic.errors import NoClosedFormError, ProofError
from kl_symbolic.families import find
from kl_symbolic.functions import Domain
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.parameters import bound_of, domain_of, parameterisations_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import Diff, Number, Term, substitute

AT_EQUALITY = Number(0)  # the value of a divergence and of its derivatives


@dataclass(frozen=True)
class TaylorForm:
    """A closed form and its derivatives by the parameters of Q.

    Parameters
    ----------
    first, second
        The parameters of P and of Q, in the same order.
    closed
        The closed form.
    differences
        Parameters of Q that stand for their difference from that of P in all that follows: locations, of which the
        divergence depends on nothing else.
    centred
        The closed form in these terms.
    gradient
        Its derivatives by the parameters of Q.
    hessian
        Its second derivatives, row by row up to the diagonal.

    Raises
    ------
    ProofError
        If derivatives are missing, or something stands for a difference that cannot be one.
    """

    first: tuple[Term, ...]
    second: tuple[Term, ...]
    closed: Term
    differences: frozenset[Term]
    centred: Term
    gradient: tuple[Term, ...]
    hessian: tuple[tuple[Term, ...], ...]

    def __post_init__(self) -> None:
        size = len(self.second)
        if not len(self.first) == size == len(self.gradient) or [*map(len, self.hessian)] != [*range(1, size + 1)]:
            raise ProofError(f"there must be derivatives by {size} parameters, and second ones by each two of them")
        possible = {b for a, b in zip(self.first, self.second, strict=True) if may_be_difference(a, b)}
        if not self.differences <= possible:
            raise ProofError("a difference may be any real number, and the parameters that stand for one may not")

    @property
    def steps(self) -> Iterator[Step]:
        """The certificate: what the kernel must prove."""
        at_p = {b: Number(0) if b in self.differences else a for a, b in zip(self.first, self.second, strict=True)}
        shifted = {b: b - a for a, b in zip(self.first, self.second, strict=True) if b in self.differences}
        every = chain(
            [
                Step("collect", self.closed, substitute(self.centred, shifted)),
                Step("collect", substitute(self.centred, at_p), AT_EQUALITY),
            ],
            *(self._steps_by(k, at_p) for k in range(len(self.second))),
        )
        return (step for step in every if step.before is not step.after)

    def _steps_by(self, place: int, at_p: dict[Term, Term]) -> Iterator[Step]:
        """Yield what must be proved of the derivatives by one parameter."""
        slope = self.gradient[place]
        yield Step("differentiate", Diff(self.centred, self.second[place]), slope)
        yield Step("collect", substitute(slope, at_p), AT_EQUALITY)
        for theta, entry in zip(self.second[: place + 1], self.hessian[place], strict=True):
            yield Step("differentiate", Diff(slope, theta), entry)


def general_question(question: Question) -> Question | None:
    """Return the question about any two laws of the family and the parameters of a question; None if they differ.

    Examples
    --------
    >>> general_question(Question("kl", "normal", "standard_normal", "var", "var", unit="bits")).name
    'kl(normal, normal, var)'
    >>> general_question(Question("kl", "normal", "exponential"))
    """
    if not find_quantity(question.quantity).is_divergence or question.q is None:
        return None
    family, other = find(question.p).family.name, find(question.q).family.name
    params = set(parameterisations_of(question).values())
    if family != other or len(params) > 1:
        return None
    return replace(question, p=family, q=family, dim=None, unit="nats", where=())


def matched_parameters(question: Question) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Return the parameters of P and those of Q, if all that lies between two laws is a law.

    Raises
    ------
    NoClosedFormError
        If a parameter is a whole number, or if those of P and of Q lie in different sets.

    Examples
    --------
    >>> matched_parameters(Question("kl", "normal", "normal"))
    ((mu_1, sigma_1), (mu_2, sigma_2))
    """
    every = laws(question).parameters
    half = len(every) // 2
    first, second = every[:half], every[half:]
    to_first = dict(zip(second, first, strict=True))
    for a, b in zip(first, second, strict=True):
        low = bound_of(b)
        same = domain_of(a) is domain_of(b) and bound_of(a) is (low and substitute(low, to_first))
        if domain_of(a).integer or not same:
            raise NoClosedFormError(f"{a} and {b} are not the ends of a segment of parameters")
    return first, second


def may_be_difference(*parameters: Term) -> bool:
    """Whether each may be any real number, so that one may stand for the difference of both."""
    return all(domain_of(one) is Domain.REAL and bound_of(one) is None for one in parameters)


def distances_from_ends(parameter: Term) -> tuple[Term, ...]:
    """Return how far a parameter is from the ends of where it lies.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> [distances_from_ends(Symbol("p", domain)) for domain in (Domain.REAL, Domain.POSITIVE, Domain.UNIT)]
    [(), (p,), (p, 1 - p)]
    """
    low = bound_of(parameter)
    if low is None and domain_of(parameter) is Domain.REAL:
        return ()
    below = parameter if low is None else parameter - low
    return (below, 1 - parameter) if domain_of(parameter) is Domain.UNIT else (below,)

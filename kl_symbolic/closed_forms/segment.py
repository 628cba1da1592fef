"""The divergence of two nearly equal laws as an integral, for which nothing is needed but a closed form."""

from __future__ import annotations

from dataclasses import dataclass

from kl_symbolic import engine, kernel
from kl_symbolic.errors import NoClosedFormError, ProofError
from kl_symbolic.kernel import Proof
from kl_symbolic.proof.parameters import parameterisations_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.segment import TaylorForm, general_question, matched_parameters
from kl_symbolic.proof.stable import law_arguments
from kl_symbolic.proof.where import has_equality
from kl_symbolic.terms import Term

EXPLANATION = (
    """Near P = Q it is computed as the integral of (1 - t) D' H D over t from 0 to 1, where D is the difference of the
    parameters, and H has the second derivatives of the closed form by those of Q at P + t D.""",
    """This is Taylor's formula for a function that is 0 at P = Q with its first derivatives, which is proved, and twice
    continuously differentiable on the segment from P to Q. The segment lies in the space of parameters, which is
    convex.""",
    """The integral is taken by a Gauss-Jacobi rule of 20 points, where D' H D is positive at all of them and varies by
    at most a factor of 16, and no parameter's distance from the end of its domain by more than a factor of 4. Elsewhere
    the closed form serves.""",
)


@dataclass(frozen=True)
class Segment:
    """Taylor's formula along the segment from P to Q, proved: making one has the kernel prove its certificate.

    Parameters
    ----------
    proof
        The proof of the closed form for any two laws of the family.
    form
        Its derivatives by the parameters of Q.
    p, q
        The parameters of the laws that were asked for, in the order of the form.

    Raises
    ------
    ProofError
        If the form is not about the closed form, or one of its derivatives is not proved.
    """

    proof: Proof
    form: TaylorForm
    p: tuple[Term, ...]
    q: tuple[Term, ...]

    def __post_init__(self) -> None:
        question = self.proof.question
        if question != general_question(question) or self.proof.where:
            raise ProofError(f"{question.name} is not about any two laws of a family, or has values in their place")
        if (self.form.first, self.form.second) != matched_parameters(question):
            raise ProofError(f"the derivatives are not by the parameters of {question.name}")
        if self.form.closed is not self.proof.statement.right:
            raise ProofError(f"{self.form.closed} is not the closed form of {question.name}")
        for step in self.form.steps:
            kernel.prove_step(step)

    @property
    def words(self) -> tuple[str, ...]:
        """What it is and on what it rests, a line for each sentence or two."""
        return tuple(" ".join(one.split()) for one in EXPLANATION)


def segment_between(question: Question) -> Segment | None:
    """Return Taylor's formula for the laws of a question; None if they are not of one family and parameterisation.

    Raises
    ------
    ProofError
        If it is not proved.

    Examples
    --------
    >>> segment_between(Question("kl", "poisson", "poisson")).form.hessian
    ((lambda_1/lambda_2**2,),)
    >>> segment_between(Question("kl", "gamma", "exponential"))
    """
    general = general_question(question)
    if general is None or has_equality(question):
        return None
    first, second = parameterisations_of(question).values()
    given = law_arguments(question, (first, second))
    try:
        derivation, form = engine.taylor_form(general)
    except NoClosedFormError:
        return None
    if given is None:
        return None
    half = len(given) // 2
    return Segment(kernel.prove(derivation), form, tuple(given[:half]), tuple(given[half:]))

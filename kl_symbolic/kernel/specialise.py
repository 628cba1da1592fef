"""A special case of a proved statement: numbers, or other parameters, in place of parameters.

What is proved holds at all parameters in their domains, so it holds where some of them are equal to one another or to
numbers. The values are put in as those of a cited lemma are, and one step by the rule ``collect`` may follow. Nothing
is trusted beyond that.
"""

from __future__ import annotations

from collections.abc import Sequence

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.arithmetic import Arithmetic
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.form import require_fit, shown
from kl_symbolic.kernel.proof import Proof, make_proof
from kl_symbolic.kernel.prove import prove_one, require_closed, require_separate_derivatives
from kl_symbolic.kernel.record import require_expression, require_step
from kl_symbolic.kernel.rules import ALGEBRA
from kl_symbolic.kernel.uses import Condition
from kl_symbolic.proof.derivation import Equation, Step
from kl_symbolic.proof.parameters import bound_of
from kl_symbolic.proof.special import put_in
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import Number, Term, has
from kl_symbolic.terms.grammar import PARAMETER, REAL, STAGE


def specialise(proof: Proof, where: Sequence[tuple[Term, Term]], right: Term | None = None) -> Proof:
    """Prove the special case of a proved statement in which parameters have values.

    Parameters
    ----------
    proof
        Of the general statement.
    where
        Parameters of its question, each with a rational number or another parameter of the question; a parameter of a
        product law stands for all its coordinates, and so does its value.
    right
        The right side of the special case, in simpler form; None leaves it as it is where the values are put in.

    Raises
    ------
    ProofError
        If a value does not fit its parameter, or if the right side does not follow.

    Examples
    --------
    >>> from kl_symbolic import derive, prove
    >>> proof = prove(derive("exponential", "exponential"))
    >>> one, two = laws(proof.question).parameters
    >>> specialise(proof, [(two, one)], Number(0)).statement.right
    0
    """
    if type(proof) is not Proof or proof.where:
        raise ProofError("only what `prove` has proved is specialised")
    arithmetic = Arithmetic()
    try:
        return _special(proof, tuple(where), right, arithmetic)
    except RecursionError:
        raise ProofError("nested too deeply to be checked") from None


def _special(proof: Proof, where: tuple[tuple[Term, Term], ...], right: Term | None, arithmetic: Arithmetic) -> Proof:
    algebra = Canon(ALGEBRA, {}, arithmetic)
    values: dict[Term, Term] = {}
    for pair in where:
        if type(pair) is not tuple or len(pair) != 2:  # noqa: PLR2004 - a parameter and its value
            raise ProofError("values are pairs of a parameter and what it is equal to")
        parameter, value = pair
        require_expression(parameter, PARAMETER, arithmetic.spend)
        require_expression(value, REAL, arithmetic.spend)
        _require_parameter(proof, parameter, value)
        if parameter in values:
            raise ProofError(f"{parameter} has two values")
        values[parameter] = value
    require_fit(values, laws(proof.question).parameters, algebra)
    separate = _separate(proof.statement, values)
    left, general = (put_in(side, values.items(), arithmetic.spend) for side in separate)
    end = general if right is None else right
    if end != general:
        step = Step("collect", general, end)
        require_step(step, arithmetic.spend)
        prove_one(step, {}, arithmetic)
    require_expression(end, STAGE, arithmetic.spend)
    require_closed(proof.question, left, end)
    return make_proof(
        question=proof.question,
        statement=Equation(left, end),
        axioms=proof.axioms,
        computed=proof.computed,
        conditions=_conditions(proof, values),
        lemmas=proof.lemmas,
        steps=proof.steps + (end != general),
        derivation=proof.derivation,
        where=tuple(values.items()),
    )


def _require_parameter(proof: Proof, parameter: Term, value: Term) -> None:
    """Refuse what is no parameter, and what is no value.

    No variable is captured: numbers have none, and the parameters of a question are bound nowhere in its statement.
    All of them have coordinates, or none.
    """
    parameters = laws(proof.question).parameters
    if parameter not in parameters:
        raise ProofError(f"{proof.question.name} has no parameter {shown(parameter)}")
    if not isinstance(value, Number) and value not in parameters:
        raise ProofError(f"{shown(value)} is neither a rational number nor a parameter of {proof.question.name}")


def _separate(statement: Equation, values: dict[Term, Term]) -> Equation:
    """Return a statement unless it speaks of a derivative that would be taken by what has a value."""
    if has(statement.left, "Diff") and any(parameter.head == "Indexed" for parameter in values):
        raise ProofError("no coordinates are put into a statement about derivatives")
    require_separate_derivatives(statement.left, values)
    return statement


def _conditions(proof: Proof, values: dict[Term, Term]) -> tuple[Condition, ...]:
    """Return the conditions but for those on parameters that are no longer there."""
    gone = set(values) - set(values.values())
    kept = tuple(c for c in proof.conditions if c.subject not in gone)
    for condition in kept:
        if condition.kind == "above" and bound_of(condition.subject) in gone:
            raise ProofError(f"{condition} is a condition on {condition.subject}; give it a value, too")
    return kept

"""A special case of a proved statement: numbers, or other parameters, in place of parameters.

What is proved holds at all parameters in their domains, so it holds where some of them are equal to one another or to
numbers. The values are put in as those of a cited lemma are, and one step by the rule ``collect`` may follow. Nothing
is trusted beyond that.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic, Expr, Indexed, Rational

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.form import shown
from kl_symbolic.kernel.polynomial import Arithmetic, is_positive
from kl_symbolic.kernel.prove import (
    Proof,
    _made,
    _prove_step,
    _require_closed,
    _require_separate_derivatives,
)
from kl_symbolic.kernel.record import require_expression, require_step
from kl_symbolic.kernel.rewriting import substitute
from kl_symbolic.kernel.uses import Condition
from kl_symbolic.proof import language as lang
from kl_symbolic.proof.derivation import Equation, Step
from kl_symbolic.proof.heads import PARAMETER, REAL
from kl_symbolic.proof.language import Scalar
from kl_symbolic.proof.statement import laws


def specialise(proof: Proof, where: Sequence[tuple[Scalar, Expr]], right: Expr | None = None) -> Proof:
    """Prove the special case of a proved statement in which parameters have values.

    Parameters
    ----------
    proof
        Of the general statement.
    where
        Parameters of its claim, each with a rational number or another parameter of the claim; a parameter of a product
        law stands for all its coordinates, and so does its value.
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
    >>> one, two = laws(proof.claim).parameters
    >>> specialise(proof, [(two, one)], Rational(0)).statement.right
    0
    """
    if type(proof) is not Proof or proof.where:
        raise ProofError("only what `prove` has proved is specialised")
    arithmetic = Arithmetic()
    try:
        return _special(proof, tuple(where), right, arithmetic)
    except RecursionError:
        raise ProofError("nested too deeply to be checked") from None


def _special(proof: Proof, where: tuple[tuple[Scalar, Expr], ...], right: Expr | None, arithmetic: Arithmetic) -> Proof:
    algebra = Canon(frozenset(), {}, arithmetic)
    values: dict[Scalar, Expr] = {}
    for parameter, value in where:
        require_expression(parameter, PARAMETER, arithmetic.spend)
        require_expression(value, REAL, arithmetic.spend)
        _require_value(proof, parameter, value, algebra)
        if parameter in values:
            raise ProofError(f"{parameter} has two values")
        values[parameter] = value
    left, general = (_put_in(side, values, arithmetic) for side in _separate(proof.statement, values))
    end = general if right is None else right
    if end != general:
        step = Step("collect", general, end)
        require_step(step, arithmetic.spend)
        _prove_step(step, {}, arithmetic)
    _require_closed(proof.claim, left, end)
    return _made(
        claim=proof.claim,
        statement=Equation(left, end),
        axioms=proof.axioms,
        computed=proof.computed,
        conditions=_conditions(proof, values),
        lemmas=proof.lemmas,
        steps=proof.steps + (end != general),
        derivation=proof.derivation,
        where=tuple(values.items()),
    )


def _require_value(proof: Proof, parameter: Scalar, value: Expr, algebra: Canon) -> None:
    """Refuse what is no parameter, and a value that is not in its domain.

    No variable is captured: numbers have none, and the parameters of a claim are bound nowhere in its statement. All of
    them have coordinates, or none.
    """
    parameters = laws(proof.claim).parameters
    if parameter not in parameters:
        raise ProofError(f"{proof.claim.name} has no parameter {shown(parameter)}")
    if not isinstance(value, Rational) and value not in parameters:
        raise ProofError(f"{shown(value)} is neither a rational number nor a parameter of {proof.claim.name}")
    if parameter.is_positive and not is_positive(algebra.read(value)):
        raise ProofError(f"cannot show that {shown(parameter)} := {shown(value)} is positive")


def _separate(statement: Equation, values: dict[Scalar, Expr]) -> Equation:
    """Return a statement unless it speaks of a derivative that would be taken by what has a value."""
    if statement.left.has(lang.Diff) and any(isinstance(parameter, Indexed) for parameter in values):
        raise ProofError("no coordinates are put into a statement about derivatives")
    _require_separate_derivatives(statement.left, values)
    return statement


def _put_in(side: Expr, values: dict[Scalar, Expr], arithmetic: Arithmetic) -> Expr:
    """Put values in, all at once; what is said of all coordinates holds for each of them."""
    table: dict[Basic, Basic] = dict(values)
    for entry in side.atoms(Indexed):
        for parameter, value in values.items():
            if isinstance(parameter, Indexed) and entry.base == parameter.base:
                table[entry] = value.base[entry.indices] if isinstance(value, Indexed) else value
    made = substitute(side, table, arithmetic.spend)
    assert isinstance(made, Expr)
    return made


def _conditions(proof: Proof, values: dict[Scalar, Expr]) -> tuple[Condition, ...]:
    """Return the conditions but for those on parameters that are no longer there."""
    gone = set(values) - set(values.values())
    return tuple(c for c in proof.conditions if not (c.kind == "positive" and c.subject in gone))

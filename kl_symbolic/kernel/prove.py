"""Prove a derivation: build its statement, prove every step, and list what the proof leans on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from functools import cache, partial
from typing import TypeAlias

from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.functions import Domain
from kl_symbolic.kernel.alone import INFINITY_OF_DIVERGENCES, SINGLE_STEPS
from kl_symbolic.kernel.arithmetic import Arithmetic
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.form import OPEN_HEADS, require_fit, require_meaning, shown
from kl_symbolic.kernel.polynomial import BUDGET, Atom, Poly, number
from kl_symbolic.kernel.proof import Proof, make_proof
from kl_symbolic.kernel.record import require_derivation, require_step
from kl_symbolic.kernel.rules import ALGEBRA, COMPUTED, INFINITE, RULES, Rule
from kl_symbolic.kernel.uses import Condition, remainder, uses
from kl_symbolic.proof.derivation import Citation, Derivation, Equation, Step
from kl_symbolic.proof.parameters import bound_of, domain_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws, left_side, right_side
from kl_symbolic.terms import (
    DIMENSION,
    INFINITY,
    ONE_COORDINATE,
    CaptureError,
    Number,
    Symbol,
    Term,
    addends,
    has,
    parts,
    parts_with,
    rebuilt,
    substitute,
)

Proved: TypeAlias = dict[str, tuple[Question, Equation]]  # by the name of the derivation


def prove(derivation: Derivation) -> Proof:
    """Prove a derivation and everything it cites.

    Raises
    ------
    ProofError
        Naming the derivation, the step, its rule and both sides.
    """
    try:
        return _proof(derivation)
    except RecursionError:
        raise ProofError("nested too deeply to be checked") from None
    except ProofError:
        raise
    except KLError as error:  # a question that has no statement
        raise ProofError(str(error)) from error


def _proof(derivation: Derivation) -> Proof:
    proved: Proved = {}
    arithmetic = Arithmetic()
    require_derivation(derivation, arithmetic.spend)
    chains = list(derivation.with_lemmas())
    for part in chains:
        proved[part.name] = (part.question, _prove_chain(part, proved, arithmetic))
    question, equation = proved[derivation.name]
    axioms, conditions, cited = _leans_on(derivation, chains, proved)
    return make_proof(
        question=question,
        statement=equation,
        axioms=tuple(sorted(axioms)),
        computed=tuple(part.name for part in chains if part.name in cited and part.steps[0].rule == COMPUTED),
        conditions=conditions,
        lemmas=tuple(name for name in proved if name != derivation.name),
        steps=sum(len(part.steps) for part in chains),
        derivation=derivation,
        where=(),
    )


def prove_step(step: Step, budget: int = BUDGET) -> None:
    """Prove one step that cites nothing: that two expressions are equal by its rule.

    Parameters
    ----------
    step
        The two expressions and the rule.
    budget
        How much arithmetic it may cost.

    Raises
    ------
    ProofError
        If they are not, or if that cannot be seen by the rule.
    """
    arithmetic = Arithmetic(budget)
    try:
        require_step(step, arithmetic.spend)
        prove_one(step, {}, arithmetic)
    except RecursionError:
        raise ProofError("nested too deeply to be checked") from None
    except ProofError:
        raise
    except KLError as error:  # a divergence that is infinite, or not known to be finite
        raise ProofError(str(error)) from error


def _prove_chain(derivation: Derivation, proved: Proved, arithmetic: Arithmetic) -> Equation:
    if not derivation.steps:
        raise ProofError(f"{derivation.name}: there are no steps")
    before = left = left_side(derivation.question)
    if derivation.steps[0].rule not in SINGLE_STEPS:
        require_meaning(left, Canon(ALGEBRA, {}, arithmetic))
    for count, step in enumerate(derivation.steps, start=1):
        where = f"{derivation.name}, step {count} ({step.rule})"
        if not (step.before is before or (count == 1 and _is_reordered(before, step.before))):
            expected = "the statement" if count == 1 else "the stage before"
            raise ProofError(
                f"{where}: does not start from {expected}\n"
                f"  expected: {shown(before)}\n  given:    {shown(step.before)}"
            )
        try:
            if step.rule in SINGLE_STEPS and len(derivation.steps) == 1:
                SINGLE_STEPS[step.rule](derivation.question, step, Canon(ALGEBRA, {}, arithmetic))
            else:
                prove_one(step, proved, arithmetic)
        except (ProofError, RecursionError) as error:
            reason = "nested too deeply to be checked" if isinstance(error, RecursionError) else error
            sides = f"  before: {shown(step.before)}\n  after:  {shown(step.after)}"
            raise ProofError(f"{where}: {reason}\n{sides}") from None
        before = step.after
    require_closed(derivation.question, left, before)
    return Equation(left, before)


def _is_reordered(left: Term, before: Term) -> bool:
    """Whether a chain starts from the statement in another order of terms and factors, as files of format 1 do."""
    numbers: dict[Hashable, int] = {}  # of classes of terms that differ in such orders only
    known: dict[Term, int] = {}

    def class_of(term: Term) -> int:
        if term not in known:
            inner = [class_of(a) for a in term.args]
            unordered = term.head in ("Add", "Mul")
            key = (term.head, frozenset(Counter(inner).items()) if unordered else tuple(inner)) if inner else term
            known[term] = numbers.setdefault(key, len(numbers))
        return known[term]

    return class_of(left) == class_of(before)


def prove_one(step: Step, proved: Proved, arithmetic: Arithmetic) -> None:
    """Prove one step, which has the shape of one, by what was proved before."""
    rule = RULES.get(step.rule)
    if rule is None:
        raise ProofError(
            "unknown rule" if step.rule not in SINGLE_STEPS else "this rule is for a derivation of a single step"
        )
    if step.before == step.after:
        raise ProofError("the step changes nothing")
    if bool(step.cites) != rule.cites:
        raise ProofError("the rule needs a citation" if rule.cites else "the rule allows no citation")
    algebra = Canon(ALGEBRA, {}, arithmetic)
    for side in (step.before, step.after):
        require_meaning(side, algebra)
    for citation in step.cites:
        if citation.name not in proved:
            raise ProofError(f"cites {citation.name}, which is not proved before")
    if remainder(step, _reader(rule, step, proved, arithmetic)):
        raise ProofError("the two sides are not equal by this rule")


def _reader(rule: Rule, step: Step, proved: Proved, arithmetic: Arithmetic) -> Canon:
    """Return what reads the sides of a step by the laws of a rule and the equations that the step cites."""
    plain, algebra = Canon(rule, {}, arithmetic), Canon(ALGEBRA, {}, arithmetic)
    equations: dict[Atom, Poly] = {}
    for citation in step.cites:
        atom, value = _as_rewriting(_instance(citation, *proved[citation.name], algebra), plain)
        equations[atom] = value
    return Canon(rule, equations, arithmetic)


def _instance(citation: Citation, question: Question, equation: Equation, canon: Canon) -> Equation:
    """Put expressions in place of the parameters of a proved equation; each must lie in the parameter's domain."""
    parameters, substitution = laws(question).parameters, dict(citation.substitution)
    for parameter, value in citation.substitution:
        require_meaning(value, canon)
        if parameter not in parameters or not isinstance(parameter, Symbol):
            raise ProofError(f"{citation.name} has no scalar parameter {shown(parameter)}")
    require_fit(substitution, parameters, canon, f", as {citation.name} requires")
    require_separate_derivatives(equation.left, substitution)
    try:
        return Equation(*(substitute(side, substitution, canon.arithmetic.spend) for side in equation))
    except CaptureError as error:
        raise ProofError(f"{citation.name}: {error}") from None


def require_separate_derivatives(left: Term, substitution: dict[Term, Term]) -> None:
    """Refuse to merge what a derivative is taken with respect to with anything else: derivatives are partial."""
    for theta in {d.args[1] for d in parts_with(left, "Diff")} if substitution else ():
        renamed = substitution.get(theta, theta)
        others = (substitution.get(s, s).free for s in left.free - {theta})
        if not isinstance(renamed, Symbol) or renamed in frozenset().union(*others):
            raise ProofError(f"{theta} := {shown(renamed)} would change the derivative with respect to {theta}")


def _as_rewriting(equation: Equation, canon: Canon) -> tuple[Atom, Poly]:
    """Read a proved equation c * atom = value as atom -> value / c."""
    if equation.right is INFINITY:
        raise ProofError("an infinite value is not inserted")
    single = canon.read(equation.left).single()
    atom, exponent = next(iter(single[0])) if single and len(single[0]) == 1 else (None, None)
    if single is None or atom is None or exponent != 1:
        raise ProofError(f"the cited equation does not determine one quantity: {shown(equation.left)}")
    value = canon.arithmetic.mul(number(1 / single[1]), canon.read(equation.right))
    return atom, value


def require_closed(question: Question, left: Term, right: Term) -> None:
    """Refuse a right side that is no closed form in the symbols of the left side."""
    expected = right_side(question)
    if expected is not None:
        if Counter(addends(right)) == Counter(addends(expected)):
            return
        raise ProofError(f"{question.name}: ends in {shown(right)}, not in {shown(expected)}")
    for part in parts_with(right, *OPEN_HEADS):
        raise ProofError(f"{question.name}: not a closed form, {part.head} is left: {shown(right)}")
    foreign = names_in(right) - names_in(left) - {DIMENSION}
    if foreign:
        raise ProofError(f"{question.name}: the statement does not speak of {', '.join(sorted(map(str, foreign)))}")


def names_in(term: Term) -> set[Term]:
    """Return the symbols of a term, bound ones too, and its arrays, whose names are no symbols of their own."""
    arrays = set(parts_with(term, "Array"))
    return arrays | {part for part in parts(rebuilt(term, {"Array": lambda _: Number(0)})) if isinstance(part, Symbol)}


def _leans_on(
    outermost: Derivation, chains: list[Derivation], proved: Proved
) -> tuple[set[str], tuple[Condition, ...], set[str]]:
    """Return the axioms and conditions of a derivation, and of what it cites, directly or not; and the names of all."""
    axioms: set[str] = set()
    conditions: dict[Condition, None] = {}
    cited = {outermost.name}
    for part in reversed(chains):
        if part.name in cited:
            cited |= {citation.name for step in part.steps for citation in step.cites}
    arithmetic = Arithmetic()
    for part in chains:
        if part.name in cited and part.steps[0].rule == INFINITE:
            axioms.add(INFINITY_OF_DIVERGENCES)
        for step in part.steps if part.name in cited and part.steps[0].rule not in SINGLE_STEPS else ():
            used = uses(step, cache(partial(_reader, step=step, proved=proved, arithmetic=arithmetic)))
            axioms |= used.axioms
            conditions |= dict.fromkeys(used.conditions)
    for parameter in laws(outermost.question).parameters:
        domain, low = domain_of(parameter), bound_of(parameter)
        if domain is Domain.UNIT:
            conditions[Condition("unit", parameter)] = None
        elif domain.positive and not (isinstance(low, Number) and low.value >= 0):
            conditions[Condition("positive", parameter)] = None
        if low is not None:
            conditions[Condition("above", parameter)] = None
    if has(outermost.statement.left, ONE_COORDINATE):
        conditions[Condition("coordinate", ONE_COORDINATE)] = None
    return axioms, tuple(conditions), cited

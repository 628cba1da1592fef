"""Prove a derivation: build its statement, prove every step, and list what the proof leans on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sympy import Basic, Expr, Symbol, preorder_traversal

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.form import require_meaning, shown
from kl_symbolic.kernel.polynomial import BUDGET, Arithmetic, Atom, Poly, is_positive, number
from kl_symbolic.kernel.rewriting import substitute
from kl_symbolic.kernel.rules import AXIOMS, RULES
from kl_symbolic.proof import language as lang
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.derivation import Citation, Derivation, Equation, Step
from kl_symbolic.proof.language import Scalar
from kl_symbolic.proof.statement import DIMENSION, ONE_COORDINATE, laws, left_side

OPEN_HEADS = (lang.Integral, lang.Density, lang.KL, lang.Entropy, lang.CrossEntropy, lang.Diff, lang.Product)


class Condition(NamedTuple):
    """A condition under which the equation is proved: a kind and its subject.

    Kinds: ``positive`` (a parameter), ``integrable`` (an integral that linearity has split off), ``interchange``
    (a derivative that moves through an integral), ``coordinate`` (an index from 1 to n).
    """

    kind: str
    subject: Basic

    def __str__(self) -> str:
        return {
            "positive": f"{self.subject} > 0",
            "integrable": f"{self.subject} converges absolutely",
            "interchange": f"{self.subject} moves through the integral",
            "coordinate": f"1 <= {self.subject} <= n",
        }[self.kind]


@dataclass(frozen=True)
class Proof:
    """A proved statement. Only `prove` makes one; a file never says of itself that it is proved.

    Attributes
    ----------
    claim, statement
        What was asked for, and the equation that answers it.
    axioms
        Names of the axioms used, of the lemmas too.
    computed
        Names of values that were certified numerically instead of being proved; empty when everything is proved.
    conditions
        Conditions under which the equation holds.
    lemmas
        Names of the derivations that were proved on the way.
    steps
        How many steps were proved, those of the lemmas included.
    """

    claim: Claim
    statement: Equation
    axioms: tuple[str, ...]
    computed: tuple[str, ...]
    conditions: tuple[Condition, ...]
    lemmas: tuple[str, ...]
    steps: int


def prove(derivation: Derivation) -> Proof:
    """Prove a derivation and everything it cites.

    Raises
    ------
    ProofError
        Naming the derivation, the step, its rule and both sides.
    """
    proved: dict[str, tuple[Claim, Equation]] = {}
    axioms: set[str] = set()
    conditions: dict[Condition, None] = {}
    steps = 0
    arithmetic = Arithmetic()
    for part in derivation.with_lemmas():
        equation = _prove_chain(part, proved, arithmetic)
        proved[part.name] = (part.claim, equation)
        steps += len(part.steps)
        axioms |= {axiom for step in part.steps for axiom in _axioms(step)}
    for part in derivation.with_lemmas():
        conditions |= dict.fromkeys(_conditions(part, outermost=part is derivation))
    claim, equation = proved[derivation.name]
    lemmas = tuple(name for name in proved if name != derivation.name)
    return Proof(claim, equation, tuple(sorted(axioms)), (), tuple(conditions), lemmas, steps)


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
    try:
        _prove_step(step, {}, Arithmetic(budget))
    except RecursionError:
        raise ProofError("nested too deeply to be checked") from None


def _prove_chain(derivation: Derivation, proved: dict[str, tuple[Claim, Equation]], arithmetic: Arithmetic) -> Equation:
    if not derivation.steps:
        raise ProofError(f"{derivation.name}: there are no steps")
    before = left = left_side(derivation.claim)
    for count, step in enumerate(derivation.steps, start=1):
        where = f"{derivation.name}, step {count} ({step.rule})"
        if step.before != before:
            expected = "the statement" if count == 1 else "the stage before"
            raise ProofError(
                f"{where}: does not start from {expected}\n"
                f"  expected: {shown(before)}\n  given:    {shown(step.before)}"
            )
        try:
            _prove_step(step, proved, arithmetic)
        except (ProofError, RecursionError) as error:
            reason = "nested too deeply to be checked" if isinstance(error, RecursionError) else error
            sides = f"  before: {shown(step.before)}\n  after:  {shown(step.after)}"
            raise ProofError(f"{where}: {reason}\n{sides}") from None
        before = step.after
    _require_closed(derivation.claim, left, before)
    return Equation(left, before)


def _prove_step(step: Step, proved: dict[str, tuple[Claim, Equation]], arithmetic: Arithmetic) -> None:
    rule = RULES.get(step.rule)
    if rule is None:
        raise ProofError("unknown rule")
    if step.before == step.after:
        raise ProofError("the step changes nothing")
    if bool(step.cites) != rule.cites:
        raise ProofError("the rule needs a citation" if rule.cites else "the rule allows no citation")
    plain = Canon(rule.theories, {}, arithmetic)
    algebra = Canon(frozenset(), {}, arithmetic)
    for side in (step.before, step.after):
        require_meaning(side, algebra)
    equations: dict[Atom, Poly] = {}
    for citation in step.cites:
        if citation.name not in proved:
            raise ProofError(f"cites {citation.name}, which is not proved before")
        atom, value = _as_rewriting(_instance(citation, *proved[citation.name], algebra), plain)
        equations[atom] = value
    canon = Canon(rule.theories, equations, arithmetic)
    if not _equal(step.before, step.after, canon, arithmetic):
        raise ProofError("the two sides are not equal by this rule")


def _equal(before: Expr, after: Expr, canon: Canon, arithmetic: Arithmetic) -> bool:
    if isinstance(before, lang.Vector) and isinstance(after, lang.Vector) and len(before.args) == len(after.args):
        return all(_equal(b, a, canon, arithmetic) for b, a in zip(before.args, after.args, strict=True))
    difference = arithmetic.add([canon.read(before), arithmetic.mul(number(-1), canon.read(after))])
    return arithmetic.is_zero(difference)


def _instance(citation: Citation, claim: Claim, equation: Equation, canon: Canon) -> Equation:
    """Put expressions in place of the parameters of a proved equation; each must lie in the parameter's domain."""
    parameters = laws(claim).parameters
    bound = _bound_symbols(equation)
    for parameter, value in citation.substitution:
        require_meaning(value, canon)
        if parameter not in parameters or not isinstance(parameter, Symbol):
            raise ProofError(f"{citation.name} has no scalar parameter {shown(parameter)}")
        if value.free_symbols & bound:
            raise ProofError(f"{shown(value)} mentions a bound variable of {citation.name}")
        if parameter.is_positive and not is_positive(canon.read(value)):
            raise ProofError(f"cannot show that {parameter} := {shown(value)} is positive, as {citation.name} requires")
    substitution = dict(citation.substitution)
    _require_separate_derivatives(equation.left, substitution)
    return Equation(*(substitute(side, substitution, canon.arithmetic.spend) for side in equation))


def _require_separate_derivatives(left: Expr, substitution: dict[Scalar, Expr]) -> None:
    """Refuse to merge what a derivative is taken with respect to with anything else: derivatives are partial."""
    for theta in {d.args[1] for d in left.atoms(lang.Diff)} if substitution else ():
        renamed = substitution.get(theta, theta)
        others = (substitution.get(s, s).free_symbols for s in left.free_symbols - {theta})
        if not isinstance(renamed, Symbol) or renamed in set().union(*others):
            raise ProofError(f"{theta} := {shown(renamed)} would change the derivative with respect to {theta}")


@lru_cache
def _bound_symbols(equation: Equation) -> frozenset[Basic]:
    binders = (b for side in equation for b in side.atoms(lang.Binder, lang.ProductLaw))
    return frozenset(s for b in binders for s in b.bound_symbols)


def _as_rewriting(equation: Equation, canon: Canon) -> tuple[Atom, Poly]:
    """Read a proved equation c * atom = value as atom -> value / c."""
    single = canon.read(equation.left).single()
    atom, exponent = next(iter(single[0])) if single and len(single[0]) == 1 else (None, None)
    if single is None or atom is None or exponent != 1:
        raise ProofError(f"the cited equation does not determine one quantity: {shown(equation.left)}")
    value = canon.arithmetic.mul(number(1 / single[1]), canon.read(equation.right))
    return atom, value


def _require_closed(claim: Claim, left: Expr, right: Expr) -> None:
    if claim.quantity == "decomposition":
        p, q, _ = laws(claim)
        if right == lang.CrossEntropy(p, q) - lang.Entropy(p):
            return
        raise ProofError(f"{claim.name}: ends in {shown(right)}, not in H(P, Q) - H(P)")
    for part in preorder_traversal(right):
        if isinstance(part, OPEN_HEADS):
            raise ProofError(f"{claim.name}: not a closed form, {type(part).__name__} is left: {shown(right)}")
    foreign = right.atoms(Symbol) - left.atoms(Symbol) - {DIMENSION}
    if foreign:
        raise ProofError(f"{claim.name}: the statement does not speak of {', '.join(sorted(map(str, foreign)))}")


def _axioms(step: Step) -> set[str]:
    theories = RULES[step.rule].theories
    found = {AXIOMS[theory] for theory in theories if theory in AXIOMS}
    if theories & {"normalisation", "fubini"}:
        families = {lang.name_of(law.args[0]) for side in (step.before, step.after) for law in side.atoms(lang.Law)}
        found |= {f"normalisation of the {family} density" for family in families}
    return found


def _conditions(derivation: Derivation, *, outermost: bool) -> list[Condition]:
    """Return the conditions of one derivation; the domains of parameters count for the outermost one only."""
    found = []
    if outermost:
        parameters = laws(derivation.claim).parameters
        found += [Condition("positive", p) for p in parameters if p.is_positive]
    for step in derivation.steps:
        theories = RULES[step.rule].theories
        for side in (step.before, step.after):
            if theories & {"linear", "fubini"}:
                found += [Condition("integrable", integral) for integral in _parts(side, lang.Integral)]
            if "leibniz" in theories:
                found += [Condition("interchange", d) for d in _parts(side, lang.Diff)]
    if outermost and derivation.statement.left.has(ONE_COORDINATE):
        found.append(Condition("coordinate", ONE_COORDINATE))
    return found


def _parts(expr: Expr, head: type[Basic]) -> list[Basic]:
    """Return the parts of an expression with the given head, each once, in the order in which they stand."""
    return list(dict.fromkeys(part for part in preorder_traversal(expr) if isinstance(part, head)))

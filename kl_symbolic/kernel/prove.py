"""Prove a derivation: build its statement, prove every step, and list what the proof leans on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sympy import Basic, Expr, Symbol

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.polynomial import Arithmetic, Atom, Poly, is_positive, number
from kl_symbolic.kernel.rules import AXIOMS, RULES
from kl_symbolic.proof import language as lang
from kl_symbolic.proof.derivation import Citation, Claim, Derivation, Equation, Step
from kl_symbolic.proof.statement import laws, left_side

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
    for part in derivation.with_lemmas():
        equation = _prove_chain(part, proved)
        proved[part.name] = (part.claim, equation)
        steps += len(part.steps)
        axioms |= {axiom for step in part.steps for axiom in _axioms(step)}
    for part in derivation.with_lemmas():
        conditions |= dict.fromkeys(_conditions(part, outermost=part is derivation))
    claim, equation = proved[derivation.name]
    lemmas = tuple(name for name in proved if name != derivation.name)
    return Proof(claim, equation, tuple(sorted(axioms)), (), tuple(conditions), lemmas, steps)


def _prove_chain(derivation: Derivation, proved: dict[str, tuple[Claim, Equation]]) -> Equation:
    if not derivation.steps:
        raise ProofError(f"{derivation.name}: there are no steps")
    before = left_side(derivation.claim)
    for count, step in enumerate(derivation.steps, start=1):
        where = f"{derivation.name}, step {count} ({step.rule})"
        if step.before != before:
            expected = "the statement" if count == 1 else "the stage before"
            raise ProofError(f"{where}: does not start from {expected}\n  expected: {before}\n  given:    {step.before}")
        try:
            _prove_step(step, proved)
        except ProofError as error:
            raise ProofError(f"{where}: {error}\n  before: {step.before}\n  after:  {step.after}") from None
        before = step.after
    _require_closed(derivation, before)
    return Equation(derivation.steps[0].before, before)


def _prove_step(step: Step, proved: dict[str, tuple[Claim, Equation]]) -> None:
    rule = RULES.get(step.rule)
    if rule is None:
        raise ProofError("unknown rule")
    if step.before == step.after:
        raise ProofError("the step changes nothing")
    if bool(step.cites) != rule.cites:
        raise ProofError("the rule needs a citation" if rule.cites else "the rule allows no citation")
    arithmetic = Arithmetic()
    plain = Canon(rule.theories, {}, arithmetic)
    equations: dict[Atom, Poly] = {}
    for citation in step.cites:
        if citation.name not in proved:
            raise ProofError(f"cites {citation.name}, which is not proved before")
        atom, value = _as_rewriting(_instance(citation, *proved[citation.name], plain), plain)
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
    bound = {s for side in equation for b in side.atoms(lang.Binder, lang.ProductLaw) for s in b.bound_symbols}
    for parameter, value in citation.substitution:
        if parameter not in parameters or not isinstance(parameter, Symbol):
            raise ProofError(f"{citation.name} has no scalar parameter {parameter}")
        if value.free_symbols & bound:
            raise ProofError(f"{value} mentions a bound variable of {citation.name}")
        if parameter.is_positive and not is_positive(canon.read(value)):
            raise ProofError(f"cannot show that {parameter} := {value} is positive, as {citation.name} requires")
    substitution = dict(citation.substitution)
    return Equation(*(side.xreplace(substitution) for side in equation))


def _as_rewriting(equation: Equation, canon: Canon) -> tuple[Atom, Poly]:
    """Read a proved equation c * atom = value as atom -> value / c."""
    single = canon.read(equation.left).single()
    atom, exponent = next(iter(single[0])) if single and len(single[0]) == 1 else (None, None)
    if single is None or atom is None or exponent != 1:
        raise ProofError(f"the cited equation does not determine one quantity: {equation.left}")
    value = canon.arithmetic.mul(number(1 / single[1]), canon.read(equation.right))
    return atom, value


def _require_closed(derivation: Derivation, right: Expr) -> None:
    claim = derivation.claim
    if claim.quantity == "decomposition":
        p, q, _ = laws(claim)
        if right == lang.CrossEntropy(p, q) - lang.Entropy(p):
            return
        raise ProofError(f"{derivation.name}: ends in {right}, not in H(P, Q) - H(P)")
    for head in right.atoms(*OPEN_HEADS):
        raise ProofError(f"{derivation.name}: not a closed form, {type(head).__name__} is left: {right}")


def _axioms(step: Step) -> set[str]:
    theories = RULES[step.rule].theories
    found = {AXIOMS[theory] for theory in theories if theory in AXIOMS}
    if theories & {"normalisation", "fubini"}:
        laws_in_step = step.before.atoms(lang.Law) if step.before.has(lang.Density) else set()
        found |= {f"normalisation of the {lang.name_of(law.args[0])} density" for law in laws_in_step}
    return found


def _conditions(derivation: Derivation, *, outermost: bool) -> list[Condition]:
    """Return the conditions of one derivation; the domains of parameters count for the outermost one only."""
    found = []
    if outermost:
        parameters = laws(derivation.claim).parameters
        found += [Condition("positive", p) for p in parameters if p.is_positive]
    for step in derivation.steps:
        theories = RULES[step.rule].theories
        if "linear" in theories:
            integrals = sorted(step.after.atoms(lang.Integral), key=str)
            found += [Condition("integrable", integral) for integral in integrals]
        if "leibniz" in theories:
            found += [Condition("interchange", d) for d in sorted(step.after.atoms(lang.Diff), key=str)]
    if derivation.claim.quantity == "gradient":
        indices = {i for p in derivation.statement.left.atoms(lang.Diff) for i in getattr(p.args[1], "indices", ())}
        found += [Condition("coordinate", i) for i in indices]
    return found

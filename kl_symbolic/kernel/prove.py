"""Prove a derivation: build its statement, prove every step, and list what the proof leans on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from typing import Never, Self, final

from sympy import Basic, Expr, Symbol, preorder_traversal

from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.form import require_meaning, shown
from kl_symbolic.kernel.polynomial import BUDGET, Arithmetic, Atom, Poly, is_positive, number
from kl_symbolic.kernel.record import require_derivation, require_step
from kl_symbolic.kernel.rewriting import substitute
from kl_symbolic.kernel.rules import RULES
from kl_symbolic.kernel.uses import Condition, remainder, uses
from kl_symbolic.proof import language as lang
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.derivation import Citation, Derivation, Equation, Step
from kl_symbolic.proof.language import Scalar
from kl_symbolic.proof.statement import DIMENSION, ONE_COORDINATE, laws, left_side

OPEN_HEADS = (lang.Integral, lang.Density, lang.KL, lang.Entropy, lang.CrossEntropy, lang.Diff, lang.Product)


@final
@dataclass(frozen=True, init=False, slots=True)
class Proof:
    """A proved statement. Only `prove` makes one, and `specialise` of one; no file says of itself that it is proved.

    It cannot be constructed, changed, subclassed or pickled: what is to be kept or sent is the derivation, and whoever
    gets it proves it anew. Python cannot prevent more: who calls ``object.__setattr__`` or ``object.__new__``, assigns
    to ``__class__``, or replaces functions of the kernel, can fake anything, and knows it.

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
    derivation
        What was proved. Equal proofs may differ in it.
    where
        The values that the statement has in place of parameters; empty for what the derivation itself states.
    """

    claim: Claim
    statement: Equation
    axioms: tuple[str, ...]
    computed: tuple[str, ...]
    conditions: tuple[Condition, ...]
    lemmas: tuple[str, ...]
    steps: int
    derivation: Derivation = field(repr=False, compare=False)
    where: tuple[tuple[Scalar, Expr], ...]

    def __new__(cls, *_: object, **__: object) -> Self:
        """Refuse: this is also where `dataclasses.replace`, `copy.replace` and unpickling end."""
        raise ProofError("only `prove` makes a Proof")

    def __init_subclass__(cls) -> Never:
        """Refuse: an instance of another class could say that it is a proof."""
        raise ProofError("a Proof has no subclasses: only `prove` makes one")

    def __repr__(self) -> str:
        parts = (f"{len(self.lemmas)} lemmas", f"{len(self.axioms)} axioms", f"{len(self.conditions)} conditions")
        computed = ", ".join(self.computed) or "nothing"
        where = f" where {', '.join(f'{name} = {value}' for name, value in self.where)}" if self.where else ""
        said = f"{self.claim.name}{where}: {self.steps} steps; {', '.join(parts)}"
        return f"<Proof of {said}; computed, not proved: {computed}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> Never:
        raise ProofError("a Proof is not pickled; save its derivation as a proof file, and replay that")

    def __setstate__(self, _: object) -> Never:
        raise ProofError("a Proof is not unpickled; replay a proof file")


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
    except KLError as error:  # a claim that has no statement
        raise ProofError(str(error)) from error


def _proof(derivation: Derivation) -> Proof:
    proved: dict[str, tuple[Claim, Equation]] = {}
    arithmetic = Arithmetic()
    require_derivation(derivation, arithmetic.spend)
    parts = list(derivation.with_lemmas())
    for part in parts:
        proved[part.name] = (part.claim, _prove_chain(part, proved, arithmetic))
    claim, equation = proved[derivation.name]
    axioms, conditions = _leans_on(parts, proved)
    return _made(
        claim=claim,
        statement=equation,
        axioms=tuple(sorted(axioms)),
        computed=(),
        conditions=conditions,
        lemmas=tuple(name for name in proved if name != derivation.name),
        steps=sum(len(part.steps) for part in parts),
        derivation=derivation,
        where=(),
    )


def _made(**findings: object) -> Proof:
    """Make a proof: `_proof` calls this, and `specialise`, and nobody else."""
    made: Proof = object.__new__(Proof)
    for name in Proof.__slots__:
        object.__setattr__(made, name, findings[name])
    return made


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
        _prove_step(step, {}, arithmetic)
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
    algebra = Canon(frozenset(), {}, arithmetic)
    for side in (step.before, step.after):
        require_meaning(side, algebra)
    for citation in step.cites:
        if citation.name not in proved:
            raise ProofError(f"cites {citation.name}, which is not proved before")
    if remainder(step, _reader(rule.theories, step, proved, arithmetic)):
        raise ProofError("the two sides are not equal by this rule")


def _reader(
    theories: frozenset[str], step: Step, proved: dict[str, tuple[Claim, Equation]], arithmetic: Arithmetic
) -> Canon:
    """Return what reads the sides of a step by the laws of some theories and the equations that it cites."""
    plain, algebra = Canon(theories, {}, arithmetic), Canon(frozenset(), {}, arithmetic)
    equations: dict[Atom, Poly] = {}
    for citation in step.cites:
        atom, value = _as_rewriting(_instance(citation, *proved[citation.name], algebra), plain)
        equations[atom] = value
    return Canon(theories, equations, arithmetic)


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


def _leans_on(
    parts: list[Derivation], proved: dict[str, tuple[Claim, Equation]]
) -> tuple[set[str], tuple[Condition, ...]]:
    """Return the axioms and conditions of the last part, and of what it cites, directly or not."""
    axioms: set[str] = set()
    conditions: dict[Condition, None] = {}
    *_, outermost = parts
    cited = {outermost.name}
    for part in reversed(parts):
        if part.name in cited:
            cited |= {citation.name for step in part.steps for citation in step.cites}
    arithmetic = Arithmetic()
    for part in parts:
        for step in part.steps if part.name in cited else ():
            used = uses(step, cache(partial(_reader, step=step, proved=proved, arithmetic=arithmetic)))
            axioms |= used.axioms
            conditions |= dict.fromkeys(used.conditions)
    conditions |= dict.fromkeys(Condition("positive", p) for p in laws(outermost.claim).parameters if p.is_positive)
    if outermost.statement.left.has(ONE_COORDINATE):
        conditions[Condition("coordinate", ONE_COORDINATE)] = None
    return axioms, tuple(conditions)

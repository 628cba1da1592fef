"""What a proved step leans on: the axioms without which it does not hold, and their conditions.

A law that a rule allows is not always needed. So each axiom is left out in turn: if both sides still read the same, it
was not used. Otherwise it acted on those integrals that read otherwise with it, and whose difference it makes vanish.

The conditions say when the laws hold.

``integrable``
    The integral of f + g is that of f plus that of g if two of the three converge absolutely; then so does the third.
    So the parts into which an integral is split are listed, or from which one is put together, and not the whole; but
    that too if the step does not have all its parts. Fubini's theorem for a product density needs that the integral
    over all coordinates converges absolutely. By Tonelli's theorem it does if that over one coordinate does, which is
    listed instead if the step has it.
``interchange``
    The derivative with respect to theta of the integral of T p is the integral of T dp/d(theta), where T is free of
    theta: a derivative of an integral, such as ``Diff(Integral(x*p, ...), theta)``, moves through that integral. That
    both converge, and absolutely, is part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import NamedTuple

from kl_symbolic.errors import ProofError
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.integrals import fubini, leibniz, linear, normalisation
from kl_symbolic.kernel.polynomial import Atom, Poly, number, variable
from kl_symbolic.kernel.rules import AXIOMS, RULES, Rule
from kl_symbolic.kernel.theory import Theory
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.parameters import bound_of
from kl_symbolic.terms import Symbol, Term, parts

CANDIDATES = (*AXIOMS, normalisation)
ACTING_ON_INTEGRALS = (linear, fubini, leibniz, normalisation)


class Condition(NamedTuple):
    """A condition under which the equation is proved: a kind and its subject.

    Kinds: ``positive`` (a parameter), ``unit`` (one that lies between 0 and 1), ``above`` (one that has a bound),
    ``integrable`` (an integral on which linearity or Fubini's theorem acts), ``interchange`` (a derivative of an
    integral, through which it moves), ``coordinate`` (an index from 1 to n).
    """

    kind: str
    subject: Term

    def __str__(self) -> str:
        if self.kind == "above":
            return f"{self.subject} > {bound_of(self.subject)}"
        return {
            "positive": f"{self.subject} > 0",
            "unit": f"0 < {self.subject} < 1",
            "integrable": f"{self.subject} converges absolutely",
            "interchange": f"{self.subject}: the derivative moves through the integral",
            "coordinate": f"1 <= {self.subject} <= n",
        }[self.kind]


class Uses(NamedTuple):
    """The axioms that a step leans on, and their conditions."""

    axioms: frozenset[str]
    conditions: tuple[Condition, ...]


def remainder(step: Step, canon: Canon) -> list[Poly]:
    """Return the differences of the two sides that do not vanish, component by component: none if the step holds."""
    sides: list[tuple[Term, ...]] = [(step.before,), (step.after,)]
    if all(side.head == "Vector" for (side,) in sides) and len(step.before.args) == len(step.after.args):
        sides = [step.before.args, step.after.args]
    arithmetic = canon.arithmetic
    differences = (
        arithmetic.add([canon.read(before), arithmetic.mul(number(-1), canon.read(after))])
        for before, after in zip(*sides, strict=True)
    )
    return [difference for difference in differences if not arithmetic.is_zero(difference)]


def uses(step: Step, reader: Callable[[Rule], Canon]) -> Uses:
    """Return what a proved step leans on.

    Parameters
    ----------
    step
        The step.
    reader
        Returns what reads its sides by the laws of a rule.
    """
    needed = RULES[step.rule]
    for law in CANDIDATES:
        if needed.has(law) and not remainder(step, reader(needed.without(law))):
            needed = needed.without(law)
    # Only now, for what is left over without a law depends on the others that are there.
    left = {law: _atoms(remainder(step, reader(needed.without(law)))) for law in CANDIDATES if needed.has(law)}
    axioms = {AXIOMS[law] for law in left if law in AXIOMS}
    conditions: list[Condition] = []
    for law in ACTING_ON_INTEGRALS:
        if law in left:
            action = _action(step, reader(needed.without(law)), reader(needed), left[law])
            axioms |= set(_normalised(action)) if law in (normalisation, fubini) else set()
            conditions += _conditions(action, law)
    return Uses(frozenset(axioms), tuple(conditions))


class _Action(NamedTuple):
    """What a law did: the integrals that it rewrote, and the integrals and derivatives that it made of them."""

    rewritten: dict[Term, tuple[Poly, frozenset[Atom]]]  # as they read without the law, and the atoms with it
    made: dict[Term, frozenset[Atom]]


def _action(step: Step, without: Canon, with_it: Canon, left: frozenset[Atom]) -> _Action:
    rewritten, others = {}, {}
    for node in _acted_on(step):
        old, new = without.read(node), with_it.read(node)
        outer = frozenset(atom for monomial in old.terms for atom, _ in monomial)
        if old != new and outer & left and node.head == "Integral":
            rewritten[node] = old, _atoms([new])
        else:
            others[node] = outer
    results = frozenset().union(*(new for _, new in rewritten.values()))
    return _Action(rewritten, {node: outer for node, outer in others.items() if outer & results})


def _conditions(action: _Action, law: Theory) -> Iterator[Condition]:
    if law is leibniz:
        yield from (Condition("interchange", node) for node in action.made if node.head == "Diff")
    if law in (linear, fubini):
        integrals = {node: outer for node, outer in action.made.items() if node.head == "Integral"}
        known = frozenset().union(*integrals.values())
        yield from (Condition("integrable", node) for node in integrals)
        for node, (_, new) in action.rewritten.items():
            if not {atom for atom in new if atom.head == "Integral"} <= known:
                yield Condition("integrable", node)


def _normalised(action: _Action) -> Iterator[str]:
    """Yield an axiom for each family whose density was integrated."""
    for old, _ in action.rewritten.values():
        for atom in _atoms([old]):
            match atom:
                case Atom("Integral", (Poly() as body, Symbol() as x, *_)):
                    point = variable(Atom("Symbol", (x,)))
                    densities = (a.args for monomial in body.terms for a, _ in monomial if a.head == "Density")
                    for law, at in densities:
                        if at in (x, point):
                            yield f"normalisation of the {_family(law)} density"


def _family(law: Hashable) -> str:
    match law:
        case Atom("ProductLaw", (inner, *_)):
            return _family(inner)
        case Atom("Law", (str() as family, *_)):
            return family
    raise ProofError(f"not a law: {law}")


def _acted_on(step: Step) -> list[Term]:
    """Return the integrals and derivatives of a step, each once, in the order in which they stand."""
    nodes = (node for side in (step.before, step.after) for node in parts(side))
    return list(dict.fromkeys(node for node in nodes if node.head in ("Integral", "Diff")))


def _atoms(polys: Iterable[Poly]) -> frozenset[Atom]:
    """Return all atoms, those within others too."""
    found: set[Atom] = set()
    waiting: list[Hashable] = list(polys)
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, Poly):
            waiting += (atom for monomial in thing.terms for atom, _ in monomial)
        elif isinstance(thing, Atom) and thing not in found:
            found.add(thing)
            waiting += thing.args
    return frozenset(found)

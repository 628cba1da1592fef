"""A derivation in the making."""

from __future__ import annotations

from sympy import Basic, Expr

from kl_symbolic.engine.heads import expression
from kl_symbolic.engine.special import collected
from kl_symbolic.engine.tactics import Tactic
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import left_side
from kl_symbolic.terms.sympy import inert, read


class Chain:
    """A derivation in the making: the current expression, the steps so far and the lemmas they cite."""

    def __init__(self, question: Question) -> None:
        self.question, self.stage = question, left_side(question)
        self.now = expression(self.stage)
        self.steps: list[Step] = []
        self.lemmas: dict[str, Derivation] = {}

    def then(self, rule: str, tactic: Tactic, *lemmas: Derivation) -> Chain:
        """Apply a tactic, which may rest on lemmas; a step that would change nothing is left out."""
        return self.cite(rule, tactic, {Citation(lemma.name): lemma for lemma in lemmas})

    def cite(self, rule: str, tactic: Tactic, cited: dict[Citation, Derivation]) -> Chain:
        """Apply a tactic that rests on equations with expressions in place of their parameters."""
        after = tactic(self.now)
        if after != self.now:
            stage = read(after)
            self.steps.append(Step(rule, self.stage, stage, tuple(cited)))
            self.lemmas |= {lemma.name: lemma for lemma in cited.values()}
            self.now, self.stage = after, stage
        return self

    def replace(self, rule: str, cited: dict[Basic, tuple[Citation, Derivation]]) -> Chain:
        """Replace quantities by the values that other derivations give them."""
        values = {quantity: cited_value(*pair) for quantity, pair in cited.items()}
        return self.cite(rule, lambda e: e.xreplace(values), dict(cited.values()))

    def collected(self) -> Chain:
        """Collect, and work out values of functions at numbers, which stand where a condition gives a parameter one."""
        return self.then("collect", collected)

    def done(self) -> Derivation:
        """Return the derivation."""
        return Derivation(self.question, tuple(self.steps), tuple(self.lemmas.values()))


def cited_value(citation: Citation, lemma: Derivation) -> Expr:
    """Return what a cited equation says that its left side is."""
    right: Expr = inert(lemma.statement.right)
    return right.xreplace({inert(parameter): inert(value) for parameter, value in citation.substitution})

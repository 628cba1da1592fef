"""Whose divergences are measured: all pairs of laws of which a family states a stable form, and discrete laws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

from kl_symbolic import NoClosedFormError, closed_form
from kl_symbolic.closed_forms.form import ClosedForm
from kl_symbolic.code.error_bound import ErrorBound, error_bounds
from kl_symbolic.code.stable_program import StableProgram, asked, stable_program
from kl_symbolic.families import Parameter, all_families, find
from kl_symbolic.numeric.discrete import DIVERGENCE
from kl_symbolic.numeric.formula import Formula
from kl_symbolic.numeric.laws import formula_for

DISCRETE = "discrete"
NAMED = {  # functions with a name of their own, which are measured at more sizes
    DISCRETE: "kl_discrete",
    "normal-normal-std": "kl_normal",
    "normal-normal-logvar": "kl_diag_normal",
    "normal-standard_normal-logvar": "kl_standard_normal",
}


@dataclass(frozen=True)
class Pair:
    """Two laws of one coordinate, in the parameterisation of both.

    The divergence of two discrete laws, sum of p log(p/q) - p + q, is that of Poisson laws with these means.
    """

    p: str
    q: str
    param: str

    @property
    def name(self) -> str:
        """What the pair is called here."""
        return f"{self.p}-{self.q}-{self.param}" if self.param else self.p

    @property
    def is_discrete(self) -> bool:
        """Whether these are probabilities, given as arrays."""
        return self.p == DISCRETE

    @cached_property
    def formula(self) -> Formula:
        """What our functions compute."""
        return DIVERGENCE if self.is_discrete else formula_for(self.p, self.q, self.param)

    @cached_property
    def closed(self) -> ClosedForm:
        """The proved closed form for one coordinate."""
        return closed_form("poisson", "poisson") if self.is_discrete else closed_form(self.p, self.q, param=self.param)

    @cached_property
    def slopes(self) -> ClosedForm:
        """The proved closed forms of its derivatives."""
        return self.closed.gradient()

    @cached_property
    def stated(self) -> StableProgram:
        """What the families say of the parameters."""
        p, q, param = ("poisson", "poisson", None) if self.is_discrete else (self.p, self.q, self.param)
        return stable_program(asked(p, q, param))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters, those of P first."""
        return self.formula.value.program.arguments

    @property
    def records(self) -> tuple[Parameter, ...]:
        """What the families say of each parameter."""
        return tuple(self.stated.parameters.values())

    @property
    def is_of_one_family(self) -> bool:
        """Whether both laws have the same parameters, so that they are equal where these are."""
        return self.p == self.q

    @cached_property
    def bounds(self) -> tuple[ErrorBound, ...]:
        """The bounds of the errors of the value and of each derivative, for arguments in their stated domain."""
        if self.is_discrete:
            return error_bounds(self.formula.value.program, self.formula.within)
        return *self.closed.error_bound, *self.slopes.error_bound

    @property
    def products(self) -> tuple[str, str]:
        """The names of laws of several coordinates."""
        p, q = (name if find(name).fixed is not None else f"diagonal_{name}" for name in (self.p, self.q))
        return p, q


@cache
def pairs() -> dict[str, Pair]:
    """Return all pairs by their names, those of which functions have a name first."""
    found = [Pair(DISCRETE, DISCRETE, "")]
    for family in all_families().values():
        for form in family.stable_forms:
            names = [(family.name, form.partner or family.name)]
            if not form.partner:
                names += [pair for name in family.members for pair in ((family.name, name), (name, family.name))]
            found += [Pair(p, q, form.param or family.default) for p, q in names if _has_form(p, q, form.param)]
    return {pair.name: pair for pair in sorted(found, key=lambda pair: pair.name not in NAMED)}


def _has_form(p: str, q: str, param: str) -> bool:
    """Whether there is one for named members of a family, too, of which not every parameterisation knows the values."""
    try:
        formula_for(p, q, param or None)
    except NoClosedFormError:
        return False
    return True

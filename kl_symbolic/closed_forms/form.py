"""Closed forms as functions: to call with numbers and arrays, differentiate, print, and write in other languages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Unpack

import sympy
from sympy import Expr

from kl_symbolic import api, engine, render
from kl_symbolic.arguments import checked
from kl_symbolic.closed_forms.computed import Computed
from kl_symbolic.closed_forms.exact_values import ExactValues
from kl_symbolic.closed_forms.segment import Segment
from kl_symbolic.closed_forms.words import words_of_code
from kl_symbolic.code.decimals import DIGITS_OF_A_FLOAT
from kl_symbolic.code.error_bound import ErrorBound
from kl_symbolic.code.targets import source_code
from kl_symbolic.derivation import Derivation
from kl_symbolic.divergences import DEFAULT_QUANTITY, all_quantities, find_quantity
from kl_symbolic.errors import RequestError
from kl_symbolic.families import find
from kl_symbolic.functions import Domain
from kl_symbolic.kernel import Proof
from kl_symbolic.numeric import evaluate
from kl_symbolic.numeric.formula import Formula, Routine
from kl_symbolic.proof.question import Law, Param, Unit
from kl_symbolic.proof.special import put_in
from kl_symbolic.proof.stable_terms import tidied
from kl_symbolic.terms.sympy import ordinary, with_coordinates

PROMISED = 64  # eps, beyond which a number is computed again


@checked
def closed_form(
    p: Law | str | object,
    q: Law | str | object | None = None,
    *,
    where: str | Sequence[str] | None = None,
    quantity: str = DEFAULT_QUANTITY,
    param: Param | str | None = None,
    param_p: Param | str | None = None,
    param_q: Param | str | None = None,
    dim: int | None = None,
    unit: Unit = "nats",
) -> ClosedForm:
    """Return a proved closed form as a function.

    Parameters
    ----------
    p, q, where, quantity, param, param_p, param_q, dim, unit
        As `derive` takes them; of the quantities those that are numbers, and ``"gradient"``.

    Raises
    ------
    NoClosedFormError
        If there is no closed form; `InfiniteDivergenceError`, with a proof, if the divergence is infinite.
    RequestError
        If an option does not fit, or the quantity is none that can be computed.

    Examples
    --------
    >>> f = closed_form("normal", "normal")
    >>> f.expr
    log(sigma_2/sigma_1) - 1/2 + (sigma_1**2 + (mu_1 - mu_2)**2)/(2*sigma_2**2)
    >>> f.stable
    itakura_saito(sigma_1, sigma_2) + (mu_1 - mu_2)**2/(2*sigma_2**2) + (sigma_1 - sigma_2)**2/(2*sigma_2**2)
    >>> float(f(mu_1=0, sigma_1=1, mu_2=1e-9, sigma_2=1))
    5e-19
    """
    found = find_quantity(quantity)
    if found.restates or not (found.is_number or found.differentiated):
        known = (one.name for one in all_quantities().values() if one.is_number or one.name == "gradient")
        raise RequestError(f"a closed form to compute is one of {', '.join(known)}, given: {quantity}")
    made = api.derive(
        p, q, where=where, quantity=quantity, param=param, param_p=param_p, param_q=param_q, dim=dim, unit=unit
    )
    return ClosedForm(made)


@dataclass(frozen=True)
class ClosedForm:
    """A closed form: an expression, its proof, and a function of numbers and arrays.

    Attributes
    ----------
    derivation
        How it is derived, to read and print.

    Examples
    --------
    >>> f = closed_form("diagonal_normal", "standard_normal", param="logvar")
    >>> f.parameters
    ('mu', 'logvar')
    >>> f(mu=[0.5, 0.0], logvar=[0.0, 0.0])
    np.float64(0.125)
    >>> [component.tolist() for component in f.gradient()(mu=[0.5, 0.0], logvar=[0.0, 0.0])]
    [[0.5, 0.0], [0.0, 0.0]]
    """

    derivation: Derivation

    def __repr__(self) -> str:
        return f"<closed form of {self.derivation.name}: {self.expr}>"

    def __getstate__(self) -> dict[str, Derivation]:
        return {"derivation": self.derivation}  # the rest is worked out again

    @property
    def expr(self) -> Expr:
        """The closed form as an expression of SymPy, whose symbols are those of ``sympy.symbols("mu_1")``."""
        return _plain(self.derivation.closed_form)

    @property
    def stable(self) -> Expr | None:
        """The form that keeps its digits, which is what is computed; None where none is known: see `segment`."""
        found = self._computed.restated(self.derivation.question)
        if found is None:
            return None
        special = self.derivation.special
        term = tidied(put_in(found.statement.right, special.values)) if special else found.statement.right
        return _plain(with_coordinates(ordinary(special.renamed(term) if special else term)))

    def latex(self, **options: Unpack[render.NotationFields]) -> str:
        r"""Return the closed form in LaTeX; the options are the fields of `Notation`.

        Examples
        --------
        >>> closed_form("exponential", "exponential").latex(log="ln")
        '\\ln\\frac{\\lambda_1}{\\lambda_2} + \\frac{\\lambda_2}{\\lambda_1} - 1'
        """
        document = self.derivation.document(stages=(), **options)
        return render.latex(document.theorem.right)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the arguments, those of P first."""
        return tuple(self._computed.parameters)

    @cached_property
    def proof(self) -> Proof:
        """The proof of the closed form."""
        return api.prove(self.derivation)

    @cached_property
    def stable_proof(self) -> Proof | None:
        """The proof that the divergence is what is computed; None where no stable form is known."""
        found = self._computed.restated(self.derivation.question)
        return None if found is None else api.prove(found)

    @property
    def segment(self) -> Segment | None:
        """The integral that is computed near P = Q where no stable form is known; None where there is none.

        Raises
        ------
        ProofError
            If it is not proved to be the divergence.

        Examples
        --------
        >>> closed_form("gamma", "exponential").segment
        """
        return self._computed.segment

    @property
    def conditions(self) -> tuple[str, ...]:
        """Where it holds: the domains of the parameters, and what the question says of them."""
        domains = [(name, space.domain) for name, space in self._computed.spaces.items()]
        positive = [f"{name} > 0" for name, domain in domains if domain.positive]
        below_1 = [f"{name} < 1" for name, domain in domains if domain is Domain.UNIT]
        return (*positive, *below_1, *self._computed.bounds)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the densities are printed."""
        named = (self.derivation.question.p, self.derivation.question.q)
        return tuple(dict.fromkeys(source for name in named if name for source in find(name).family.sources))

    @property
    def edges(self) -> tuple[tuple[str, int, Expr], ...]:
        """Parameters that may be at the end of their domain, too: the name, the end, and the value there, a limit.

        Examples
        --------
        >>> closed_form("poisson", "poisson").edges
        (('lambda_1', 0, lambda_2),)
        """
        edges = self._computed.edges
        named = ((name, edges.get(symbol, {})) for name, symbol in self._computed.symbols.items())
        return tuple((name, at, _plain(ordinary(value))) for name, ends in named for at, value in ends.items())

    @property
    def error_bound(self) -> tuple[ErrorBound, ...]:
        """How much of what is computed is rounding, for ordinary arguments and more; one bound for each value."""
        return self._computed.error_bounds

    @cached_property
    def _computed(self) -> Computed:
        return Computed(self.derivation)

    def code(self, target: str = "numpy") -> str:
        """Return a function in another language, with its conditions, error bound and the identifier of its proof.

        Parameters
        ----------
        target
            ``"numpy"``, ``"torch"``, ``"jax"``, ``"numba"``, ``"c"``, ``"julia"``, ``"javascript"`` or ``"rust"``.
        """
        words = words_of_code(self._computed, self.expr, self.stable, self.stable_proof or self.proof)
        return source_code(replace(self._computed.program, words=words), target)

    def __call__(self, /, **parameters: Any) -> Any:
        """Compute it at parameters: numbers, or arrays of NumPy, torch, JAX or Dask, which broadcast.

        Parameters
        ----------
        **parameters
            By name; a name that is a word of Python (``lambda``) is also called by its meaning (``rate``). Of product
            laws they are vectors, their coordinates along the last axis, over which the result is the sum.

        Returns
        -------
        array
            In the unit of the question; of a gradient a tuple, one for each parameter.

        Raises
        ------
        RequestError
            If a parameter is missing, unknown, or out of its domain.
        """
        computed = self._computed
        arguments = computed.arguments(parameters)
        if not arguments:
            return float(self.evaluate(DIGITS_OF_A_FLOAT))
        routine = self._formula.value
        found = evaluate.results(self._formula, routine, arguments, computed.axis_of(arguments))
        return tuple(found) if computed.is_gradient else found[0]

    @cached_property
    def _formula(self) -> Formula:
        computed = self._computed
        bounded = all(math.isfinite(bound.eps) for bound in computed.error_bounds)
        return Formula(
            Routine(replace(computed.program, summed=False)),
            spaces=computed.spaces,
            within=computed.within if bounded else {},
            eps=PROMISED,
            exact=lambda _, point: self._at(point),
            compiled=False,
        )

    def _at(self, point: Mapping[str, float]) -> tuple[float, ...]:
        """Return what is computed for one coordinate, to all digits of a float."""
        found = self._exact(DIGITS_OF_A_FLOAT).at(point)
        return tuple(map(float, found)) if self._computed.is_gradient else (float(found),)

    def _exact(self, digits: int) -> ExactValues:
        computed = self._computed
        return ExactValues(computed.closed, computed.symbols, digits, computed.lows, computed.edges)

    def evaluate(self, /, digits: int = 50, **parameters: Any) -> Any:
        """Compute it at one point to any number of digits.

        Parameters
        ----------
        digits
            How many, 1 to 10000.
        **parameters
            Exact numbers by name: integers, fractions, decimals (``"0.1"`` is one tenth), numbers of mpmath; a float is
            what it is in binary. Of product laws sequences of them.

        Returns
        -------
        Any
            A number of mpmath with all its digits right; of a gradient a tuple, whose entries are tuples for product
            laws.

        Raises
        ------
        RequestError
            If a parameter is missing, unknown, no number, or out of its domain; or if the digits cannot be had, because
            too many of them cancel.

        Examples
        --------
        >>> closed_form("normal", "normal").evaluate(30, mu_1=0, sigma_1=1, mu_2="0.1", sigma_2=1)
        mpf('0.005')
        """
        exact, computed, arguments = self._exact(digits), self._computed, self._computed.arguments(parameters)
        return exact.summed_at(arguments, computed.question.dim) if computed.is_product else exact.at(arguments)

    def gradient(self) -> ClosedForm:
        """Return the closed form of its derivatives by all parameters.

        Raises
        ------
        RequestError
            If parameters have values: leave these out, and put them into the result.

        Examples
        --------
        >>> list(closed_form("exponential", "exponential").gradient().expr)
        [1/lambda_1 - lambda_2/lambda_1**2, -1/lambda_2 + 1/lambda_1]
        """
        question = self.derivation.question
        if not find_quantity(question.quantity).is_divergence:
            raise RequestError(
                f"the gradient of the divergence has a closed form here, that of {question.name} has none"
            )
        if self.derivation.is_special:
            raise RequestError(
                "a gradient is taken by free parameters; leave the values out, and put them into the result"
            )
        return ClosedForm(Derivation(engine.derive(replace(question, quantity="gradient"))))


def _plain(expr: Expr) -> Expr:
    """Return an expression with symbols of which nothing is assumed, as people make them."""
    symbols = {
        s: sympy.Symbol(s.name) for s in expr.atoms(sympy.Symbol) if s.assumptions0 != sympy.Symbol(s.name).assumptions0
    }
    made: Expr = expr.xreplace(symbols)
    return made

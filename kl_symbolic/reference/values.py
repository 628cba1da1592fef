"""Values of closed forms at exact points, to digits that are all certain."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from kl_symbolic.errors import MissingProgramError, ProofError
from kl_symbolic.kernel import prove_step
from kl_symbolic.numbers import (
    Bounds,
    MissingFunctionError,
    UnresolvedError,
    certain_decimals,
    has_arb,
    narrowing_bounds,
)
from kl_symbolic.proof.derivation import Step
from kl_symbolic.reference.doubles import LARGEST_DOUBLE, LEAST_NORMAL, is_normal
from kl_symbolic.terms import Number, Symbol, Term, substitute

SIMPLE = (Fraction(0), Fraction(1))  # numbers that are put in before a term is said to be 0


class CertainValues:
    """Values of terms at points, to a number of digits.

    A value counts if every digit is certain, and if it is a normal number of double precision, or 0.

    Parameters
    ----------
    digits
        How many digits.
    any_size
        Whether a value counts too that is no normal number of double precision.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> x, y = Symbol("x"), Symbol("y")
    >>> one = Fraction(1, 3)
    >>> values = CertainValues(5)
    >>> values.decimals(x - y / 2, {x: one, y: one}), values.decimals(Term("exp", x) - Term("exp", y), {x: one, y: one})
    ('1.6667e-1', '0')
    """

    def __init__(self, digits: int, *, any_size: bool = False) -> None:
        self._digits, self._any_size = digits, any_size
        self._zeros: dict[Term, bool] = {}
        self.reason = ""  # why the last value that was not found was not

    def decimals(self, term: Term, values: Mapping[Term, Fraction]) -> str | None:
        """Return the value of a written-out term in decimals; None if it is not found, or does not count.

        Raises
        ------
        MissingProgramError
            If it needs a function that only python-flint has, and that is not installed.
        """
        self.reason = "the value is too large or too small for double precision"
        try:
            for bounds in narrowing_bounds(term, values, self._digits):
                if not self._any_size and _is_out_of_range(bounds):
                    return None
                text = certain_decimals(bounds, self._digits)
                if text is not None:
                    counts = self._any_size or text == "0" or (is_normal(bounds.low) and is_normal(bounds.high))
                    return text if counts else None
                if bounds.low <= 0 <= bounds.high and self._is_zero(term, values):
                    return "0"
        except MissingFunctionError as error:
            if has_arb():
                raise
            raise MissingProgramError(f"{error}; python-flint has them: pip install 'kl_symbolic[exact]'") from error
        except UnresolvedError as error:
            self.reason = str(error)
            return None
        self.reason = "too many digits cancel"
        return None

    def _is_zero(self, term: Term, values: Mapping[Term, Fraction]) -> bool:
        """Whether the kernel proves that a term is 0 where those parameters are equal that have one value here."""
        first: dict[Fraction, Term] = {number: Number(number) for number in SIMPLE}
        # Those of which it is known that they are positive first: log(mu/mu) says nothing of a mu that may be negative.
        ordered = sorted(values, key=lambda one: not (isinstance(one, Symbol) and one.domain.positive))
        equal = {symbol: first.setdefault(values[symbol], symbol) for symbol in ordered}
        at = substitute(term, {symbol: other for symbol, other in equal.items() if symbol is not other})
        if at not in self._zeros:
            try:
                prove_step(Step("collect", at, Number(0)))
                self._zeros[at] = True
            except ProofError:
                self._zeros[at] = False
        return self._zeros[at]


def _is_out_of_range(bounds: Bounds) -> bool:
    """Whether a number is certainly beyond the largest double, or is not 0 and below the normal ones."""
    low, high = bounds
    if low > LARGEST_DOUBLE or high < -LARGEST_DOUBLE:
        return True
    return -LEAST_NORMAL < low <= high < LEAST_NORMAL and not low <= 0 <= high

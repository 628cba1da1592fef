"""What a quantity is: plain data, without any symbolic or numeric library.

Formulas are functions of a *namespace* ``m`` and the laws, ``lambda m, p, q: m.KL(p, q) - m.KL(q, p)``. It has the
functions of `kl_symbolic.functions` and ``m.KL``, ``m.Entropy``, ``m.CrossEntropy``, ``m.expectation(statistic, p)``,
``m.log_density(p)`` and ``m.derivative(value, parameter)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kl_symbolic.functions import Formula

# How a quantity is derived: `kl_symbolic.engine` has a function for each.
Plan = Literal["divergence", "expectation", "combination", "decomposition", "gradient", "stable", "moment", "score"]
# Of which laws the catalogue has it: each family and itself, all pairs, products, and pairs with a named member.
Listing = Literal["families", "pairs", "products", "members"]


@dataclass(frozen=True)
class Quantity:
    """What can be asked of one or two laws.

    Parameters
    ----------
    name
        What it is asked for by, and the beginning of the names of its derivations.
    title, heading
        The name people use; and what stands above a derivation, where that is not the title. ``{of}`` in it is what
        the quantity is of.
    words, reverse
        What it is in a sentence, "the divergence KL(P ‖ Q)"; and what it is with the laws exchanged, if that is another
        quantity with a name of its own.
    left
        The left-hand side of its statement: ``left(m, p, q)``, or ``left(m, p)`` of one law. If it is `of` something,
        that comes last: the family's record of the moment, or the parameter. Each divergence and cross-entropy in it
        must be finite.
    plan
        How it is derived: ``"divergence"`` as cross-entropy minus entropy or directly, ``"expectation"`` directly,
        ``"combination"`` from the theorems about the parts of its left-hand side; the others are about the quantities
        of that name.
    laws
        Of how many laws it is asked.
    right
        The right-hand side, where that is known beforehand and no closed form.
    of
        What it is of, if anything.
    restates
        The name of the quantity of which it is another form.
    differentiated
        Whether the statement is about the derivatives of the left-hand side by all parameters.
    bits
        Whether it can be stated in bits.
    distinct
        Whether there is nothing to state if both laws are the same.
    listed
        Where the catalogue has it.
    also
        Other ways to write its left-hand side, ``formula(m, p, q)``.
    spellings
        What people call it on the left of a formula, in lower case; several words count if all are there. A quantity
        may be called by what its left-hand side is made of, too.
    letters
        Letters for it, where its arguments follow in parentheses.
    besides
        Combinations without a name of their own here that people write: in words, and as a formula like `left`.
    """

    name: str
    title: str
    words: str
    left: Formula
    plan: Plan
    laws: int = 2
    heading: str = ""
    reverse: str = ""
    right: Formula | None = None
    of: Literal["", "moment", "parameter"] = ""
    restates: str = ""
    differentiated: bool = False
    bits: bool = True
    distinct: bool = False
    listed: tuple[Listing, ...] = ("families",)
    also: tuple[Formula, ...] = ()
    spellings: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    besides: tuple[tuple[str, Formula], ...] = ()

    @property
    def is_divergence(self) -> bool:
        """Whether it is the divergence itself."""
        return self.plan == "divergence"

    @property
    def is_number(self) -> bool:
        """Whether it is one number for given laws, and its statement a closed form of that."""
        return not (self.of or self.differentiated or self.right or self.restates)

"""Decide whether a formula that somebody wrote is the proved closed form."""

from kl_symbolic.claims.check import Counterexample, Verdict, check
from kl_symbolic.claims.formula import formula

__all__ = ["Counterexample", "Verdict", "check", "formula"]

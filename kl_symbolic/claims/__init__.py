"""Decide whether a formula that somebody wrote is the proved closed form."""

from kl_symbolic.claims.equation import formula, read
from kl_symbolic.claims.formula import Reading
from kl_symbolic.claims.verdict import Counterexample, JudgedSide, Verdict, check

__all__ = ["Counterexample", "JudgedSide", "Reading", "Verdict", "check", "formula", "read"]

"""Decide whether a formula that somebody wrote is the proved closed form."""

from kl_symbolic.claims.equation import formula, read
from kl_symbolic.claims.judging import check
from kl_symbolic.claims.verdict import Counterexample, JudgedSide, Verdict
from kl_symbolic.reading.formula import Reading
from kl_symbolic.reading.meaning import Meaning

__all__ = ["Counterexample", "JudgedSide", "Meaning", "Reading", "Verdict", "check", "formula", "read"]

"""Cross-check derivations by numbers: their statements and stages, and the functions on arrays.

Two expressions that a derivation says are equal are evaluated at random exact points, by routes that share nothing with
what writes derivations or proves them. `verify` returns a report with three answers: what is unknown is no pass.
"""

from kl_symbolic.checks.crosscheck import verify
from kl_symbolic.checks.many import verify_each
from kl_symbolic.checks.report import SPECIAL, Check, Report

__all__ = ["SPECIAL", "Check", "Report", "verify", "verify_each"]

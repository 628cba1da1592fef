"""The engine: it writes derivations and may be as clever as it likes, for nothing it says is believed."""

from kl_symbolic.engine.cases import Case, cases
from kl_symbolic.engine.derive import derive, derive_as_asked
from kl_symbolic.engine.limits import limit_at_zero
from kl_symbolic.engine.segment import taylor_form
from kl_symbolic.engine.special import simplified, special, worked_out

__all__ = [
    "Case",
    "cases",
    "derive",
    "derive_as_asked",
    "limit_at_zero",
    "simplified",
    "special",
    "taylor_form",
    "worked_out",
]

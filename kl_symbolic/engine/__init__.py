"""The engine: it writes derivations and may be as clever as it likes, for nothing it says is believed."""

from kl_symbolic.engine.derive import derive
from kl_symbolic.engine.limits import limit_at_zero
from kl_symbolic.engine.special import simplified, special, worked_out

__all__ = ["derive", "limit_at_zero", "simplified", "special", "worked_out"]

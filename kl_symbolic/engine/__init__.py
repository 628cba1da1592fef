"""The engine: it writes derivations and may be as clever as it likes, for nothing it says is believed."""

from kl_symbolic.engine.derive import derive
from kl_symbolic.engine.special import special

__all__ = ["derive", "special"]

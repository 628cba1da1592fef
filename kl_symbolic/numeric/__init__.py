"""Array functions: divergences that stay accurate when P is nearly Q, and in the extremes of the dtype."""

from kl_symbolic.numeric.bernoulli import kl_bernoulli, kl_bernoulli_logits
from kl_symbolic.numeric.differences import (
    difference_of_products,
    digamma_difference,
    digamma_log_difference,
    log_ratio,
    sigmoid,
    sigmoid_difference,
    trigamma_excess,
)
from kl_symbolic.numeric.discrete import cross_entropy_discrete, entropy_discrete, kl_discrete
from kl_symbolic.numeric.histogram import histogram_kl
from kl_symbolic.numeric.laws import kl, kl_grad, kl_value_and_grad
from kl_symbolic.numeric.normal import kl_diag_normal, kl_normal, kl_standard_normal
from kl_symbolic.numeric.normal_gradients import (
    kl_diag_normal_grad,
    kl_diag_normal_value_and_grad,
    kl_normal_grad,
    kl_normal_value_and_grad,
    kl_standard_normal_grad,
    kl_standard_normal_value_and_grad,
)
from kl_symbolic.numeric.remainders import (
    expm1mx,
    gamma_shape_remainder,
    itakura_saito,
    kl_div,
    lgamma1p_remainder,
    lgamma_remainder,
    log1pmx,
    softplus_remainder,
)
from kl_symbolic.numeric.units import in_bits
from kl_symbolic.numeric.vae import vae_loss, vae_loss_value_and_grad

__all__ = [
    "cross_entropy_discrete",
    "difference_of_products",
    "digamma_difference",
    "digamma_log_difference",
    "entropy_discrete",
    "expm1mx",
    "gamma_shape_remainder",
    "histogram_kl",
    "in_bits",
    "itakura_saito",
    "kl",
    "kl_bernoulli",
    "kl_bernoulli_logits",
    "kl_diag_normal",
    "kl_diag_normal_grad",
    "kl_diag_normal_value_and_grad",
    "kl_discrete",
    "kl_div",
    "kl_grad",
    "kl_normal",
    "kl_normal_grad",
    "kl_normal_value_and_grad",
    "kl_standard_normal",
    "kl_standard_normal_grad",
    "kl_standard_normal_value_and_grad",
    "kl_value_and_grad",
    "lgamma1p_remainder",
    "lgamma_remainder",
    "log1pmx",
    "log_ratio",
    "sigmoid",
    "sigmoid_difference",
    "softplus_remainder",
    "trigamma_excess",
    "vae_loss",
    "vae_loss_value_and_grad",
]

"""Who competes: the array kernels, the textbook's lines, and the libraries that people use instead.

A competitor is made when it is needed, so that one that is not installed disturbs nobody: making it raises ImportError.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np

Function: TypeAlias = Callable[..., Any]

KERNELS = {"kl_standard_normal": 2, "kl_diag_normal": 4, "kl_normal": 4, "kl_discrete": 2}  # number of parameters
GRADIENT = "kl_standard_normal"
SWITCH = "KL_SYMBOLIC_NUMBA"  # read when kl_symbolic.numeric is imported; "0" keeps it from compiling

# The lines of every tutorial, for NumPy, torch and JAX alike: xp is one of them.
TEXTBOOK: dict[str, Function] = {
    "kl_standard_normal": lambda xp, m, v: -0.5 * xp.sum(1 + v - m * m - xp.exp(v), axis=-1),
    "kl_diag_normal": lambda xp, m, v, n, w: 0.5 * xp.sum(w - v + (xp.exp(v) + (m - n) ** 2) / xp.exp(w) - 1, axis=-1),
    "kl_normal": lambda xp, m, s, n, t: xp.log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5,
    "kl_discrete": lambda xp, p, q: xp.sum(p * xp.log(p / q), axis=-1),
}

# The same for numexpr: a factor, the terms, and whether they are summed.
EXPRESSIONS = {
    "kl_standard_normal": (-0.5, "1 + v - m*m - exp(v)", "mv"),
    "kl_diag_normal": (0.5, "w - v + (exp(v) + (m - n)**2)/exp(w) - 1", "mvnw"),
    "kl_normal": (None, "log(t/s) + (s**2 + (m - n)**2)/(2*t**2) - 0.5", "msnt"),
    "kl_discrete": (1, "p*log(p/q)", "pq"),
}


@dataclass(frozen=True)
class Competitor:
    """Functions by the name of their kernel, and what makes a NumPy array one of theirs (a copy).

    `gradient` returns the derivatives of the sum of `kl_standard_normal`.
    """

    functions: Mapping[str, Function]
    array: Function = np.array
    gradient: Function | None = None


def by_kernel(build: Callable[[str], Function]) -> dict[str, Function]:
    """Return a function for each kernel, built once so that no time is spent on finding it."""
    return {kernel: build(kernel) for kernel in KERNELS}


def numpy_textbook() -> Competitor:
    """Return the textbook's lines in NumPy."""
    functions = by_kernel(lambda kernel: partial(TEXTBOOK[kernel], np))
    return Competitor(functions, gradient=lambda m, v: (m, 0.5 * (np.exp(v) - 1)))


def scipy_rel_entr() -> Competitor:
    """Return the sum of scipy's relative entropies, which is for discrete laws only."""
    rel_entr = import_module("scipy.special").rel_entr
    return Competitor({"kl_discrete": lambda p, q: np.sum(rel_entr(p, q), axis=-1)})


def scipy_entropy() -> Competitor:
    """Return scipy's entropy, which is for discrete laws only."""
    return Competitor({"kl_discrete": partial(import_module("scipy.stats").entropy, axis=-1)})


def numexpr() -> Competitor:
    """Return the textbook's lines in numexpr, the sum in NumPy."""
    evaluate = import_module("numexpr").evaluate

    def build(kernel: str) -> Function:
        factor, terms, names = EXPRESSIONS[kernel]
        if factor is None:
            return lambda *laws: evaluate(terms, dict(zip(names, laws, strict=True)))
        return lambda *laws: factor * evaluate(terms, dict(zip(names, laws, strict=True))).sum(axis=-1)

    return Competitor(by_kernel(build))


def in_torch(functions: Mapping[str, Function]) -> Competitor:
    """Return a competitor that computes in torch, without a graph but for the gradient."""
    torch = import_module("torch")
    torch.set_grad_enabled(False)

    @torch.enable_grad()
    def gradient(*laws: Any) -> tuple[Any, ...]:
        leaves = [law.clone().requires_grad_() for law in laws]
        grads: tuple[Any, ...] = torch.autograd.grad(functions[GRADIENT](*leaves).sum(), leaves)
        return grads

    return Competitor(functions, torch.tensor, gradient)


def torch_eager() -> Competitor:
    """Return the textbook's lines in torch."""
    torch = import_module("torch")
    return in_torch(by_kernel(lambda kernel: partial(TEXTBOOK[kernel], torch)))


def torch_compile() -> Competitor:
    """Return the textbook's lines, compiled by torch for each shape."""
    os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"  # no pool of processes beside those that are timed
    torch = import_module("torch")
    import_module("torch._dynamo").config.recompile_limit = 1000  # beyond it torch falls back without a word
    return in_torch(by_kernel(lambda kernel: torch.compile(partial(TEXTBOOK[kernel], torch), dynamic=False)))


def torch_distributions() -> Competitor:
    """Return kl_divergence of torch.distributions; the laws are made each time, as in training."""
    torch = import_module("torch")
    laws = torch.distributions
    kl, exp = laws.kl_divergence, torch.exp
    normal, discrete = (partial(law, validate_args=False) for law in (laws.Normal, laws.Categorical))
    joint = partial(laws.Independent, reinterpreted_batch_ndims=1, validate_args=False)

    def standard(m: Any, v: Any) -> Any:
        one = torch.ones((), dtype=m.dtype)
        return kl(normal(m, exp(0.5 * v)), normal(0 * one, one)).sum(-1)

    return in_torch(
        {
            "kl_standard_normal": standard,
            "kl_diag_normal": lambda m, v, n, w: kl(joint(normal(m, exp(0.5 * v))), joint(normal(n, exp(0.5 * w)))),
            "kl_normal": lambda m, s, n, t: kl(normal(m, s), normal(n, t)),
            "kl_discrete": lambda p, q: kl(discrete(p), discrete(q)),
        }
    )


def in_jax(functions: Mapping[str, Function]) -> Competitor:
    """Return a competitor that computes in JAX, compiled, and is done when it returns."""
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)

    def build(kernel: str) -> Function:
        compiled = jax.jit(functions[kernel])
        return lambda *laws: compiled(*laws).block_until_ready()

    gradient = jax.jit(jax.grad(lambda *laws: functions[GRADIENT](*laws).sum(), argnums=(0, 1)))
    return Competitor(by_kernel(build), jax.numpy.array, gradient)


def jax_jit() -> Competitor:
    """Return the textbook's lines in JAX."""
    xp = import_module("jax.numpy")
    return in_jax(by_kernel(lambda kernel: partial(TEXTBOOK[kernel], xp)))


def _ours() -> dict[str, Function]:
    return by_kernel(partial(getattr, import_module("kl_symbolic.numeric")))


def ours_in_numpy() -> Competitor:
    """Return our kernels, kept from compiling; to be made before anything imports them."""
    os.environ[SWITCH] = "0"
    return Competitor(_ours(), gradient=import_module("kl_symbolic.numeric").kl_standard_normal_grad)


def ours_in_numba() -> Competitor:
    """Return our kernels, compiled; to be made before anything imports them.

    Raises
    ------
    ImportError
        If they do not run compiled.
    """
    os.environ.pop(SWITCH, None)
    if find_spec("numba") is None:
        raise ImportError("No module named 'numba'")
    found = Competitor(_ours(), gradient=import_module("kl_symbolic.numeric").kl_standard_normal_grad)
    found.functions["kl_standard_normal"](*np.zeros((2, 4096, 64)))
    if "numba" not in sys.modules:
        raise ImportError("kl_symbolic.numeric did not import numba")
    return found


def ours_on_torch() -> Competitor:
    """Return our kernels for tensors, the gradient by torch."""
    return _probed(in_torch(_ours()))


def ours_on_jax() -> Competitor:
    """Return our kernels for JAX arrays, compiled by JAX as the textbook's lines are, the gradient by JAX."""
    return _probed(in_jax(_ours()))


def _probed(found: Competitor) -> Competitor:
    found.functions["kl_standard_normal"](*(found.array(np.zeros((1, 1))) for _ in range(2)))
    return found


TEXT = "NumPy textbook"
NUMPY, NUMBA = OURS = ("kl_symbolic NumPy", "kl_symbolic Numba")
COMPETITORS: dict[str, Callable[[], Competitor]] = {
    TEXT: numpy_textbook,
    NUMPY: ours_in_numpy,
    NUMBA: ours_in_numba,
    "kl_symbolic torch": ours_on_torch,
    "kl_symbolic JAX": ours_on_jax,
    "torch eager": torch_eager,
    "torch.compile": torch_compile,
    "torch.distributions": torch_distributions,
    "jax.jit": jax_jit,
    "numexpr": numexpr,
    "scipy rel_entr": scipy_rel_entr,
    "scipy entropy": scipy_entropy,
}


def reason(error: BaseException) -> str:
    """Return in one line why a competitor is absent."""
    kind = "not installed" if isinstance(error, ImportError) else f"failed: {type(error).__name__}"
    return f"{kind}: {' '.join(str(error).split())[:160]}"

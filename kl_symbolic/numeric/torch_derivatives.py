"""Derivatives of functions of torch tensors by rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch

Tensor: TypeAlias = Any


def torch_differentiated(
    value: Callable[..., Tensor], slopes: Callable[..., Sequence[Tensor]]
) -> Callable[..., Tensor]:
    """Return a function with derivatives: both take tensors of one shape and are elementwise.

    torch.compile follows no such rule; what it compiles has the derivatives of the steps.
    """
    if torch.compiler.is_compiling():
        return value
    return lambda *tensors: _Rule.apply(value, slopes, *tensors)  # type: ignore[no-untyped-call]


def _product(slope: Tensor, tangent: Tensor) -> Tensor:
    """Return a product that is 0 where nothing changes, even if the slope is infinite."""
    return torch.where(tangent == 0, 0, slope) * tangent


class _Rule(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(value: Callable[..., Tensor], _: Callable[..., Sequence[Tensor]], *tensors: Tensor) -> Tensor:
        return value(*tensors)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004 - torch's names
        _, ctx.slopes, *tensors = inputs
        ctx.save_for_backward(*tensors)
        ctx.save_for_forward(*tensors)

    @staticmethod
    def backward(ctx: Any, cotangent: Tensor) -> tuple[Any, ...]:
        return (None, None, *(_product(slope, cotangent) for slope in ctx.slopes(*ctx.saved_tensors)))

    @staticmethod
    def jvp(ctx: Any, _value: None, _slopes: None, *tangents: Tensor) -> Tensor:
        pairs = zip(ctx.slopes(*ctx.saved_tensors), tangents, strict=True)
        products = [_product(slope, tangent) for slope, tangent in pairs]
        return sum(products[1:], products[0])

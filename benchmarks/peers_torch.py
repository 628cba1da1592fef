"""Competitors that compute in torch."""

from __future__ import annotations

import os
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from competitor import Build, Competitor, Function, textbook
from laws import Pair

from kl_symbolic.families import find


def in_torch(line: Build, value: Build | None = None) -> Competitor:
    """Return a competitor that computes in torch, without a graph but for the derivatives.

    `line` makes a function of each coordinate, and `value` what sums over them, if it is another one.
    """
    torch = import_module("torch")
    torch.set_grad_enabled(False)

    def summed(pair: Pair) -> Function | None:
        found = line(pair)
        return found and (lambda *laws: found(*laws).sum(-1))

    def both(pair: Pair) -> Function | None:
        found = None if pair.is_discrete else line(pair)

        @torch.enable_grad()
        def differentiated(*laws: Any) -> tuple[Any, ...]:
            leaves = [law.clone().requires_grad_() for law in laws]
            terms = found(*leaves)
            return terms.detach(), *torch.autograd.grad(terms.sum(), leaves, allow_unused=True, materialize_grads=True)

        return found and differentiated

    return Competitor(value or summed, both, torch.tensor)


def _torch_line(pair: Pair) -> Function:
    torch = import_module("torch")
    return textbook(torch, torch.special, pair)


def torch_eager() -> Competitor:
    """Return the textbook's lines in torch."""
    return in_torch(_torch_line)


def torch_compile() -> Competitor:
    """Return the textbook's lines, compiled by torch for each shape."""
    os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"  # no pool of processes beside those that are timed
    torch = import_module("torch")
    import_module("torch._dynamo").config.recompile_limit = 1000  # beyond it torch falls back without a word

    def value(pair: Pair) -> Function:
        line = _torch_line(pair)
        compiled: Function = torch.compile(lambda *laws: line(*laws).sum(-1), dynamic=False)
        return compiled

    return in_torch(_torch_line, value=value)


def torch_distributions() -> Competitor:
    """Return kl_divergence of torch.distributions; the laws are made each time, as in training."""
    torch = import_module("torch")
    kl = torch.distributions.kl_divergence
    space = SimpleNamespace(exp=torch.exp, sqrt=torch.sqrt, log=torch.log)

    def made(name: str, param: str) -> tuple[Function, int]:
        """Return what makes a law of parameters, and how many it takes."""
        member = find(name)
        family = member.family
        class_name, *keywords = family.objects["torch"]
        law = getattr(torch.distributions, class_name)

        def of_default(values: Any) -> Any:
            of = {
                key.removeprefix("1/"): 1 / v if key.startswith("1/") else v
                for key, v in zip(keywords, values, strict=True)
            }
            return law(**of, validate_args=False)

        if member.fixed is not None:
            return lambda: of_default(torch.tensor(family.members[name], dtype=torch.get_default_dtype())), 0
        known = family.known_param(param)
        if known == family.default:
            return lambda *values: of_default(values), len(family.parameters)
        other = family.parameterisations[known]
        return lambda *values: of_default(other.to_default(space, *values)), len(other.parameters)

    def line(pair: Pair) -> Function:
        if pair.is_discrete:
            law = partial(torch.distributions.Categorical, validate_args=False)
            return lambda p, q: kl(law(p), law(q))[..., None]
        (p, count), (q, _) = (made(name, pair.param) for name in (pair.p, pair.q))
        return lambda *laws: kl(p(*laws[:count]), q(*laws[count:]))

    return in_torch(line)

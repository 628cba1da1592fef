"""Errors: which built-in ones they are too, and that an object of a wrong type gets one clear line everywhere."""

from __future__ import annotations

import collections.abc
import inspect
import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

import kl_symbolic
from kl_symbolic import Derivation, Notation, audit, claims, derive, families, testing
from kl_symbolic.arguments import given
from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.proof.claim import Claim

D = derive("poisson", "poisson")
LAWS = {"p": "poisson", "q": "poisson"}

# A good call of each public function; what computes is refused before it begins.
GOOD = {
    kl_symbolic.derive: {"p": "normal", "q": "normal"},
    kl_symbolic.catalogue: {},
    kl_symbolic.check: {"text": "0", **LAWS},
    kl_symbolic.load: {"text": D.to_json()},
    kl_symbolic.prove: {"derivation": D},
    kl_symbolic.replay: {"text": D.to_json()},
    kl_symbolic.verify: {"derivation": D},
    claims.read: {"text": "0", "claim": Claim("kl", **LAWS)},
    claims.formula: {"text": "0", "claim": Claim("kl", **LAWS)},
    audit.audit: {"function": max, **LAWS},
    audit.load_function: {"spec": "math:log"},
    testing.assert_kl: {"function": max, **LAWS},
    families.find: {"name": "normal"},
    families.names: {},
    families.all_families: {},
    Notation: {},
    Derivation: {"record": D.record},
    **{getattr(D, name): {} for name in dir(D) if name.startswith("to_")},
}
WRONG = [None, 1, 1.5, b"", "poisson", [], {}, object(), int, len, derive, D, type("Own", (), {})()]


def parameters(function):
    """Return the annotations of what a function takes, options included."""
    signature = inspect.signature(function)
    hints = get_type_hints(function.__init__ if isinstance(function, type) else function)
    for name, parameter in signature.parameters.items():
        if parameter.kind is not parameter.VAR_KEYWORD:
            yield name, hints[name]
        else:
            (options,) = get_args(hints[name])
            yield from get_type_hints(options).items()


def fits(value, hint):
    """Whether a value is of the type that an annotation says."""
    origin = get_origin(hint)
    if hint is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in get_args(hint))
    if origin is Literal:
        return value in get_args(hint)
    if origin is collections.abc.Callable:
        return callable(value)
    if hint in (int, float) and isinstance(value, bool):
        return False
    if hint is float and isinstance(value, int):
        return True
    return isinstance(value, origin or hint)


PLACES = [
    pytest.param(function, name, hint, id=f"{function.__name__}-{name}")
    for function in GOOD
    for name, hint in parameters(function)
]


@pytest.mark.parametrize(("function", "name", "hint"), PLACES)
def test_what_does_not_fit_the_annotation_is_refused_in_one_line(function, name, hint):
    wrong = [value for value in WRONG if not fits(value, hint)]
    assert len(wrong) > 5
    for value in wrong:
        with pytest.raises(RequestError) as caught:
            function(**{**GOOD[function], name: value})
        assert isinstance(caught.value, WrongTypeError) != (isinstance(value, str) and "one of" in str(caught.value))
        message = str(caught.value)
        assert "\n" not in message
        assert given(value) in message


def test_every_public_function_is_tried():
    public = {
        getattr(module, name)
        for module in (kl_symbolic, claims, audit, testing, families)
        for name in module.__all__
        if inspect.isfunction(inspect.unwrap(getattr(module, name)))
    }
    assert public <= set(GOOD)

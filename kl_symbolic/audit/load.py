"""Import a function that is named on the command line: the only code that the audit runs is what the user names."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kl_symbolic.arguments import checked
from kl_symbolic.audit.calls import said
from kl_symbolic.errors import RequestError


@checked
def load_function(spec: str) -> Callable[..., Any]:
    """Import a function by ``module:function``, with the present directory among the places to look in.

    Importing runs the module's code: name only modules that you trust.

    Parameters
    ----------
    spec
        Such as ``"mypackage.losses:kl_loss"``; after the colon an attribute of an attribute may be named,
        a class, or a method of one: an object of it is made then, without arguments.

    Raises
    ------
    RequestError
        If there is no such module or function, or the module cannot be imported.

    Examples
    --------
    >>> load_function("kl_symbolic.numeric:kl_standard_normal").__name__
    'kl_standard_normal'
    """
    module_name, colon, name = spec.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module_name.split("."), *name.split("."))):
        raise RequestError(f"a function is named as mypackage.losses:kl_loss, given: {spec!r}")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # sys.exit, or pytest.skip
        raise RequestError(f"cannot import {module_name}: {said(error)}") from error
    try:
        found: Any = module
        for part in name.split("."):
            found = _attribute(found, part)
    except AttributeError:
        raise RequestError(f"{module_name} has no {name!r}") from None
    if isinstance(found, type):
        return made(found)
    if not callable(found):
        raise RequestError(f"{spec} is no function but a {type(found).__name__}")
    function: Callable[..., Any] = found
    return function


def made(kind: type[Any]) -> Callable[..., Any]:
    """Return an object of a class, such as a module of torch, to be called.

    Raises
    ------
    RequestError
        If it cannot be made without arguments, or called.
    """
    found: Callable[..., Any] = _object(kind)
    if not callable(found):
        raise RequestError(f"the objects of the class {kind.__name__} are no functions; name a method of it")
    return found


def _object(kind: type[Any]) -> Any:
    try:
        return kind()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # sys.exit too
        raise RequestError(f"the class {kind.__name__} needs arguments; name an object of it: {said(error)}") from error


def _attribute(owner: Any, name: str) -> Any:
    """Return an attribute; a method of a class is one of an object of it."""
    if isinstance(owner, type) and inspect.isfunction(inspect.getattr_static(owner, name)):
        return getattr(_object(owner), name)
    return getattr(owner, name)

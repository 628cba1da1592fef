"""Arguments are of the types that a function's annotations say, or refused in one line."""

from __future__ import annotations

import inspect
import numbers
import types
from collections.abc import Callable, Collection, Mapping
from functools import cache, wraps
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from kl_symbolic.errors import RequestError, WrongTypeError

P = ParamSpec("P")
R = TypeVar("R")

MOST_SHOWN = 60  # characters or digits of a value in a message
WORDS = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "True or False",
    types.NoneType: "None",
    Callable: "a function",
}
WIDER: dict[object, type] = {int: numbers.Integral, float: numbers.Real}  # those of NumPy too


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse arguments that do not fit the annotations, before the function begins; it stays as it is otherwise.

    Raises
    ------
    WrongTypeError
        If an argument is of another type.
    RequestError
        If it is none of the words of a `Literal`.

    Examples
    --------
    >>> @checked
    ... def double(number: int, unit: Literal["nats", "bits"] = "nats") -> int:
    ...     return 2 * number
    >>> double(3)
    6
    >>> double("3")
    Traceback (most recent call last):
        ...
    kl_symbolic.errors.WrongTypeError: number must be an integer, given: '3'
    >>> double(3, unit="bit")
    Traceback (most recent call last):
        ...
    kl_symbolic.errors.RequestError: unit must be one of nats, bits, given: 'bit'
    """
    names = [name for name, p in inspect.signature(function).parameters.items() if p.kind is not p.VAR_KEYWORD]

    @cache
    def hints() -> dict[str, Any]:  # annotations are strings, whose names may stand further down in the file
        found = get_type_hints(function)
        return {name: found[name] for name in names if name in found}

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        known = hints()
        for name, value in (*zip(names, args, strict=False), *kwargs.items()):
            if name in known and not fits(value, known[name]):
                raise _error(name, value, known[name])
        return function(*args, **kwargs)

    return wrapper


def fits(value: object, hint: Any) -> bool:
    """Return whether a value is of the type that an annotation says; what a function takes is not looked at.

    >>> fits(["a"], list[str] | None), fits(["a", 1], list[str] | None), fits(print, Callable[..., str])
    (True, False, True)
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in (Any, object):
        return True
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in arguments)
    if origin is Literal:
        return isinstance(value, str) and value in arguments
    if origin is Callable:
        return callable(value)
    if not isinstance(value, WIDER.get(hint, origin or hint)) or (hint in WIDER and isinstance(value, bool)):
        return False
    if isinstance(value, Mapping) and len(arguments) > 1:
        return all(fits(key, arguments[0]) and fits(part, arguments[1]) for key, part in value.items())
    if isinstance(value, Collection) and len(arguments) == 1:
        return all(fits(part, arguments[0]) for part in value)
    return True


def given(value: object) -> str:
    r"""Return what was given as it stands in a message of one line, whatever it is.

    >>> print(given(None), given("a\nb"), given(10**400), given([1, 2]), given(int), sep="; ")
    None; 'a\nb'; an integer of more than 60 digits; a list; the class int
    """
    match value:
        case None | bool() | float() | complex():
            return repr(value)
        case int():
            return repr(value) if abs(value) < 10**MOST_SHOWN else f"an integer of more than {MOST_SHOWN} digits"
        case str() | bytes():
            return repr(value[:MOST_SHOWN]) + ("..." if len(value) > MOST_SHOWN else "")
        case type():
            return f"the class {value.__name__}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def require_type(value: object, expected: type | tuple[type, ...], words: str) -> None:
    """Raise `WrongTypeError` unless a value is of an expected type; `words` say what is expected.

    >>> require_type(3, str, "the text of a proof file")
    Traceback (most recent call last):
        ...
    kl_symbolic.errors.WrongTypeError: the text of a proof file is expected, given: 3
    """
    if not isinstance(value, expected):
        raise WrongTypeError(f"{words} is expected, given: {given(value)}")


def require_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raise `RequestError` unless a value is one of some words; `WrongTypeError` if it is no word.

    >>> require_choice("unit", "bit", ("nats", "bits"))
    Traceback (most recent call last):
        ...
    kl_symbolic.errors.RequestError: unit must be one of nats, bits, given: 'bit'
    """
    if not (isinstance(value, str) and value in choices):
        error = RequestError if isinstance(value, str) else WrongTypeError
        raise error(f"{name} must be one of {', '.join(choices)}, given: {given(value)}")


def _error(name: str, value: object, hint: Any) -> RequestError:
    choices = [word for one in (hint, *get_args(hint)) if get_origin(one) is Literal for word in get_args(one)]
    if choices and isinstance(value, str):
        return RequestError(f"{name} must be one of {', '.join(choices)}, given: {given(value)}")
    return WrongTypeError(f"{name} must be {_words(hint)}, given: {given(value)}")


def _words(hint: Any) -> str:
    """Return an annotation in words: ``Sequence[str] | None`` is "a sequence of strings or None"."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(map(_words, arguments)))
    if origin is Literal:
        return WORDS[str]
    kind = origin or hint
    if kind in WORDS:
        return WORDS[kind]
    library = kind.__module__.partition(".")[0]
    own = {"collections": kind.__name__.lower(), "kl_symbolic": kind.__name__}
    name = own.get(library, f"{library}.{kind.__name__}")
    of = f" of {' to '.join(f'{_words(one).split()[-1]}s' for one in arguments)}" if arguments else ""
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}{of}"

"""Errors: which built-in ones they are too, and that an object of a wrong type gets one clear line everywhere."""

from __future__ import annotations

import collections.abc
import inspect
import os
import pickle
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from numeric_arguments import GOOD as ARRAY_FUNCTIONS
from numeric_arguments import call

import kl_symbolic
from kl_symbolic import Derivation, Notation, audit, claims, derive, errors, families, numeric, testing
from kl_symbolic.arguments import given
from kl_symbolic.audit import reductions
from kl_symbolic.errors import (
    InfiniteDivergenceError,
    KLError,
    NoClosedFormError,
    ProofError,
    ProofFileError,
    RequestError,
    WrongTypeError,
)
from kl_symbolic.proof.question import Law, Param, Question, RequestOptions

ROOT = Path(__file__).parents[1]

D = derive("poisson", "poisson")
LAWS = {"p": "poisson", "q": "poisson"}

# A good call of each public function; what computes is refused before it begins.
GOOD = {
    kl_symbolic.derive: {"p": "normal", "q": "normal"},
    kl_symbolic.answers: {"p": "normal", "q": "normal"},
    kl_symbolic.catalogue: {},
    kl_symbolic.check: {"text": "0", **LAWS},
    kl_symbolic.closed_form: {"p": "normal", "q": "normal"},
    kl_symbolic.load: {"text": D.to_json()},
    kl_symbolic.prove: {"derivation": D},
    kl_symbolic.replay: {"text": D.to_json()},
    kl_symbolic.vectors: {"p": "normal", "q": "normal"},
    kl_symbolic.verify: {"derivation": D},
    claims.read: {"text": "0", "question": Question("kl", **LAWS)},
    claims.formula: {"text": "0", "question": Question("kl", **LAWS)},
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
    if object not in get_args(hint)  # a law may be an object of any library; tests/test_objects.py has what is none
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


@pytest.mark.parametrize("name", ARRAY_FUNCTIONS)
def test_what_is_no_array_number_or_axis_is_refused_by_the_array_functions(name):
    for argument, parameter in inspect.signature(getattr(numeric, name.split()[0])).parameters.items():
        if argument == "options":
            continue
        for value in (None, "0.5", b"", {}, object(), int, len, derive, [None]):
            if value is None and (parameter.default is None or argument == "axis"):
                continue
            with pytest.raises(WrongTypeError, match=f"^{argument} must be ") as caught:
                call(name, {argument: value})
            assert "\n" not in str(caught.value)


# What they are in Python


@pytest.mark.parametrize(
    ("ask", "kinds"),
    [
        (lambda: derive("nromal", "normal"), (NoClosedFormError, LookupError)),
        (lambda: derive("normal", "poisson"), (InfiniteDivergenceError, LookupError)),
        (lambda: derive("normal", "normal", param="rate"), (RequestError, ValueError)),
        (lambda: derive("normal", 3), (WrongTypeError, RequestError, TypeError)),
        (lambda: kl_symbolic.verify(D, digits=1), (RequestError, ValueError)),
        (lambda: kl_symbolic.load("{"), (ProofFileError, ProofError, ValueError)),
        (lambda: numeric.kl_normal(0, -1, 0, 1), (RequestError, ValueError)),
        (lambda: numeric.kl_normal(0, "1", 0, 1), (WrongTypeError, TypeError)),
    ],
)
def test_an_error_is_caught_as_ours_and_as_that_of_python(ask, kinds):
    for kind in (KLError, *kinds):
        with pytest.raises(kind):
            ask()


def test_every_error_is_public_and_survives_a_process_pool():
    for name in errors.__all__:
        error = getattr(errors, name)("what was given")
        assert getattr(kl_symbolic, name) is type(error)
        back = pickle.loads(pickle.dumps(error))
        assert (type(back), str(back)) == (type(error), "what was given")


def test_a_message_is_short_whatever_is_given():
    for value in (10**5000, -(10**5000), "a" * 10**6, b"\0" * 10**6, "a\nb", "\ud800", [0] * 10**6):
        assert len(given(value)) < 300
        assert given(value).isprintable()


# What editors complete


def test_the_names_that_editors_complete_are_those_of_the_families():
    assert set(get_args(Law)) == set(families.names()), (
        "add the names of a new family to proof/question.py, for editors"
    )
    assert set(get_args(Param)) == {name for f in families.all_families().values() for name in f.param_names}


def test_the_words_that_editors_complete_are_all_there_are():
    assert get_args(reductions.Convention) == tuple(reduction.name for reduction in reductions.ALL)
    of_derive = {name: hint for name, hint in parameters(derive) if name not in (*LAWS, "where")}
    assert of_derive == get_type_hints(RequestOptions)


CALLS = """
from kl_symbolic import check, derive
from kl_symbolic.audit import audit
from kl_symbolic.testing import assert_kl

def names(name: str, other: str | None) -> None:
    derive(name, other, param=name)
    check("0", name, other, param=name, quantity="kl", dim=2, symbols={"m": "mu"})
    audit(max, name, name, param=name, dtype="float32", reduction="sum", library="jax", regions=["near 1e-8"])
    assert_kl(max, p=name, q=name)

derive("normal", unit="bit")  # wrong
check("0", "normal", no_such_option=1)  # wrong
check("0", "normal", dim="2")  # wrong
audit(max, "normal", "normal", dtype="float16")  # wrong
assert_kl(max, "normal", "normal", library="julia")  # wrong
"""


@pytest.mark.slow
def test_a_type_checker_takes_any_name_of_a_law_and_no_other_option(tmp_path):
    file = tmp_path / "calls.py"
    file.write_text(CALLS)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", ROOT / "pyproject.toml", file]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "MYPYPATH": str(ROOT)})
    found = [int(number) for number in re.findall(r"calls\.py:(\d+): error", done.stdout)]
    wrong = [k for k, line in enumerate(CALLS.splitlines(), start=1) if line.endswith("# wrong")]
    assert found == wrong, done.stdout + done.stderr

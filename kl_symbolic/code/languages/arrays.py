"""NumPy, PyTorch and JAX: one printer for the functions that they share, and a row of names for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from kl_symbolic.code.arrays import LEAST_FOR_LOG1P, SPLITTERS
from kl_symbolic.code.languages.python import RESERVED, STEP, python_function, returned, together
from kl_symbolic.code.notation import OperatorTable
from kl_symbolic.code.operations import operations_of
from kl_symbolic.code.printing import TargetLanguage, Written, assembled, in_parentheses, names_of
from kl_symbolic.code.program import BUILT_IN, Program


@dataclass(frozen=True)
class ArrayLibrary:
    """An array library.

    Parameters
    ----------
    prefix
        What its functions are called by.
    head
        Imports, and a function ``_arrays`` that makes its arguments arrays of one dtype.
    decorator
        Of the function that people call.
    total
        The sum of ``{0}`` over the last axis.
    result
        What is returned in place of ``{0}``.
    alike
        What gives arrays a common shape.
    log1p
        A function of that name to use instead of the library's.
    """

    prefix: str
    head: str
    decorator: str = ""
    total: str = "{0}"
    result: str = "{0}"
    alike: str = "broadcast_arrays"
    log1p: str = ""


NUMPY = ArrayLibrary(
    "np",
    head='''\
import numpy as np


def _arrays(*values):
    """Return numbers and arrays as arrays of one dtype, float32 if all arrays have that."""
    dtype = np.float32 if np.result_type(0.0, *values) == np.float32 else np.float64
    return [np.asarray(value, dtype) for value in values]
''',
    decorator='@np.errstate(all="ignore")\n',
    total="np.sum(np.ascontiguousarray({0}), axis=-1)",
    result="{0}[()]",
)
TORCH = ArrayLibrary(
    "torch",
    head='''\
import torch


def _arrays(*values):
    """Return numbers and tensors as tensors of one dtype: float64 if a tensor has it."""
    dtypes = [value.dtype for value in values if torch.is_tensor(value)]
    dtype = torch.float64 if torch.float64 in dtypes else torch.float32
    if not dtypes:
        dtype = torch.get_default_dtype()
    return [torch.as_tensor(value, dtype=dtype) for value in values]
''',
    total="torch.sum({0}, dim=-1)",
    alike="broadcast_tensors",
)
JAX = ArrayLibrary(
    "jnp",
    head='''\
import jax.numpy as jnp


def _arrays(*values):
    """Return numbers and arrays as arrays of one dtype."""
    dtype = jnp.float64 if jnp.result_type(0.0, *values) == jnp.float64 else jnp.float32
    return [jnp.asarray(value, dtype) for value in values]


def _sum(terms):
    """Return the sum over the last axis, by halves: XLA adds one after the other."""
    while (size := terms.shape[-1]) > 1:
        half = size // 2
        terms = jnp.concatenate(
            [terms[..., :half] + terms[..., half : 2 * half], terms[..., 2 * half :]], axis=-1
        )
    return jnp.sum(terms, axis=-1)
''',
    total="_sum({0})",
    log1p=f'''\
def _log1p(u):
    """Return log(1 + u), where the function of XLA errs by up to 120 eps for u below -0.36."""
    near = u > {LEAST_FOR_LOG1P}
    far = jnp.log(1.0 + jnp.where(near, 0.0, u))
    return jnp.where(near, jnp.log1p(jnp.where(near, u, 0.0)), far)
''',
)


def array_function(program: Program) -> Callable[..., Any]:
    """Return a program as a function of NumPy arrays of one dtype: what is printed, but for what reads arguments.

    Parameters
    ----------
    program
        What is computed; of one that adds up coordinates their values.

    Returns
    -------
    callable
        Takes the arguments in their order; returns a value, or a tuple of several.

    Examples
    --------
    >>> import numpy as np
    >>> from kl_symbolic.code.operations import argument
    >>> x = argument("x")
    >>> array_function(Program("square", ("x",), (x * x,)))(np.array([1.0, 2.0]))
    array([1., 4.])
    """
    bare = replace(program, summed=False, words=())
    plain = replace(
        _language(NUMPY),
        head=lambda _: "import numpy as np",
        function=lambda code, _: _function(NUMPY, code, public=False),
    )
    space: dict[str, Any] = {}
    exec(compile(assembled(bare, plain), f"<{program.name}>", "exec"), space)  # noqa: S102 - our own text
    found: Callable[..., Any] = space[names_of([program.name], plain.reserved)[program.name]]
    return found


def array_source(program: Program, library: ArrayLibrary) -> str:
    """Return a program in the functions of an array library."""
    return assembled(program, _language(library))


def _language(library: ArrayLibrary) -> TargetLanguage:
    prefix = library.prefix
    return TargetLanguage(
        operators=OperatorTable(
            built_in=f"{prefix}.{{0}}({{1}})",
            names={"log1p": "_log1p"} if library.log1p else {},
            helper="{0}({1})",
            where=f"{prefix}.where({{}}, {{}}, {{}})",
            alike=f"{prefix}.full_like({{1}}, {{0}})",
        ),
        assign="{0} = {1}",
        reserved=RESERVED | {prefix},
        indent=STEP,
        between="\n\n",
        head=partial(_head, library),
        function=partial(_function, library),
        loop=partial(_loop, library),
        library=BUILT_IN - {"log1p"} if library.log1p else BUILT_IN,
        splitter=f"{SPLITTERS['float64']} if {{0}}.dtype == {prefix}.float64 else {SPLITTERS['float32']}".format,
    )


def _head(library: ArrayLibrary, program: Program) -> str:
    needed = (program, *program.helpers)
    log1p = any(node.label == "log1p" for one in needed for node in operations_of(*one.results))
    return f"{library.head}\n\n{library.log1p}" if log1p and library.log1p else library.head


def _function(library: ArrayLibrary, code: Written, public: bool) -> str:
    arguments, body = list(code.parameters), list(code.lines)
    results = list(code.results)
    decorator = ""
    if public and arguments:
        body = _conversion(library, code) + body
        if library.result != "{0}":
            names = [f"result_{k}" for k in range(len(results))] if len(results) > 1 else ["result"]
            body += [f"{name} = {result}" for name, result in zip(names, results, strict=True)]
            results = [library.result.format(name) for name in names]
        decorator = library.decorator
    body += returned(results)
    return decorator + python_function(code.name, arguments, code.program.words, body) + "\n"


def _conversion(library: ArrayLibrary, code: Written) -> list[str]:
    """Return statements that make the arguments arrays; of one shape, where a value does not depend on all of them."""
    names = code.parameters
    makers = ["_arrays("]
    used = [
        {node.label for node in operations_of(result) if node.kind == "argument"} for result in code.program.results
    ]
    if any(len(one) < len(names) for one in used):
        makers.append(f"{library.prefix}.{library.alike}(")
    return [line for make in makers for line in in_parentheses(f"{together(names)} = {make}", names, ")").split("\n")]


def _loop(library: ArrayLibrary, code: Written, coordinate: str) -> str:
    names = ", ".join(code.parameters)
    several = len(code.results) > 1
    value = f"{coordinate}({names})"
    body = [*_conversion(library, code), f"return {value if several else library.total.format(value)}"]
    return library.decorator + python_function(code.name, code.parameters, code.program.words, body) + "\n"

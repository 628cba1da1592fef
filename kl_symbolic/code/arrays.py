"""Programs on arrays: each operation is one of the library's own, NumPy's, torch's, JAX's or that of any Array API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from kl_symbolic.code.operations import Operation, operations_of
from kl_symbolic.code.program import BUILT_IN, Program, program_of

Array: TypeAlias = Any  # the libraries share a namespace of functions, no type

OPERATORS: dict[str, Callable[..., Array]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "abs": abs,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}
SPLITTERS = {"float64": 2.0**27 + 1, "float32": 2.0**12 + 1}
LEAST_FOR_LOG1P = -0.3  # below -0.36, where it goes over to log(1 + u) too late, XLA's log1p errs by 120 eps in float64


class Instruction(NamedTuple):
    """An operation in a program that is a list.

    Parameters
    ----------
    kind
        That of the operation; ``helper`` for a call of a function that is written out.
    label
        The name of an argument or of a function of the library; a number; what is written out.
    args
        The places of those whose values it takes.
    last
        Those that nothing takes after it: an array that is not needed any more is memory for the next one.
    """

    kind: str
    label: str | float | Instructions | None
    args: tuple[int, ...] = ()
    last: tuple[int, ...] = ()


@dataclass(frozen=True)
class Instructions:
    """A program as a list: torch.compile can follow it, which cannot hash our operations.

    Parameters
    ----------
    arguments
        The names of its arguments.
    order
        What is done, each after those whose values it takes.
    results
        The places of the results.
    """

    arguments: tuple[str, ...]
    order: tuple[Instruction, ...]
    results: tuple[int, ...]


@lru_cache(maxsize=1024)
def instructions_of(program: Program) -> Instructions:
    """Return a program as a list.

    Examples
    --------
    >>> from kl_symbolic.code.operations import argument
    >>> x = argument("x")
    >>> [(one.kind, one.args, one.last) for one in instructions_of(Program("square", ("x",), (x * x,))).order]
    [('argument', (), ()), ('mul', (0, 0), (0,))]
    """
    order = list(operations_of(*program.results))
    places = {node: place for place, node in enumerate(order)}
    last = {arg: place for place, node in enumerate(order) for arg in node.args if arg not in program.results}
    return Instructions(
        program.arguments,
        tuple(
            Instruction(
                *_operation(node),
                tuple(places[arg] for arg in node.args),
                tuple(places[arg] for arg in dict.fromkeys(node.args) if last.get(arg) == place),
            )
            for place, node in enumerate(order)
        ),
        tuple(places[result] for result in program.results),
    )


def _operation(node: Operation) -> tuple[str, str | float | Instructions | None]:
    """Return the kind and the label of an instruction."""
    match node:
        case Operation("constant", _, Fraction() as value):
            return "constant", float(value)
        case Operation("call", _, str() as name) if name not in BUILT_IN:
            return "helper", instructions_of(program_of(name))
        case Operation(kind, _, str() | None as label):
            return kind, label
    raise ValueError(f"no operation of arrays: {node}")


class Interpreter:
    """A library of arrays of one dtype.

    Parameters
    ----------
    xp
        Its functions: a namespace of the Array API, or NumPy.
    dtype
        The dtype of the arrays.
    """

    def __init__(self, xp: Any, dtype: Any) -> None:
        self.xp, self.dtype = xp, dtype
        name = str(dtype).rpartition(".")[2]
        self.splitter = SPLITTERS[name]

    def run(self, program: Program, arguments: Mapping[str, Array]) -> tuple[Array, ...]:
        """Return the results of a program at arrays, which broadcast.

        Warnings about overflow and the like are for the caller to turn off.

        Examples
        --------
        >>> import numpy as np
        >>> from kl_symbolic.code.operations import argument
        >>> x = argument("x")
        >>> program = Program("square", ("x",), (x * x - 1,))
        >>> Interpreter(np, np.dtype(np.float64)).run(program, {"x": np.array([2.0, 3.0])})
        (array([3., 8.]),)
        """
        return self.run_instructions(instructions_of(program), arguments)

    def run_instructions(self, program: Instructions, arguments: Mapping[str, Array]) -> tuple[Array, ...]:
        """Return the results of a program that is a list."""
        values: list[Array] = []
        for one in program.order:
            values.append(self.value(one, [values[place] for place in one.args], arguments))
            for place in one.last:
                values[place] = None
        return tuple(values[place] for place in program.results)

    def value(self, one: Instruction, args: list[Array], arguments: Mapping[str, Array]) -> Array:
        """Return the value of an instruction."""
        kind, label = one.kind, one.label
        if kind in OPERATORS:
            return OPERATORS[kind](*args)
        if kind == "constant":
            return label
        if kind == "argument":
            return arguments[str(label)]
        if kind == "splitter":
            return self.splitter
        if kind == "where":
            return self.xp.where(args[0], self._array(args[1]), self._array(args[2]))
        given = [self._array(arg) for arg in args]
        if isinstance(label, Instructions):
            return self.run_instructions(label, dict(zip(label.arguments, given, strict=True)))[0]
        return self._built_in(str(label or kind), *given)

    def _array(self, value: Array) -> Array:
        return self.xp.asarray(value, dtype=self.dtype) if isinstance(value, float) else value

    def _built_in(self, name: str, x: Array) -> Array:
        if name == "log1p" and self.xp.__name__ == "jax.numpy":
            near = x > LEAST_FOR_LOG1P
            return self.xp.where(near, self.xp.log1p(self.xp.where(near, x, 0)), self.xp.log(1 + x))
        return getattr(self.xp, name)(x)

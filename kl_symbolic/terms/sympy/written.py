"""What users write in SymPy, read as it stands: its functions, sums, matrices, floats, and symbols of any kind."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import sympy
from sympy import Add, Basic, Indexed, Mul, Pow, Rational

from kl_symbolic.arguments import given
from kl_symbolic.errors import RequestError
from kl_symbolic.functions import all_functions, find_function, known_functions
from kl_symbolic.terms.sympy.heads import Inert
from kl_symbolic.terms.term import Number, Symbol, Term, Text

_NAME = re.compile(r"\\?[^\W\d]\w*")
_MOST_SHOWN = 60  # characters in a message


def written(thing: object) -> Term:
    """Return an expression of SymPy as a term, or a column of expressions as a vector of terms; nothing is worked out.

    A float becomes the text as which it prints. The domains of symbols say nothing: SymPy has many more than we do.

    Raises
    ------
    RequestError
        If a part of it is nothing that we know, or two symbols that differ are called alike.

    Examples
    --------
    >>> s = sympy.Symbol("s", positive=True)
    >>> written(sympy.log(s**2 + 1)), written(sympy.Matrix([s, 1]))
    (log(s**2 + 1), Vector(s, 1))
    """
    return _Reader().term(thing)


def leaf(thing: object) -> Number | Symbol | Text | None:
    """Return a number, a float or a symbol of SymPy as it is `written`, and None for anything else.

    >>> leaf(sympy.Rational(1, 2)), leaf(sympy.Symbol("s")), leaf(sympy.pi)
    (1/2, s, None)
    """
    match thing:
        case sympy.Float():
            return Text(str(thing))
        case Rational():
            return Number(Fraction(int(thing.p), int(thing.q)))
        case sympy.Symbol():
            return Symbol(str(thing.name))
    return None


class _Reader:
    def __init__(self) -> None:
        self.called: dict[str, Basic] = {}
        self.known: dict[object, Term] = {}  # parts may be shared, and are read once
        known = [f for f in all_functions().values() if "sympy" in f.names and not f.definition]
        self.functions = {getattr(sympy, f.names["sympy"]): f.name for f in known}
        self.logarithms = {getattr(sympy, f.log_names["sympy"]): f.name for f in known if "sympy" in f.log_names}

    def term(self, thing: Any) -> Term:
        if isinstance(thing, Term):
            return thing
        if isinstance(thing, sympy.MatrixBase | tuple | list | sympy.Tuple):
            return Term("Vector", *map(self.term, thing))
        if not isinstance(thing, Basic):
            raise self.refusal(thing)
        if thing not in self.known:
            self.known[thing] = self.read(thing)
        return self.known[thing]

    def read(self, e: Any) -> Term:
        if isinstance(e, sympy.Symbol):
            return Symbol(self.name(e))
        if (found := leaf(e)) is not None:
            return found
        match e:
            case sympy.E:
                return Term("exp", 1)
            case Indexed(args=(base, index)):
                return Term("Indexed", Term("Array", Symbol(self.name(base, "[]"))), self.index(index))
            case sympy.Sum() if [len(limit) for limit in e.limits] == [3]:
                index, lower, upper = e.limits[0]
                if lower != 1:
                    raise RequestError("a sum over the coordinates is from 1 to n")
                return Term("Sum", *map(self.term, (e.function, index, upper)))
        if e in self.functions:
            return Term(self.functions[e])
        if type(e) in self.logarithms:
            return Term("log", Term(self.logarithms[type(e)], *map(self.term, e.args)))
        name = {Add: "Add", Mul: "Mul", Pow: "pow"}.get(type(e)) or self.functions.get(type(e)) or self.ours(e)
        if name is None:
            raise self.refusal(e)
        return Term(name, *map(self.term, e.args))

    def ours(self, e: Basic) -> str | None:
        """Return the head of what `kl_symbolic.terms.sympy` made of a term that may be part of a formula."""
        known = isinstance(e, Inert) and (e.name in ("Sum", "Vector") or find_function(e.name) is not None)
        return e.name if known else None

    def index(self, index: Basic) -> Term:
        if isinstance(index, sympy.Symbol | sympy.Integer):
            return self.term(index)
        shown = str(index)[:_MOST_SHOWN]
        raise RequestError(f"not part of a formula: the index {shown}; an index is a symbol or a number")

    def name(self, thing: Basic, kind: str = "") -> str:
        """Return the name of a symbol or a base; two that are called alike would be taken for each other."""
        text = str(getattr(thing, "name", thing))
        if not _NAME.fullmatch(text):
            raise RequestError(f"not part of a formula: a symbol that is called {given(text)}")
        if self.called.setdefault(text + kind, thing) != thing:
            raise RequestError(f"two different symbols are called {text[:_MOST_SHOWN]}")
        return text

    def refusal(self, thing: object) -> RequestError:
        return RequestError(f"not part of a formula: {type(thing).__name__}; known functions: {known_functions()}")

"""From a program to statements: what is needed twice has a name, the rest is written where it is needed."""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count

from kl_symbolic.code.notation import OperatorTable, Piece, literal
from kl_symbolic.code.operations import COMPARISONS, Operation, operations_of
from kl_symbolic.code.program import BUILT_IN, Program, number_of
from kl_symbolic.errors import RequestError

LINE_WIDTH = 100
LARGEST_NUMBER = sys.float_info.max
TEMPORARY = "t"  # and a number


@dataclass(frozen=True)
class TargetLanguage:
    """What a language has in common with others, and how a function is put together in it.

    Parameters
    ----------
    operators
        How it writes operations.
    assign
        How it gives a value a name: ``{0} = {1}``.
    reserved
        What cannot be the name of a parameter; it gets an underscore.
    indent
        What stands before a statement of a function.
    head
        What stands before the first function.
    function
        Returns a function of numbers; `public` is the one that people call.
    loop
        Returns a function of vectors that calls another for each coordinate.
    splitter
        Returns the constant of that operation, for the dtype of an argument.
    library
        The functions that it has.
    between
        What stands between functions.
    number
        How it writes a constant.
    """

    operators: OperatorTable
    assign: str
    reserved: frozenset[str]
    indent: str
    head: Callable[[Program], str]
    function: Callable[[Written, bool], str]
    loop: Callable[[Written, str], str]
    splitter: Callable[[str], str] = lambda _: repr(2.0**27 + 1)
    library: frozenset[str] = BUILT_IN
    between: str = "\n"
    number: Callable[[Fraction], Piece] = literal


@dataclass(frozen=True)
class Written:
    """A program in the words of a language.

    Parameters
    ----------
    name
        How the function is called.
    program
        What is written.
    parameters
        How its arguments are called.
    lines
        Statements that give names to values, without indentation.
    results
        An expression for each result.
    """

    name: str
    program: Program
    parameters: tuple[str, ...]
    lines: tuple[str, ...]
    results: tuple[str, ...]

    @property
    def unused(self) -> list[str]:
        """The parameters on which nothing depends."""
        used = {node.label for node in operations_of(*self.program.results) if node.kind == "argument"}
        pairs = zip(self.program.arguments, self.parameters, strict=True)
        return [name for argument, name in pairs if argument not in used]


def assembled(program: Program, language: TargetLanguage) -> str:
    """Return a program and the programs that it calls in a language."""
    parts = [language.head(program)]
    parts += [language.function(statements(helper, language), False) for helper in program.helpers]
    if program.summed:
        one = statements(coordinate_of(program), language)
        parts += [language.function(one, False), language.loop(statements(program, language), one.name)]
    else:
        parts.append(language.function(statements(program, language), True))
    return language.between.join(part for part in parts if part).rstrip() + "\n"


def coordinate_of(program: Program) -> Program:
    """Return the program for one coordinate of a program of vectors."""
    if not program.arguments:
        raise RequestError(f"{program.name} adds up coordinates, and has no vectors")
    words = (f"Return the value of {program.name} for one coordinate.",)
    return replace(program, name=f"{program.name}_coordinate", summed=False, words=words)


def statements(program: Program, language: TargetLanguage) -> Written:
    """Return the statements of a program."""
    called = {str(node.label): None for node in operations_of(*program.results) if node.kind == "call" and node.args}
    functions = names_of((program.name, *(name for name in called if name not in BUILT_IN)), language.reserved)
    names = names_of(program.arguments, language.reserved | set(functions.values()))
    table = replace(language.operators, names={**functions, **language.operators.names})
    return _Body(program, names, replace(language, operators=table)).written(functions[program.name])


def names_of(words: Iterable[str], reserved: Container[str]) -> dict[str, str]:
    """Return how arguments or functions are called where some words are taken.

    Examples
    --------
    >>> names_of(["lambda", "mu_1"], {"lambda"})
    {'lambda': 'lambda_', 'mu_1': 'mu_1'}
    """
    found: dict[str, str] = {}
    for name in words:
        if not (name.isascii() and name.isidentifier()):
            raise RequestError(f"a name in code must be a word of Latin letters and digits; got {name!r}")
        found[name] = name
        while found[name] in reserved or list(found.values()).count(found[name]) > 1:
            found[name] += "_"
    return found


def summation(assign: str, end: str = "") -> list[str]:
    """Return the statements that add `value` to `total`, and what rounding has lost to `rest`.

    References
    ----------
    Ogita, Rump and Oishi, Accurate sum and dot product, SIAM Journal on Scientific Computing 26 (2005), algorithm Sum2.
    """
    return [
        assign.format("added", "total + value"),
        assign.format("part", "added - total"),
        f"rest = rest + ((total - (added - part)) + (value - part)){end}",
        f"total = added{end}",
    ]


LOCAL = frozenset({"splitter", "result", "total", "rest", "value", "added", "part", "index", "length", "out"})


class _Body:
    """Writes the operations of a program, each after its operands."""

    def __init__(self, program: Program, names: dict[str, str], language: TargetLanguage) -> None:
        self.program, self.names, self.language = program, names, language
        self.lines: list[str] = []
        self.pieces: dict[Operation, Piece] = {}
        self.named: set[Operation] = set()
        taken = {*names.values(), *language.reserved}
        self.fresh = (name for number in count(1) if (name := f"{TEMPORARY}{number}") not in taken)
        self.width = LINE_WIDTH - 2 * len(language.indent) - len(language.assign.format(f"{TEMPORARY}00", ""))

    def written(self, name: str) -> Written:
        """Return all statements."""
        results = self.program.results
        order = tuple(operations_of(*results))
        uses = Counter(operand for node in order for operand in node.args) + Counter(results)
        for node in order:
            self._write(node)
            if uses[node] > 1 and not _is_nameless(node):
                self._name(node)
        return Written(
            name,
            self.program,
            tuple(self.names.values()),
            tuple(self.lines),
            tuple(self._alike(node).text for node in results),
        )

    def _name(self, node: Operation) -> None:
        if node in self.named:
            return
        name = "splitter" if node.kind == "splitter" else next(self.fresh)
        self.lines.append(self.language.assign.format(name, self.pieces[node].text))
        self.pieces[node] = Piece(name)
        self.named.add(node)

    def _write(self, node: Operation) -> None:
        """Write a node down; operands get names until it fits on a line, the longest first."""
        if node.kind == "splitter":
            self.pieces[node] = Piece(self.language.splitter(next(iter(self.names.values()), "")))
            self._name(node)
            return
        self.pieces[node] = self._piece(node)
        while len(self.pieces[node].text) > self.width:
            inside = [part for one in node.args for part in (one.args if one.kind in COMPARISONS else (one,))]
            without = [part for part in inside if not _is_nameless(part) and part not in self.named]
            if not without:
                return
            self._name(max(without, key=lambda part: len(self.pieces[part].text)))
            for one in node.args:
                if one.kind in COMPARISONS:
                    self.pieces[one] = self._piece(one)
            self.pieces[node] = self._piece(node)

    def _piece(self, node: Operation) -> Piece:
        number = number_of(node)
        if number is not None:
            if abs(number) > LARGEST_NUMBER:
                raise RequestError(f"{self.program.name} has a number beyond floating point: {number}")
            return self.language.number(number)
        match node:
            case Operation("argument", _, str() as name):
                return Piece(self.names[name])
            case Operation("call" | "sqrt" | "abs"):
                operands = [self._alike(one) for one in node.args]
            case Operation("where", (condition, then, otherwise)) if None not in (
                number_of(then),
                number_of(otherwise),
            ):
                operands = [self.pieces[condition], self._alike(then), self.pieces[otherwise]]
            case _:
                operands = [self.pieces[one] for one in node.args]
        return self.language.operators.piece(node.kind, node.label, operands, self.language.library)

    def _alike(self, node: Operation) -> Piece:
        """Return a node where a number must be of the same kind as the arguments are."""
        if number_of(node) is not None and self.names:
            return Piece(self.language.operators.alike.format(self.pieces[node].text, next(iter(self.names.values()))))
        return self.pieces[node]


def _is_nameless(node: Operation) -> bool:
    """Whether a node is short, or a truth value, which is no number: it is written wherever it is needed."""
    return node.kind in ("argument", "infinity", *COMPARISONS) or number_of(node) is not None


def comment(text: Iterable[str], first: str, others: str, last: str) -> str:
    r"""Return lines of a comment, wrapped: what stands before the first, before the others, and after the last.

    Examples
    --------
    >>> comment(["Return x.", "", "And y."], "/* ", " * ", " */")
    '/* Return x.\n *\n * And y. */'
    """
    lines = []
    for line in text:
        further = " " * (len(line) - len(line.lstrip()) + 2)
        lines += textwrap.wrap(line, LINE_WIDTH - 8, subsequent_indent=further) or [""]
    return "\n".join(((others if i else first) + line).rstrip() for i, line in enumerate(lines)) + last


def in_parentheses(opening: str, items: Sequence[str], closing: str, *, indent: str = "", last: str = ",") -> str:
    """Return items between parentheses: on one line where they fit, else a line for each.

    Examples
    --------
    >>> in_parentheses("f(", ["a", "b"], ")")
    'f(a, b)'
    """
    line = f"{indent}{opening}{', '.join(items)}{closing}"
    if len(line) <= LINE_WIDTH:
        return line
    lines = [f"{indent}    {item}," for item in items]
    lines[-1] = lines[-1].removesuffix(",") + last
    return "\n".join([f"{indent}{opening}", *lines, f"{indent}{closing}"])

"""Functions: what a record says is true, and one file is enough for a new one."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import random
import sys
from fractions import Fraction
from pathlib import Path

import mpmath
import pytest
from sympy.codegen import cfunctions

import kl_symbolic
from kl_symbolic import functions
from kl_symbolic.functions import Domain, all_functions
from kl_symbolic.terms import Number, Symbol, Term

PACKAGE = Path(kl_symbolic.__file__).parent
CTX = mpmath.MPContext()
CTX.dps = 50
DIGITS = 30
ABOVE_MINUS_1 = ("log1p", "log1pmx", "lgamma1p_remainder")  # their definitions have a meaning there
MODULES = {"np": "numpy", "jnp": "jax.numpy", "tf": "tensorflow"}
FUNCTIONS = sorted(all_functions())
OF_NUMBERS = [name for name in FUNCTIONS if "mpmath" in all_functions()[name].names]


def value_of(name, *args):
    """Return a value at many digits: by its definition, or by mpmath."""
    function = all_functions()[name]
    if function.definition:
        return function.definition(Values(), *args)
    found = getattr(CTX, all_functions()[name].names["mpmath"])
    return found(*args) if args else +found


class Values:
    """The namespace in which a formula is a number, and the algebra in which an identity is.

    `part` is what it takes for the number among the terms of a value, that is of part + (value - part); by default all.
    """

    pi = CTX.pi
    euler_gamma = CTX.euler

    def __init__(self, part=None):
        self.part = part

    def constant_part(self, value):
        mantissa, exponent = value.man_exp
        return Fraction(int(mantissa)) * Fraction(2) ** exponent if self.part is None else self.part

    def inert(self, function, *args):
        return value_of(function, *args)

    def __getattr__(self, name):
        return lambda *args: value_of(name, *args)

    def number(self, value):
        return CTX.mpf(Fraction(value).numerator) / Fraction(value).denominator

    def add(self, parts):
        return sum(parts)

    def mul(self, a, b):
        return a * b

    def power(self, base, exponent):
        return base**exponent

    def root(self, base):
        return CTX.sqrt(base)

    def apply(self, function, *args):
        return value_of(function, *args)

    def formula(self, formula, *args):
        return formula(self, *args)

    def is_positive(self, value):
        return value > 0

    def is_nonnegative(self, value):
        return value >= 0


def points(function, count=5):
    """Draw arguments within the domains of a function; those of a power have a positive base."""
    draw = random.Random(function.name)
    for _ in range(count):
        numbers = []
        for domain in function.domains:
            if domain.integer:
                numbers.append(CTX.mpf(draw.randint(1, 9)))
            else:
                number = CTX.mpf(draw.randint(1, 40)) / 8
                numbers.append(number if domain.nonnegative or draw.random() < 0.5 else -number)
        if function.name == "pow":
            numbers[0] = abs(numbers[0])
        if function.name in ABOVE_MINUS_1:
            numbers[0] = abs(numbers[0]) - CTX.mpf(1) / 2
        yield numbers


def near(a, b, digits=DIGITS):
    return abs(a - b) <= CTX.mpf(10) ** -digits * max(1, abs(a), abs(b))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_record_is_whole(name):
    function = all_functions()[name]
    assert function.name == name == name.lower()
    assert len(function.derivatives) == function.arity
    assert function.title
    assert function.tex
    assert function.definition or {"sympy", "mpmath"} <= function.names.keys()


def test_no_spelling_means_two_functions():
    said = [word for f in all_functions().values() for word in (*f.spellings, *f.log_spellings)]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_derivative_is_a_derivative(name):
    function = all_functions()[name]
    for at in points(function):
        for place, slope in enumerate(function.derivatives):
            if slope is not None:
                orders = tuple(int(k == place) for k in range(function.arity))
                difference = CTX.diff(lambda *args: value_of(name, *args), tuple(at), orders)
                assert near(slope(Values(), *at), difference, 15)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_identity_holds_for_numbers(name):
    function = all_functions()[name]
    for identity in function.identities.values():
        for at in points(function):
            for part in (None, *map(Fraction, ("-2", "1/2", "1", "5/2", "3"))):
                found = identity(Values(part), *at)
                assert found is None or near(found, value_of(name, *at))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_lie_where_the_record_says(name):
    function = all_functions()[name]
    for at in points(function, 20):
        value = value_of(name, *at)
        assert not function.value.positive or value > 0
        assert not function.value.nonnegative or value >= 0
        assert function.root is None or (value > 0) == (
            at[0] > CTX.mpf(function.root.numerator) / function.root.denominator
        )


def home_of(spelled, library):
    """Return the module that has what code says, and the last part of that."""
    module, _, attribute = spelled.rpartition(".")
    first, *rest = (module or {"arb": "flint", "python": "builtins"}.get(library, library)).split(".")
    if importlib.util.find_spec(MODULES.get(first, first).partition(".")[0]) is None:
        pytest.skip(f"{first} is not installed")
    return importlib.import_module(".".join((MODULES.get(first, first), *rest))), attribute


def called(spelled, library, domains, at):
    """Return the value that a library has."""
    found, attribute = home_of(spelled, library)
    if library == "arb":
        if not at:
            return float(getattr(found.arb, attribute)())
        kind = found.arb if hasattr(found.arb, attribute) else found.acb
        first, *others = (kind(str(a)) for a in (reversed(at) if domains[0].integer else at))  # an order comes last
        return float(getattr(first, attribute)(*others).real)
    function = getattr(found, attribute, None) or getattr(cfunctions, attribute)
    if not at:
        return float(function.evalf(20) if library == "sympy" else function)
    if library == "sympy":
        return float(function(*(found.Rational(str(a)) for a in at)).evalf(20))
    tensor = (lambda a: found.tensor(a, dtype=found.float64)) if found.__name__ == "torch" else float
    whole = [int(a) if domain.integer else tensor(float(a)) for a, domain in zip(at, domains, strict=True)]
    return float(function(*whole))


NAMES = [(f, library) for f in FUNCTIONS for library in all_functions()[f].names]
LOGARITHMS = [(f, library) for f in FUNCTIONS for library in all_functions()[f].log_names]


@pytest.mark.parametrize(("name", "library"), NAMES)
def test_a_name_is_that_of_the_function(name, library):
    function = all_functions()[name]
    for at in points(function, 3):
        found = called(function.names[library], library, function.domains, at)
        assert near(found, value_of(name, *at), 5 if library == "jax" else 6)  # which computes in single precision


@pytest.mark.parametrize(("name", "library"), LOGARITHMS)
def test_a_name_of_the_logarithm_is_that(name, library):
    function = all_functions()[name]
    for at in points(function, 3):
        found = called(function.log_names[library], library, function.domains, at)
        assert near(found, CTX.log(value_of(name, *at)), 6)


FUNCTION_FILE = r"""
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function

FUNCTION = Function(
    name="tanh",
    title="hyperbolic tangent",
    domains=(Domain.REAL,),
    derivatives=(lambda m, u: 1 - m.tanh(u) ** 2,),
    identities={"definition": lambda k, u: k.formula(lambda m, t: 1 - 2 / (1 + m.exp(2 * t)), u)},
    tex=r"\tanh",
    spellings=("tanh",),
    names={"sympy": "tanh", "mpmath": "tanh", "arb": "tanh", "numpy": "np.tanh", "torch": "torch.tanh"},
)
"""


@pytest.fixture
def tanh(tmp_path, monkeypatch):
    """Put one more file beside the functions' own, and forget it afterwards."""

    def forget():
        functions.all_functions.cache_clear()
        sys.modules.pop("kl_symbolic.functions.extra", None)

    (tmp_path / "extra.py").write_text(FUNCTION_FILE, encoding="utf-8")
    monkeypatch.setattr(functions, "__path__", [*functions.__path__, str(tmp_path)])
    forget()
    yield lambda u: Term("tanh", u)
    monkeypatch.undo()
    forget()


U = Symbol("u", Domain.REAL)
ACCEPTED = {
    "a derivative": ("differentiate", lambda f: (Term("Diff", f(3 * U), U), 3 - 3 * f(3 * U) ** 2)),
    "an identity": ("function", lambda f: (f(U), 1 - 2 / (1 + Term("exp", 2 * U)))),
}
REJECTED = {
    "a derivative without the chain rule": ("differentiate", lambda f: (Term("Diff", f(3 * U), U), 1 - f(3 * U) ** 2)),
    "an identity of a rule that is off": ("algebra", lambda f: (f(U), 1 - 2 / (1 + Term("exp", 2 * U)))),
    "a wrong identity": ("function", lambda f: (f(U), 1 - 2 / (1 + Term("exp", U)))),
    "a logarithm of what may be negative": ("logarithm", lambda f: (Term("log", f(U) * f(U)), 2 * Term("log", f(U)))),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_kernel_knows_a_new_function(tanh, case):
    from kl_symbolic.kernel import prove_step
    from kl_symbolic.proof.derivation import Step

    rule, sides = ACCEPTED[case]
    prove_step(Step(rule, *sides(tanh)))


@pytest.mark.parametrize("case", REJECTED)
def test_the_kernel_knows_no_more_of_it(tanh, case):
    from kl_symbolic.errors import ProofError
    from kl_symbolic.kernel import prove_step
    from kl_symbolic.proof.derivation import Step

    rule, sides = REJECTED[case]
    with pytest.raises(ProofError):
        prove_step(Step(rule, *sides(tanh)))


def test_a_new_function_is_written_to_a_proof_file_and_read_again(tanh):
    from kl_symbolic.terms.json import Reader, Writer

    writer = Writer()
    position = writer.position(tanh(U) + 1)
    assert Reader(writer.nodes).terms[position] is tanh(U) + 1


def test_a_new_function_is_printed(tanh):
    from kl_symbolic import render
    from kl_symbolic.proof.question import Question
    from kl_symbolic.proof.statement import laws
    from kl_symbolic.render.latex import latex
    from kl_symbolic.render.printer import Printer

    printed = Printer(render.Notation(), laws(Question("entropy", "normal"))).expression(tanh(U + 1) / 2)
    assert latex(printed) == r"\frac{1}{2}\tanh(u + 1)"
    assert render.text(printed) == "1/2 tanh(u + 1)"


@pytest.mark.parametrize(
    "written", ["tanh(mu) + log(sigma)", r"\tanh(\mu) + \log\sigma", "np.tanh(mu) + np.log(sigma)"]
)
@pytest.mark.usefixtures("tanh")
def test_a_new_function_is_read(written):
    from kl_symbolic.claims import formula
    from kl_symbolic.proof.question import Question

    read = formula(written, Question("entropy", "normal"))
    assert str(read) == "tanh(mu) + log(sigma)"


def test_a_new_function_is_evaluated(tanh):
    from kl_symbolic.numbers import UnresolvedError
    from kl_symbolic.numbers.arithmetic import FLOATS, evaluate, intervals
    from kl_symbolic.numbers.evaluator import Evaluator

    point = Fraction(3, 7)
    expected = CTX.tanh(CTX.mpf(3) / 7)
    ball = Evaluator(CTX, 40, {U: point}).value(tanh(U) * 2)
    assert near(ball.mid, 2 * expected, 40)
    assert near(CTX.mpf(float(evaluate(tanh(U), {U: 3 / 7}, FLOATS))), expected, 15)
    with pytest.raises(UnresolvedError, match="mpmath has no intervals of the hyperbolic tangent"):
        evaluate(tanh(U), {U: mpmath.iv.mpf(3) / 7}, intervals(mpmath.iv))


def test_a_new_function_goes_through_the_door_to_sympy(tanh):
    import sympy

    from kl_symbolic.terms.sympy import inert, ordinary, read

    assert ordinary(tanh(U)) == sympy.tanh(sympy.Symbol("u", real=True))
    assert read(inert(tanh(U) / 3)) is tanh(U) / 3


@pytest.mark.usefixtures("tanh")
def test_a_formula_with_a_new_function_is_judged():
    from kl_symbolic import check

    assert check("(mu^2 + sigma^2 - 1)/2 - log(sigma) + tanh(0)", "normal", "standard_normal").status != "proved"
    assert check("(mu^2 + sigma^2 - 1)/2 - log(sigma) + tanh(mu)", "normal", "standard_normal").status == "refuted"


REMAINDERS = (
    "expm1mx gamma_shape_remainder itakura_saito kl_div lgamma1p_remainder lgamma_remainder log1pmx softplus_remainder"
)
DIFFERENCES = (
    "difference_of_products digamma_difference digamma_log_difference log_ratio sigmoid sigmoid_difference"
    " trigamma_excess"
)

# Outside `functions/` a function is named only where the mathematics is about that very function.
NAMED = {
    "theories of the kernel": {
        "kernel/arithmetic.py": "exp",  # a power of an exponential is one
        "kernel/canon.py": "exp log",  # b^a = exp(a log b)
        "kernel/integrals.py": "log",  # the score, d log p
        "kernel/logarithms.py": "exp log",
        "kernel/unfolding.py": "log",  # densities are formulas under a logarithm
    },
    "tactics, which write logarithms of products as sums": {"engine/heads.py": "exp log sqrt"},
    "the exponential of 0 is left out": {"proof/stable_terms.py": "exp"},
    "logarithms of products have known scales": {"numbers/integrands.py": "exp log sqrt"},
    "densities are expanded and bounded where they are small": {
        "numbers/expansion.py": "exp log sqrt",
        "numbers/tails.py": "factorial log",
    },
    "what the terms of discrete laws are made of": {
        "numeric/discrete.py": "kl_div log log_ratio",
        "numeric/histogram.py": "difference_of_products kl_div",
    },
    "languages have names of their own for functions, and operations that are functions": {
        "code/decimal_arithmetic.py": "digamma exp log pi polygamma sqrt",
        "code/decimals.py": "abs sqrt",
        "code/error_bound.py": "abs sqrt",
        "code/languages/arrays.py": "log1p",
        "code/languages/c.py": "abs",
        "code/languages/loops.py": "abs sqrt",
        "code/languages/numba.py": "abs",
        "code/languages/rust.py": "expm1 log log1p",
        "code/notation.py": "abs sqrt",
        "code/printing.py": "abs sqrt",
        "code/running.py": "abs sqrt",
    },
    "the logarithm of a function may have a name": {
        "audit/exact.py": "log",
        "terms/sympy/border.py": "log",
    },
    "a parameter is the logarithm of another, or its square root": {
        "claims/wording.py": "exp log sqrt",
        "reading/meaning.py": "exp log",
        "reading/where.py": "sqrt",
        "slips/readings.py": "exp log sqrt",
    },
    "how people write logarithms, exponentials, roots and bars": {
        "claims/correction.py": "exp log pi",
        "claims/shapes.py": "exp log pi sqrt",
        "reading/arithmetic.py": "sqrt",
        "reading/atoms.py": "log pi sqrt",
        "reading/bars.py": "log",
        "reading/builder.py": "abs exp log",
        "reading/code/calls.py": "abs exp expm1 log log1p pi sqrt",
        "reading/code/functions.py": "log",
        "reading/code/lexemes.py": "sqrt",
        "reading/grammar.py": "log pi sqrt",
        "reading/matrices.py": "abs log sqrt",
        "reading/styles.py": "exp pi",
        "reading/syntax_terms.py": "exp",
        "reading/tokens.py": "pi sqrt",
        "terms/sympy/written.py": "exp log",  # SymPy's E, and loggamma
    },
    "slips and guards of logarithms": {"audit/guards.py": "exp log", "slips/terms.py": "log"},
    "the logarithm is log or ln, as its author likes": {
        "claims/sides.py": "log",
        "cli/derive.py": "log",
        "options.py": "log",
        "render/notation.py": "exp log",
        "sphinxext/__init__.py": "log",
        "sphinxext/request.py": "log",
    },
    "a word that is no function: a letter, a name, a law, a message to a log": {
        "claims/asked.py": "pi",
        "families/exponential.py": "exp gamma",
        "families/gamma.py": "gamma",
        "proof/question.py": "gamma",
        "reading/alphabet.py": "gamma pi",
        "reading/code/names.py": "log",
        "reading/code/statements.py": "log pi",
        "reading/spelling.py": "log",
    },
    "what languages have, orders and logarithms, which are functions of their own in code": {
        "code/operations.py": "abs sqrt",
        "code/program.py": "abs exp expm1 log log1p polygamma sqrt",
        "code/arrays.py": "abs log1p",
        "code/trace.py": "abs difference_of_products exp expm1 log polygamma sqrt triple_product_difference",
    },
    "the public functions of arrays": {
        "numeric/__init__.py": f"{REMAINDERS} {DIFFERENCES}",
        "numeric/remainders.py": REMAINDERS,
        "numeric/differences.py": DIFFERENCES,
        "numeric/special.py": "expm1mx kl_div lgamma1p_remainder log1pmx",
    },
    "what format 1 called them": {"proof/format_1.py": "exp factorial log sqrt"},
}


def names_of_functions(source):
    """Return the functions that a file names in a text of its own: ``Term("log", ...)``, ``case Atom("exp", ...)``.

    Powers are arithmetic, as sums and products are.
    """
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and node.value in all_functions() and node.value != "pow"
    }


def test_a_function_is_named_only_where_the_mathematics_is_about_it():
    files = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    found = {name: names_of_functions(path.read_text(encoding="utf-8")) for name, path in files.items()}
    named = {name: set(words.split()) for reason in NAMED.values() for name, words in reason.items()}
    assert {name: words for name, words in found.items() if words and not name.startswith("functions/")} == named


def test_the_look_at_names_is_able_to_fail():
    assert names_of_functions('match term:\n    case Term("log", (u,)):\n        pass') == {"log"}


def test_a_number_is_no_function():
    assert functions.find_function(Number(1).head) is None

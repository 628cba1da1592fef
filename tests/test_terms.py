"""Terms: one object for equal ones, immutable, written as operators say; nothing is captured, and nothing is lost."""

from __future__ import annotations

import ast
import copy
import gc
import pickle
import subprocess
import sys
import threading
from fractions import Fraction
from functools import partial
from types import SimpleNamespace

import mpmath
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from test_kernel_mutants import Point

from kl_symbolic import catalogue
from kl_symbolic.functions import Domain, all_functions, find_function
from kl_symbolic.terms import (
    BINDERS,
    COORDINATE,
    DIMENSION,
    Array,
    CaptureError,
    Density,
    Diff,
    Integral,
    Law,
    Namespace,
    Number,
    ProductLaw,
    Sum,
    Symbol,
    Term,
    Text,
    Vector,
    add,
    has,
    mul,
    names,
    parts,
    parts_with,
    power,
    rebuilt,
    substitute,
)
from kl_symbolic.terms.json import Reader, Writer
from kl_symbolic.terms.sympy import inert, read

log, exp = partial(Term, "log"), partial(Term, "exp")
x, y, k = Symbol("x"), Symbol("y"), Symbol("k", Domain.NATURAL)
a, b = Symbol("a", Domain.POSITIVE), Symbol("b", Domain.NONNEGATIVE)
i, n, m = COORDINATE, DIMENSION, Symbol("m", Domain.INDEX)
mu, xs = Array(Symbol("mu")), Array(x)
HALF, ZERO, ONE = Number(Fraction(1, 2)), Number(0), Number(1)

# Random terms, with binders that bind what is free elsewhere.

NUMBERS = st.builds(Fraction, st.integers(-5, 5), st.integers(1, 4)).map(Number)
SCALARS = st.sampled_from([x, y, k, a, b, i, m, n, mu[i], mu[2], mu[m], xs[i], xs[1], Term("pi")])
EXPONENTS = st.sampled_from([*(Number(c) for c in (-2, -1, 1, 2, 3)), HALF, -HALF, a, x])
FUNCTIONS = st.sampled_from([f.name for f in all_functions().values() if f.arity == 1])
SIZES = st.sampled_from([n, m, Number(2)])
KEYS = [x, y, a, i, m, n, mu, xs, mu[i], mu[2], x + 1, log(x), ONE]


def _raised(base, exponent):
    return Term("pow", base if base is not ZERO else ONE, exponent)


def _arithmetic(inner):
    return st.one_of(
        st.builds(partial(Term, "Add"), inner, inner),
        st.builds(partial(Term, "Mul"), inner, inner),
        st.builds(_raised, inner, EXPONENTS),
        st.builds(Term, FUNCTIONS, inner),
        st.builds(add, inner, inner, inner),
        st.builds(mul, inner, inner, inner),
        st.builds(lambda p, q: p - q, inner, inner),
    )


def _any(inner):
    laws = st.builds(partial(Law, "normal"), inner, inner) | st.builds(partial(Law, "exponential"), inner)
    products = st.builds(ProductLaw, laws, st.sampled_from([i, m]), SIZES)
    return st.one_of(
        _arithmetic(inner),
        st.builds(Term, st.sampled_from(["Sum", "Product"]), inner, st.sampled_from([i, m]), SIZES),
        st.builds(Integral, inner, st.sampled_from([x, y, k]), st.just("reals"), st.just(1)),
        st.builds(Integral, inner, st.sampled_from([xs, mu]), st.just("reals"), SIZES),
        st.builds(Diff, inner, st.sampled_from([x, a, mu[2], mu[m]])),
        st.builds(Density, laws, inner),
        st.builds(Density, products, st.sampled_from([xs, mu])),
        st.builds(partial(Term, "KL"), laws, laws),
        st.builds(partial(Term, "Entropy"), laws | products),
    )


ARITHMETIC = st.recursive(NUMBERS | SCALARS, _arithmetic, max_leaves=8)
TERMS = st.recursive(NUMBERS | SCALARS, _any, max_leaves=12)
VALUES = st.dictionaries(st.sampled_from(KEYS), TERMS, min_size=1, max_size=3)


# One object for equal ones.


def test_equal_terms_are_the_same_object():
    assert log(2 * x) is Term("log", Term("Mul", 2, Symbol("x")))
    assert Number(Fraction(2, 4)) is Number(Fraction(1, 2)) is HALF
    assert Number(2) is Number(Fraction(2)) is ONE + 1
    assert Text("normal") is Text("normal")
    assert Symbol("x") is Symbol("x", Domain.REAL)
    assert len({Symbol("x"), Text("x"), Array(Symbol("x")), Term("x"), *(Symbol("x", d) for d in Domain)}) == 3 + len(
        Domain
    )
    assert x + y != y + x  # as it is written
    assert (x == "x", x == 1, ONE == 1) == (False, False, False)


@given(TERMS)
def test_what_is_built_again_is_the_same(term):
    def again(part):
        match part:
            case Number(value):
                return Number(Fraction(value.numerator, value.denominator))
            case Symbol(name, domain):
                return Symbol("".join(name), domain)
            case Text(words):
                return Text("".join(words))
        return Term(part.head, *map(again, part.args))

    assert again(term) is term
    assert pickle.loads(pickle.dumps(term)) is term
    assert copy.copy(term) is copy.deepcopy(term) is term
    assert copy.deepcopy([term])[0] is term
    assert rebuilt(term, {}) is term
    assert hash(term) == hash(again(term))


def test_terms_that_nobody_needs_are_forgotten_and_made_again():
    def made():
        return log(Symbol("nobody_needs_me") + 12345)

    before, kept = str(made()), made()
    assert made() is kept
    del kept
    gc.collect()
    assert str(made()) == before


def test_terms_made_in_many_threads_at_once_are_the_same():
    workers, rounds = 8, 50
    barrier, found = threading.Barrier(workers), [[] for _ in range(workers)]

    def work(place):
        for number in range(rounds):
            barrier.wait()
            term = Integral(exp(Symbol(f"s{number}") * x) ** Number(number + 2), x, "reals", 1)
            found[place].append((term, term.free))

    threads = [threading.Thread(target=work, args=(place,)) for place in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for made in zip(*found, strict=True):
        assert len(made) == workers
        assert len({id(term) for term, _ in made}) == 1
        assert len({free for _, free in made}) == 1


def test_a_term_travels_to_another_process():
    term = Integral(Density(Law("normal", x, a), y) * log(y**2 + HALF), y, "reals", 1)
    program = (
        "import pickle, sys\n"
        "from kl_symbolic.terms import Symbol, Term\n"
        "term = pickle.load(sys.stdin.buffer)\n"
        "assert term is Term(term.head, *term.args) and Symbol('x') in term.free\n"
        "sys.stdout.buffer.write(pickle.dumps((str(term), term)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], input=pickle.dumps(term), check=True, capture_output=True)
    assert pickle.loads(done.stdout) == (str(term), term)


@pytest.mark.parametrize("term", [log(x), x, HALF, Text("normal")], ids=str)
def test_a_term_cannot_be_changed(term):
    for name in ("head", "args", "free", "value", "name", "domain", "text", "new", "__dict__", "__class__"):
        with pytest.raises(AttributeError):
            setattr(term, name, ())
        with pytest.raises(AttributeError):
            delattr(term, name)
    with pytest.raises(TypeError):
        vars(term)
    with pytest.raises(TypeError):
        term.args[0] = x
    with pytest.raises(TypeError):
        iter(term)


@pytest.mark.parametrize("part", [0.5, float("nan"), 1j, True, None, [x], (x,), b"x", sys])
def test_what_is_no_part_of_a_term_is_refused(part):
    for build in (partial(Term, "log"), lambda p: x + p, lambda p: p * x, lambda p: x**p, lambda p: p - x, add, mul):
        with pytest.raises(TypeError):
            build(part)


# Operators write down what they say.


def test_operators_write_down_what_they_say():
    assert (x + y).args == (x, y)
    assert (x + (y + x)).args == (x, y, x)  # nothing is collected
    assert (x * (y * x)).args == (x, y, x)
    assert (1 + x + 2).args == (x, Number(3))
    assert (2 * x * 3).args == (Number(6), x)
    assert x + 0 is 0 + x is 1 * x is x * 1 is x**1 is x
    assert (0 * x).args == (ZERO, x)  # x may have no value
    assert (x - x).args == (x, -x)
    assert (-x).args == (Number(-1), x)
    assert -1 * -x is x
    assert (x / y).args == (x, y**-1)
    assert (1 / x).args == (x, Number(-1))
    assert 1 / Number(4) is Number(Fraction(1, 4))
    assert (1 / ZERO).args == (ZERO, Number(-1))
    assert (x**0).args == (x, ZERO)
    assert ((x**2) ** HALF).args == (x**2, HALF)
    assert (Number(2) ** 3).args == (Number(2), Number(3))  # a power is worked out only where it is 1/c
    assert (2**x).args == (Number(2), x)
    assert (x + Fraction(1, 2)).args == (x, HALF)
    assert (add(), mul(), add(x), mul(x)) == (ZERO, ONE, x, x)
    assert power(x, 1) is x
    assert (2 * (x + 1)).args == (Number(2), x + 1)  # nothing is multiplied out
    assert Term("Add", 1, 2).args == (ONE, Number(2))  # the constructor does nothing at all


@given(ARITHMETIC, ARITHMETIC, st.fractions(-3, 3, max_denominator=4))
def test_operators_have_the_value_of_what_they_say(p, q, number):
    value = value_of(p), value_of(q)
    assume(None not in value)
    with mpmath.workdps(60):
        number_value = mpmath.mpf(number.numerator) / number.denominator
        assert close(value_of(p + q), value[0] + value[1])
        assert close(value_of(p - q), value[0] - value[1])
        assert close(value_of(p * q), value[0] * value[1])
        assert close(value_of(number * p), number_value * value[0])
        assert close(value_of(p + number), value[0] + number_value)
        assert close(value_of(-p), -value[0])
        if value[1]:
            assert close(value_of(p / q), value[0] / value[1])


def value_of(term):
    """Return the value of a term at a random point, or None where it has none."""
    with mpmath.workdps(60):
        try:
            value = Point(7).value(term)
        except (ZeroDivisionError, ValueError, OverflowError):
            return None
        return value if mpmath.isfinite(value) and (not value or abs(mpmath.log10(abs(value))) < 100) else None


def close(one, other):
    return one is None or abs(one - other) <= mpmath.mpf(10) ** -40 * (1 + abs(one) + abs(other))


# What is free, and what takes its place.


def named_apart(term, bound=()):
    """Return a term as nested tuples in which a bound symbol is the number of binders between it and its own."""
    if isinstance(term, Symbol) and term in bound:
        return "bound", bound[::-1].index(term)
    if term.head not in BINDERS:
        return (term.head, *(named_apart(part, bound) for part in term.args)) if term.args else term
    body, variable, *outer = term.args
    (symbol,) = variable.free
    inside = named_apart(body, (*bound, symbol))
    return (term.head, variable.head, symbol.domain, inside, *(named_apart(part, bound) for part in outer))


def put_in(term, values, bound=()):
    """Do what `substitute` does, on nested tuples, where a value cannot be captured."""
    if term in values and term.free.isdisjoint(bound):
        return named_apart(values[term])
    if term.head == "Array":  # its name is no symbol
        return named_apart(term, bound)
    if isinstance(term, Symbol) and term in bound:
        return "bound", bound[::-1].index(term)
    if term.head not in BINDERS:
        return (term.head, *(put_in(part, values, bound) for part in term.args)) if term.args else term
    body, variable, *outer = term.args
    (symbol,) = variable.free
    inside = put_in(body, values, (*bound, symbol))
    return (term.head, variable.head, symbol.domain, inside, *(put_in(part, values, bound) for part in outer))


def free_in(tree):
    """Return the symbols in nested tuples; bound ones are none."""
    if isinstance(tree, tuple):
        return set().union(*map(free_in, tree))
    return {tree} if isinstance(tree, Symbol) else set()


@given(TERMS)
def test_what_is_free_is_what_no_binder_binds(term):
    assert term.free == free_in(named_apart(term))


@given(TERMS, VALUES)
def test_nothing_is_captured_where_values_take_the_place_of_parts(term, values):
    bound = {binder.args[1].free for binder in parts_with(term, *BINDERS)}
    try:
        done = substitute(term, values)
    except CaptureError:
        assert frozenset().union(*bound) & frozenset().union(*(value.free for value in values.values()))
        return
    assert named_apart(done) == put_in(term, values)


def test_the_look_at_captured_symbols_is_able_to_fail():
    captured = Sum(i * mu[i], i, n)  # i for x in Sum(x*mu[i], i, n), put in blindly
    assert named_apart(captured) != put_in(Sum(x * mu[i], i, n), {x: i})
    with pytest.raises(CaptureError, match="i would be captured by the binder of i"):
        substitute(Sum(x * mu[i], i, n), {x: i})


def test_parts_and_what_takes_their_place():
    assert substitute(x + log(x), {x: y, y: x}) is y + log(y)
    assert substitute(x + y, {x: y, y: x}) is y + x
    assert substitute(mu[i] + Sum(mu[i], i, n), {i: ONE}) is mu[1] + Sum(mu[i], i, n)
    assert substitute(Sum(mu[i], i, n), {n: Number(3)}) is Sum(mu[i], i, 3)
    assert substitute(Sum(mu[i], i, m), {m: i}) is Sum(mu[i], i, i)  # the size stands outside
    assert substitute(Integral(x * y, x, "reals", 1), {y: a, x: a}) is Integral(x * a, x, "reals", 1)
    assert substitute(Sum(mu[i] + mu[2], i, n), {mu: xs}) is Sum(xs[i] + xs[2], i, n)
    assert substitute(Integral(xs[1] * x, xs, "reals", n), {x: y}) is Integral(xs[1] * x, xs, "reals", n)
    assert substitute(Sum(y, i, n), {x: i}) is Sum(y, i, n)  # there is no x to take the place of
    assert list(parts(log(x) + x)) == [log(x) + x, log(x), x]
    assert parts_with(log(x) * log(y) + log(x), "log") == (log(x), log(y))
    assert has(Sum(mu[i], i, n), i)
    assert not has(log(x), y, "exp")
    assert names([Sum(mu[i], i, n), log(x)]) == {"mu", "i", "n", "x"}


def test_a_large_term_with_shared_parts_costs_what_its_parts_cost():
    term, spent = x, []
    for _ in range(200):
        term = Term("Mul", term, Term("Add", term, term))
    assert len(list(parts(term))) == 401
    assert substitute(term, {x: y}, spent.append).free == {y}
    assert rebuilt(term, {}, spent.append) is term
    assert sum(spent) < 3_000
    assert term.free == {x}


# As text, as JSON, and as an expression of SymPy.


class Exactly(ast.NodeTransformer):
    """Python's arithmetic, with numbers of 60 digits."""

    def visit_Constant(self, node):
        return ast.Call(ast.Name("mpf", ast.Load()), [node], [])


class Coordinates:
    def __init__(self, name):
        self.name = name

    def __getitem__(self, index):
        return Point(7).number(self.name, index)


@given(ARITHMETIC)
def test_text_has_the_value_of_the_term_by_pythons_arithmetic(term):
    assume(value_of(term) is not None)
    records = all_functions().values()
    names = {f.name: getattr(mpmath, f.names["mpmath"]) for f in records if not f.definition}
    names |= {f.name: partial(f.definition, SimpleNamespace(**names)) for f in records if f.definition}
    with mpmath.workdps(60):
        names |= {symbol.name: Point(7).number(symbol.name) for symbol in term.free} | {"mpf": mpmath.mpf}
        # The symbol x and the array x have one name.
        arrays = {part.args[0].name: Coordinates(part.args[0].name) for part in parts_with(term, "Array")}
        tree = ast.parse(str(term), mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript):
                node.value.id = f"_{node.value.id}"
        names |= {f"_{name}": array for name, array in arrays.items()} | {"pi": +mpmath.pi}
        program = compile(ast.fix_missing_locations(Exactly().visit(tree)), "text", "eval")
        assert close(value_of(term), eval(program, {"__builtins__": {}}, names))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (-(x**2), "-x**2"),
        (Term("pow", -x, 2), "(-x)**2"),
        (Term("pow", Number(-2), 2), "(-2)**2"),
        (Term("pow", HALF, x), "(1/2)**x"),
        (x ** (y**2), "x**(y**2)"),
        ((x**y) ** 2, "(x**y)**2"),
        (x / (y / 2), "x/(y/2)"),
        (x - (y - 1), "x - (y - 1)"),
        (Term("Add", x, Term("Add", y, 1)), "x + (y + 1)"),
        (Term("Mul", 2, Number(-3)), "2*(-3)"),
        (x ** Fraction(-1, 2), "1/x**(1/2)"),
        (Fraction(-2, 3) * log(a) / (b * x), "-2*log(a)/(3*(b*x))"),
        (Term("pi") ** -HALF, "1/pi**(1/2)"),
        (mu[i] * mu[2], "mu[i]*mu[2]"),
        (Vector(x, Sum(mu[i], i, n)), "Vector(x, Sum(mu[i], i, n))"),
    ],
)
def test_text_is_what_python_would_read(term, text):
    assert ast.dump(ast.parse(str(term))) == ast.dump(ast.parse(text))


@given(TERMS)
def test_json_gives_the_term_back(term):
    writer = Writer()
    position = writer.position(term)
    assert Reader(writer.nodes).terms[position] is term
    assert writer.position(term) == position


@given(TERMS | st.builds(Vector, TERMS, TERMS))
def test_the_door_to_sympy_is_exact(term):
    assert read(inert(term)) is term


def test_the_door_is_exact_for_every_stage_of_the_catalogue():
    known, back = {}, {}
    stages = {
        side for d in catalogue() for part in d.record.with_lemmas() for s in part.steps for side in (s.before, s.after)
    }
    assert len(stages) > 100
    for stage in stages:
        assert read(inert(stage, known=known), back) is stage


def test_formulas_become_terms():
    formulas = Namespace()
    for function in all_functions().values():
        made = getattr(formulas, function.name)
        assert (made(*function.arity * [x]) if function.arity else made) is Term(function.name, *function.arity * [x])
    assert find_function("nothing") is None
    with pytest.raises(AttributeError, match="no function is called nothing"):
        _ = formulas.nothing


@pytest.mark.parametrize(
    ("kind", "arguments"), [(Number, (987_654_321,)), (Symbol, ("of_a_subclass",)), (Text, ("alone",))]
)
def test_a_subclass_makes_none_that_others_would_get(kind, arguments):
    other = type("Other", (kind,), {"__slots__": ()})(*arguments)
    assert type(other) is kind
    assert kind(*arguments) is other

"""The functions and methods of numerical libraries that a formula in code may call, as a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Literal

from kl_symbolic.divergences import all_quantities
from kl_symbolic.reading.syntax import (
    CONSTANTS,
    FUNCTIONS,
    PAIRED,
    Call,
    Inverse,
    Negative,
    Node,
    Number,
    Plus,
    Power,
    Times,
    applied,
    word_of_letters,
)
from kl_symbolic.reading.tokens import MODULES

ONE, TWO = Number(Fraction(1)), Number(Fraction(2))


def plus(*terms: Node) -> Node:
    """Return a sum, flat on the left."""
    first, *others = terms
    return Plus((*(first.terms if isinstance(first, Plus) else (first,)), *others))


def minus(node: Node) -> Node:
    """Return minus a node; two signs are none."""
    return node.inner if isinstance(node, Negative) else Negative(node)


def times(*factors: Node) -> Node:
    """Return a product, flat on the left; the sign of its first factor is that of the product.

    >>> times(Negative(ONE), TWO) == Negative(Times((ONE, TWO)))
    True
    """
    first, *others = factors
    if isinstance(first, Negative):
        return Negative(times(first.inner, *others))
    return Times((*(first.factors if isinstance(first, Times) else (first,)), *others))


REDUCTIONS = {
    "sum": "sum", "reduce_sum": "sum", "nansum": "sum", "mean": "mean", "reduce_mean": "mean", "nanmean": "mean",
    "average": "mean", "Sigma": "sum",
}  # fmt: skip
# Those of R: the rows of a matrix are the samples.
ROWS: dict[str, tuple[Literal["sum", "mean"], int]] = {
    "rowSums": ("sum", 1), "rowMeans": ("mean", 1), "colSums": ("sum", 0), "colMeans": ("mean", 0),
}  # fmt: skip
# What is made of the functions that `FUNCTIONS` knows.
MADE: dict[str, Callable[[Node], Node]] = {
    "log1p": lambda x: Call("log", plus(ONE, x)),
    "expm1": lambda x: plus(Call("exp", x), Negative(ONE)),
    "rsqrt": lambda x: Inverse(Call("sqrt", x)),
    "square": lambda x: Power(x, TWO),
    "abs2": lambda x: Power(x, TWO),
    "softplus": lambda x: Call("softplus", x),
    "neg": minus,
    "negative": minus,
    "reciprocal": Inverse,
}
BINARY: dict[str, Callable[[Node, Node], Node]] = {
    "add": plus,
    "sub": lambda x, y: plus(x, minus(y)),
    "subtract": lambda x, y: plus(x, minus(y)),
    "mul": times,
    "multiply": times,
    "div": lambda x, y: times(x, Inverse(y)),
    "divide": lambda x, y: times(x, Inverse(y)),
    "true_divide": lambda x, y: times(x, Inverse(y)),
    "truediv": lambda x, y: times(x, Inverse(y)),
    "Rational": lambda x, y: times(x, Inverse(y)),
    "Fraction": lambda x, y: times(x, Inverse(y)),
    "squared_difference": lambda x, y: Power(plus(x, minus(y)), TWO),
}
_OF_C = {"fabs": "abs", "powi": "pow"}  # the second is of Rust
INNER = frozenset({"dot", "vdot", "inner", "matmul", "mm", "mv"})  # of a vector with itself
BASES = {"2": "log2", "10": "log10", "e": "log"}
# What returns the value of its first argument.
SAME = frozenset(
    """
    float double float32 float64 tensor as_tensor asarray array constant convert_to_tensor cast stop_gradient
    identity Tensor FloatTensor Float32 Float64 as_numeric
    """.split()  # noqa: SIM905
)
# Methods that return the value of their object.
SAME_METHODS = frozenset(
    """
    float double half detach cpu cuda numpy item view reshape squeeze to type type_as contiguous flatten
    expand_as clone astype asnumpy asscalar requires_grad_
    """.split()  # noqa: SIM905
)
# What it makes may be summed more than once where it meets an array without it.
NEW_AXES = frozenset(["unsqueeze", "expand", "expand_dims", "broadcast_to", "repeat", "tile", "repeat_interleave"])
# What a parameter may be given without being another one.
BOUNDS = re.compile(r"clamp_?|clip_?|clip_by_value|maximum|minimum|clamp_min|clamp_max|nan_to_num|pmax|pmin")
WHOLE_NUMBERS = re.compile(r"\b(?:u?int\d*|long|short|byte|bool)\b")
SAME_ATTRIBUTES = frozenset({"data", "values"})
SHORTEST_WORD = 4  # that is a name for what it stands in: ent is in enter
OPERANDS = ("x", "input", "input_tensor", "a")  # what the first argument is called
AXES = ("axis", "dim", "axes", "dims", "reduction_indices")
KEPT = ("keepdim", "keepdims", "keep_dims")
WITHOUT_EFFECT = frozenset([*KEPT, "dtype", "name"])
# What one asks of a law: var(p), p.variance().
OF_LAW = frozenset(["mean", "var", "variance", "std", "stddev", "stdev", "rate", "scale", "loc", "location"])
LAW = re.compile(
    r"[pqabd]|[pq]_?\w|(?:dist|law|d|normal|poisson|exponential)_?\d|\w*(?:dist|law|distribution|posterior|prior)"
)
LIBRARY = re.compile(
    r"kl_?div(?:ergence)?|kl_div_loss|KLDivLoss|KLDivergence|kullback_leibler_divergence|kldivergence|relative_entropy"
    r"|Normal|LogNormal|MultivariateNormal(?:Diag|TriL)?|MvNormal|Poisson|Exponential|Independent|Laplace|Bernoulli|Gamma"
    r"|Beta|Categorical|entropy|cross_entropy_of|log_prob|logpdf|rsample",
    re.IGNORECASE,
)
# A loss that is no divergence, by the last part of its name; and what it is about.
OTHER_LOSS = re.compile(
    r"(?:\w*_)?(?:bce|mse|nll|xent|recon(?:s|st|str|struct|struction)?|(?:binary_?)?cross_?entropy"
    r"|(?:rec|ce|l[12])_?(?:loss|error|term))(?:_?(?:loss|losses|error|err|term|cost|sum|mean|with_logits))*"
    r"|(?:loss|l)_?(?:recon\w*|rec|bce|mse|nll)",
    re.IGNORECASE,
)
DATA = re.compile(
    r"(?:self_)?(?:x|y|inputs?|targets?|labels?|images?|imgs?|data|outputs?|outs?|pred\w*|recon\w*|decoded\w*)"
    r"(?:_?(?:hat|recon\w*|rec|decoded\w*|tilde|pred|true|out|batch))*",
    re.IGNORECASE,
)
BOUND = re.compile(r"(?:\w*_)?(?:elbo|\w*bound|objective|log_?lik\w*)(?:_\w*)?", re.IGNORECASE)
MINUS = re.compile(r"neg|minus", re.IGNORECASE)
SAMPLES = re.compile(
    r"(?:n|num)_?samples?|(?:n|num|size|len)?_?(?:of_)?(?:mini)?_?batch_?(?:size|sz|num|n|len)?", re.IGNORECASE
)
DIMENSION = re.compile(r"(?!ndims?$)(?:(?:n|num|latent|z|code)_?)*dims?|n_?latents?|latent_size", re.IGNORECASE)
AXIS = re.compile(r"\w*(?:dims?|ax[ei]s)", re.IGNORECASE)
_MODULES = MODULES | frozenset(
    """
    scipy jax tf keras nn functional cmath mx nd cp paddle flow autograd lax linalg TT U autodiff backend special sc jsp
    """.split()  # noqa: SIM905
)
# Packages whose functions mean what they are called.
_PACKAGES = frozenset(
    """
    numpy torch tensorflow jax math cmath keras sympy mxnet cupy paddle theano aesara pytensor autograd chainer builtins
    flax pyro numpyro
    """.split()  # noqa: SIM905
)
_PARTS_OF_PACKAGES = ("scipy", "scipy.special")
STAR = "*"
BUILTIN = frozenset(["sum", "abs", "pow", "len", "float", "print", "list", "tuple", "range", "isinstance"])
_FREE_CONSTANTS = {"M_PI": "pi", "M_E": "e"}
_CONSTANTS = {"PI": "pi", "e": "e", "E": "e"}


def is_binary(name: str) -> bool:
    """Whether a bare name is that of an operation or a function of two arguments."""
    return name in BINARY or name in PAIRED


def binary(name: str, one: Node, other: Node) -> Node:
    """Return an operation on two values, or a function of two arguments.

    >>> binary("sub", TWO, ONE) == plus(TWO, minus(ONE)), binary("polygamma", ONE, TWO).function
    (True, 'polygamma')
    """
    return BINARY[name](one, other) if name in BINARY else applied(PAIRED[name], one, other)


def is_unary(name: str) -> bool:
    """Whether a bare name is that of a function of one argument."""
    return name in MADE or name in FUNCTIONS


def unary(name: str, argument: Node) -> Node:
    """Return a function of one argument.

    >>> unary("ln", TWO), unary("square", TWO)
    (Call(function='log', argument=Number(...)), Power(base=Number(...), exponent=Number(...)))
    """
    return MADE[name](argument) if name in MADE else applied(FUNCTIONS[name], argument)


def bare(name: str) -> str:
    """Return the name of a function without what changes where the result is kept, prefixes of R and suffixes of C.

    >>> bare("add_"), bare("k_exp"), bare("torch_sum"), bare("logf"), bare("SQRT")
    ('add', 'exp', 'sum', 'log', 'sqrt')
    """
    name = re.sub(r"^(?:k|op|torch|tf)_(?=[a-z])", "", name).removesuffix("_")
    lower = name.lower()
    if name.isupper() and name != "LOG" and (is_unary(lower) or is_binary(lower)):  # LOG may be to base 10
        return lower
    if is_unary(name):
        return name
    return word_of_letters(name) or of_c(name) or name


def of_c(name: str) -> str | None:
    """Return the bare name of a function as C and its kin write it: ``logf``, or ``Log`` of C# and Go.

    >>> of_c("expf"), of_c("Exp"), of_c("powi"), of_c("exp")
    ('exp', 'exp', 'pow', None)
    """
    if name in _OF_C:
        return _OF_C[name]
    word = name.lower() if name.istitle() else name.removesuffix("f")
    known = (word in FUNCTIONS and word not in MADE) or word in ("pow", "expm1", "log1p")
    return word if known and word != name else None


def constant(parts: list[str]) -> str | None:
    """Return pi or e if a dotted name is that of a library: ``np.pi``.

    >>> constant(["np", "pi"]), constant(["p", "e"])
    ('pi', None)
    """
    if len(parts) == 1:
        return _FREE_CONSTANTS.get(parts[0])
    return (CONSTANTS.get(parts[-1]) or _CONSTANTS.get(parts[-1])) if is_module(parts[:-1]) else None


def is_module(parts: list[str]) -> bool:
    """Whether a dotted name is that of a library."""
    return bool(parts) and (parts[0] in _MODULES or ".".join(parts) in _MODULES)


def is_known_package(name: str) -> bool:
    """Whether the functions of a package mean what they are called.

    >>> is_known_package("keras.backend"), is_known_package("scipy.stats")
    (True, False)
    """
    return name.partition(".")[0] in _PACKAGES or name in _PARTS_OF_PACKAGES


def unknown(function: str) -> str:
    """Return why a function is not read, and what to do.

    >>> unknown("foo")
    'not part of a formula: the function foo is not known'
    """
    last = function.rpartition(".")[2]
    if LIBRARY.fullmatch(last):
        return (
            f"not read: {function}(...) is a call of a library, there is no formula in it: paste its body, or audit "
            "the function that calls it (kl-symbolic audit)"
        )
    if last in ("clamp", "clip", "clip_by_value", "clamp_min", "clamp_max", "maximum", "minimum", "max", "min", "relu"):
        return f"not part of a formula: {function}(...) changes the value; leave it out"
    if last in ("logdet", "det", "slogdet", "trace", "tr", "norm", "prod", "matmul", "dot", "einsum", "inv"):
        return f"not part of a formula: {function}(...); write a sum over the coordinates"
    return f"not part of a formula: the function {function} is not known"


def names_quantity(text: str) -> bool:
    """Whether code gives something the name of a divergence, or of another quantity of ours.

    >>> names_quantity("self.kl_loss"), names_quantity("entropy_q"), names_quantity("bce_loss")
    (True, True, False)
    """
    numbers = (quantity for quantity in all_quantities().values() if quantity.is_number)
    words = (word for quantity in numbers for word in quantity.spellings if word.isalpha())
    long = (word for word in words if len(word) >= SHORTEST_WORD and not OTHER_LOSS.fullmatch(word))
    return _naming(tuple(long)).search(text) is not None


@cache
def _naming(words: tuple[str, ...]) -> re.Pattern[str]:
    spelled = "|".join(rf"{word}\w*" for word in words)
    return re.compile(rf"(?:^|[_.\W])(?:\w*kl\w*|div\w*|latent_loss|regulari\w+|{spelled})(?=$|[_.\W])", re.IGNORECASE)

"""The constructs of the language by name, and the functions as a namespace of formulas."""

from __future__ import annotations

from functools import partial
from typing import Any

from kl_symbolic.functions import Domain, find_function
from kl_symbolic.terms.term import Symbol, Term

# The number of coordinates of a product law, the index of a sum over them, and a free index.
DIMENSION = Symbol("n", Domain.INDEX)
COORDINATE = Symbol("i", Domain.INDEX)
ONE_COORDINATE = Symbol("j", Domain.INDEX)

# The parameters of a law, mu = (mu[1], ..., mu[n]), or the variable of a density in n dimensions.
Array = partial(Term, "Array")

# Law(family, *parameters): a member of a family. ProductLaw(law, i, n): independent coordinates, the i-th with `law`.
Law, ProductLaw = partial(Term, "Law"), partial(Term, "ProductLaw")

# Density(law, x): the density or mass function at a point of the support, where it is positive.
Density = partial(Term, "Density")

# The divergence and the entropies, in nats.
KL, Entropy, CrossEntropy = partial(Term, "KL"), partial(Term, "Entropy"), partial(Term, "CrossEntropy")
DEFINED_HEADS = ("KL", "Entropy", "CrossEntropy")  # what `statement.definition` unfolds into integrals

# The value of a divergence that is infinite; it is part of no other term.
INFINITY = Term("Infinity")

# Vector(a, b, ...): several statements at once, component by component.
Vector = partial(Term, "Vector")

# Integral(body, x, support, dimension): over the support of a law, or a sum if that is discrete. The variable is an
# array where the law is a product, of that many coordinates. A support is called by its name, ``reals``, or is
# Interval(lower, upper) or Integers(lower, upper), where the text ``infinity`` is no end.
Integral = partial(Term, "Integral")

# Sum(body, i, n), Product(body, i, n): over i = 1..n.
Sum, Product = partial(Term, "Sum"), partial(Term, "Product")

# Diff(body, theta): the derivative by a parameter, not carried out.
Diff = partial(Term, "Diff")


class Namespace:
    """The namespace in which formulas become terms: ``m.log(x)``, ``m.pi``.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> m = Namespace()
    >>> m.log(Symbol("x") / m.pi)
    log(x/pi)
    """

    def __getattr__(self, name: str) -> Any:
        function = find_function(name)
        if function is None:
            raise AttributeError(f"no function is called {name}")
        return partial(Term, name) if function.domains else Term(name)

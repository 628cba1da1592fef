"""For tests: assert that a function computes a divergence, everywhere and to the last digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kl_symbolic.arguments import checked
from kl_symbolic.audit import audit
from kl_symbolic.audit.libraries import LibraryName
from kl_symbolic.audit.reductions import Convention
from kl_symbolic.audit.regions import Dtype, Region
from kl_symbolic.proof.question import Law, Param

__all__ = ["assert_kl"]


@checked
def assert_kl(
    function: Callable[..., Any],
    p: Law | str | object,
    q: Law | str | object,
    *,
    args: Sequence[str] | None = None,
    param: Param | str | None = None,
    param_p: Param | str | None = None,
    param_q: Param | str | None = None,
    where: str | Sequence[str] | None = None,
    dtype: Dtype = "float64",
    rtol: float | None = None,
    regions: Sequence[Region | str] | None = None,
    reduction: Convention | None = None,
    library: LibraryName | None = None,
    gradient: Callable[..., Any] | None = None,
    rows: int = 50,
    fixed: Mapping[str, object] | None = None,
    item: int | str | None = None,
    pack: bool = False,
) -> None:
    """Assert that an audit of a function finds nothing wrong; the parameters are those of `kl_symbolic.audit.audit`.

    Parameters
    ----------
    function
        Takes arrays of parameters: of shape (samples,), or (samples, coordinates) for product laws.
    p, q
        The laws: names, with values as in ``"normal(0, s)"``, or objects of libraries.
    args
        The names of the function's arguments in their order.
    param, param_p, param_q
        The parameterisation of both laws, or of each; by default the one whose parameters `args` names.
    where
        What parameters are equal to: ``"sigma_1 = sigma_2"``.
    dtype
        ``"float64"`` or ``"float32"``.
    rtol
        The largest relative error that passes; by default 64 eps of the dtype.
    regions
        Where to look, for example ``["far"]``; by default everywhere.
    reduction
        What the function does with the axes; by default it is found out.
    library
        ``"numpy"``, ``"torch"``, ``"jax"`` or ``"python"``; by default it is found out.
    gradient
        A function for the derivatives; by default the library differentiates.
    rows
        The number of samples in each region.
    fixed
        Its other arguments by name.
    item
        Which entry of a tuple or of a dictionary is the answer.
    pack
        Whether it takes all parameters in one array.

    Raises
    ------
    AssertionError
        With the report, if something is wrong.
    RequestError
        If the request does not fit.

    Examples
    --------
    >>> from kl_symbolic.numeric import kl_standard_normal
    >>> assert_kl(kl_standard_normal, "diagonal_normal", "standard_normal", args=("mu", "logvar"), rows=10)
    """
    __tracebackhide__ = True
    found = audit(
        function,
        p,
        q,
        args,
        param,
        param_p=param_p,
        param_q=param_q,
        where=where,
        dtype=dtype,
        rtol=rtol,
        regions=regions,
        reduction=reduction,
        library=library,
        gradient=gradient,
        rows=rows,
        fixed=fixed,
        item=item,
        pack=pack,
    )
    if not found.passed:
        raise AssertionError(f"not the divergence that it should be\n{found}")

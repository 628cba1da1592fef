"""A call that shows that the values of a function are wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kl_symbolic.audit.exact import mp
from kl_symbolic.audit.measure import Array, place
from kl_symbolic.audit.probe import Probe, agreement
from kl_symbolic.audit.reductions import Reduction
from kl_symbolic.audit.target import Columns, Target, Values


def counterexample(target: Target, asked: Probe, columns: Columns, reduction: Reduction) -> str:
    """Say where an answer differs from the divergence: of samples alone, if one does, or else of all together."""
    for where, answer, truth in _calls(asked, columns, target.values(columns)):
        wanted = reduction.apply(truth)
        if agreement(answer, wanted, asked.tolerance) is None:
            difference = f"at {where} it returns {_shown(answer)}; expected: {_shown(wanted)}"
            return f"wrong values, and no known slip explains them: {difference}"
    raise AssertionError("the answers are those of the divergence")


def _calls(asked: Probe, columns: Columns, truth: Values) -> Iterator[tuple[str, Array, Values]]:
    """Yield what a function was called with, in words, what it answered, and the divergence at each coordinate."""
    singles = asked.single or tuple(asked.answer[k : k + 1] for k in range(len(truth)))
    for k, one in enumerate(singles):
        if one is not None:
            yield place(columns, k), one, truth[k : k + 1]
    if asked.narrow is not None:
        yield place({n: c[:, :-1] for n, c in columns.items()}, 0), asked.narrow, truth[:1, :-1]
    yield f"{len(truth)} samples at once, the first of them {place(columns, 0)},", asked.answer, truth


def _shown(answer: Array) -> str:
    """Return numbers to 17 digits, in brackets."""
    if np.ndim(answer):
        return f"[{', '.join(map(_shown, answer))}]"
    number = np.asarray(answer).item()
    return repr(number) if isinstance(number, float) else str(mp.nstr(number, 17))

"""The figures: latent means coloured by class, and images that the decoder makes of a grid of latent points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from examples.vae.data import CLASSES, SIDE, Bytes
from examples.vae.model import Array, as_network, decode
from examples.vae.report import TITLES, Result
from examples.vae.train import SIZES
from kl_symbolic.errors import MissingProgramError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GRID = 10
SHOWN = 98  # per cent of the means, in each coordinate, that the grid of images spans
SHUFFLE = 0  # seed of the order in which points are drawn, so that no class covers another
DPI = 150
GREY = "0.35"


def require_matplotlib() -> None:
    """Fail before the training, not after it.

    Raises
    ------
    MissingProgramError
        If Matplotlib is not installed.
    """
    try:
        import matplotlib as _  # noqa: F401
    except ImportError:
        raise MissingProgramError("the figures need Matplotlib: run `pip install matplotlib`") from None


def latent_figure(result: Result, labels: Bytes, path: Path) -> None:
    """Draw the latent means of one training."""
    figure = _figure(7.2, 5.8)
    axes = figure.subplots()
    _scatter(axes, result.means, labels, size=1.5)
    _frame(axes, _limits(result.means))
    axes.set_title(f"Latent means {TITLES[result.regulariser]}")
    _legend(figure)
    _save(figure, path)


def comparison_figure(with_kl: Result, without: Result, labels: Bytes, path: Path) -> None:
    """Draw the latent means of two trainings in equal scales, and the first once more, enlarged."""
    figure = _figure(16, 5.2)
    left, middle, right = figure.subplots(1, 3)
    limits, near = _limits(np.concatenate((with_kl.means, without.means))), _limits(with_kl.means)
    for axes, result in ((left, without), (middle, with_kl)):
        _scatter(axes, result.means, labels, size=1.0)
        _frame(axes, limits)
        axes.set_title(_capital(TITLES[result.regulariser]))
    _scatter(right, with_kl.means, labels, size=1.0)
    _frame(right, near)
    right.yaxis.tick_right()  # out of the way of the lines that come from the left
    right.yaxis.set_label_position("right")
    factor = (limits[0][1] - limits[0][0]) / (near[0][1] - near[0][0])
    right.set_title(f"{_capital(TITLES['kl'])}, enlarged {factor:.0f} times")
    _connect(figure, middle, right, near)
    figure.suptitle("Latent means of the training images: the left and the middle panel have equal scales")
    _legend(figure)
    _save(figure, path)


def generated_figure(result: Result, path: Path) -> None:
    """Draw what the decoder makes of 10 x 10 latent points over the range of the latent means."""
    tail = (100 - SHOWN) / 2
    low, high = np.percentile(result.means, (tail, 100 - tail), axis=0)
    across, up = np.linspace(low, high, GRID, dtype=np.float32).T
    points = np.stack(np.meshgrid(across, up[::-1]), axis=-1).reshape(-1, SIZES.latent)
    images = decode(as_network(result.state.parameters, SIZES), points)
    sheet = images.reshape(GRID, GRID, SIDE, SIDE).swapaxes(1, 2).reshape(GRID * SIDE, GRID * SIDE)

    figure = _figure(7.2, 7.4)
    axes = figure.subplots()
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    centres = SIDE * np.arange(GRID) + (SIDE - 1) / 2
    axes.set_xticks(centres, [_number(value) for value in across])
    axes.set_yticks(centres, [_number(value) for value in up[::-1]])
    axes.tick_params(length=0)
    axes.set_xlabel("latent coordinate 1")
    axes.set_ylabel("latent coordinate 2")
    axes.set_title(f"Generated images, trained {TITLES[result.regulariser]}")
    _save(figure, path)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DPI, layout="constrained")


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, bbox_inches="tight", pad_inches=0.1)  # the legend beside a square would cut off a label


def _scatter(axes: Axes, means: Array, labels: Bytes, size: float) -> None:
    order = np.random.default_rng(SHUFFLE).permutation(len(means))
    colours = np.array(_colours())[labels[order]]
    axes.scatter(means[order, 0], means[order, 1], s=size, c=colours, alpha=0.6, linewidths=0)


def _colours() -> list[tuple[float, float, float]]:
    from matplotlib import colormaps

    return [colormaps["tab10"](number)[:3] for number in range(len(CLASSES))]


def _limits(means: Array) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the limits of a square that holds all means, so that both axes have one scale."""
    low, high = means.min(axis=0), means.max(axis=0)
    centre, half = (low + high) / 2, 0.53 * float((high - low).max())
    (left, bottom), (right, top) = (centre - half).tolist(), (centre + half).tolist()
    return (left, right), (bottom, top)


def _frame(axes: Axes, limits: tuple[tuple[float, float], tuple[float, float]]) -> None:
    axes.set(xlim=limits[0], ylim=limits[1], aspect="equal")
    axes.set(xlabel="latent coordinate 1", ylabel="latent coordinate 2")
    axes.grid(color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)


def _connect(figure: Figure, axes: Axes, zoomed: Axes, near: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """Outline in one panel what the next one enlarges."""
    from matplotlib.patches import ConnectionPatch, Rectangle

    (left, right), (bottom, top) = near
    axes.add_patch(Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor=GREY, linewidth=1))
    for level in (bottom, top):
        line = ConnectionPatch((right, level), (left, level), "data", "data", axesA=axes, axesB=zoomed)
        line.set(color=GREY, linewidth=0.8)
        figure.add_artist(line)


def _legend(figure: Figure) -> None:
    from matplotlib.lines import Line2D

    marks = [Line2D([], [], marker="o", linestyle="", color=colour, markersize=7) for colour in _colours()]
    figure.legend(marks, CLASSES, loc="outside right center", title="Class", alignment="left", frameon=False)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _number(value: float) -> str:
    """Write a number as Matplotlib does; adding 0 leaves no negative zero."""
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "\N{MINUS SIGN}")

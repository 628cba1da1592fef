"""Two ways to compress a video, compared by the divergence of the histograms of what they keep.

``python -m examples.video_compression --out DIR`` prints the figures and draws the three histograms. The samples are
those of the article "KL divergence" whose example this is; its figures 0.88 and 0.09 lack the width of the bins.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.errors import MissingProgramError
from kl_symbolic.numeric import histogram_kl, in_bits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SEED = 42
EDGES = np.linspace(1, 7, 20)
WIDTHS = np.diff(EDGES)

# Blue, orange and green that remain apart for colour-blind readers (Okabe and Ito, Color Universal Design, 2008).
ORIGINAL, CONVENTIONAL, LEARNED = "#0072B2", "#E69F00", "#009E73"
INK, FAINT = "#333333", "#DDDDDD"


@dataclass(frozen=True)
class Videos:
    """Pixel values of the original video and of what the two methods make of it: 1000 numbers each."""

    original: NDArray[np.float64]
    conventional: NDArray[np.float64]
    learned: NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """How far the original is from its compressed version."""

    by_density: float  # what the article prints
    nats: float

    @property
    def bits(self) -> float:
        """The divergence in bits."""
        return float(in_bits(self.nats))


def sample() -> Videos:
    """Draw the article's samples: a mixture of two normal laws, one normal law, and another mixture."""
    # Only the legacy generator gives the article's numbers, and only in this order.
    random = np.random.RandomState(SEED)
    original = np.concatenate([random.normal(3, 0.5, 300), random.normal(5, 0.5, 700)])
    conventional = random.normal(4, 1, 1000)
    learned = np.concatenate([random.normal(3, 0.5, 400), random.normal(5, 0.5, 600)])
    return Videos(original, conventional, learned)


def density(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the histogram as a density: heights whose sum times the width of a bin is 1."""
    return np.histogram(values, EDGES, density=True)[0]


def compare(original: NDArray[np.float64], compressed: NDArray[np.float64]) -> Comparison:
    """Compute the divergence, and the article's sum over densities beside it."""
    p, q = density(original), density(compressed)
    filled = p > 0  # 0 log 0 = 0
    by_density = float(np.sum(p[filled] * np.log(p[filled] / q[filled])))
    return Comparison(by_density, float(histogram_kl(p, q, WIDTHS)))


def report(conventional: Comparison, learned: Comparison) -> str:
    """Return the figures as a table, with what they mean."""
    rows = [("conventional compression", conventional), ("compression by deep learning", learned)]
    table = [f"{name:<30}{c.by_density:>16.4f}{c.nats:>12.4f}{c.bits:>12.4f}" for name, c in rows]
    head = [
        "KL(original || compressed), from histograms with 19 bins",
        "",
        f"{'':<30}{'sum over':>16}{'divergence':>12}{'divergence':>12}",
        f"{'':<30}{'densities':>16}{'(nats)':>12}{'(bits)':>12}",
    ]
    meaning = [
        "",
        "The first column is what the article prints: the sum of p log(p/q) over the densities of",
        f"the histograms. It lacks the width of the bins, 6/19 = {WIDTHS[0]:.4f}: a probability is density",
        f"times width. So it is 19/6 = {1 / WIDTHS[0]:.4f} times too large, and would grow with the number of bins.",
        "The other columns are the divergence. The article's conclusion stands, for the factor is the",
        f"same in both rows: compression by deep learning loses {conventional.nats / learned.nats:.1f} times less.",
    ]
    return "\n".join([*head, *table, *meaning])


def draw(videos: Videos) -> dict[str, Figure]:
    """Draw the article's three figures: the original alone, and with each of the compressed versions.

    Raises
    ------
    MissingProgramError
        If matplotlib is not installed.
    """
    original = ("original", videos.original, ORIGINAL)
    conventional = ("conventional", videos.conventional, CONVENTIONAL)
    learned = ("deep learning", videos.learned, LEARNED)
    return {
        "original": _figure("Original video", original),
        "conventional": _figure("Original video and conventional compression", original, conventional),
        "deep_learning": _figure("Original video and compression by deep learning", original, learned),
    }


def _figure(title: str, *histograms: tuple[str, NDArray[np.float64], str]) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingProgramError(
            "the plots need matplotlib, which is not installed: python -m pip install matplotlib"
        ) from None
    figure = Figure(figsize=(7, 4.2), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    for label, values, colour in histograms:
        heights = density(values)
        axes.stairs(heights, EDGES, fill=True, color=colour, alpha=0.3, zorder=2)
        axes.stairs(heights, EDGES, color=colour, linewidth=1.8, label=label, zorder=3)  # above every area
    axes.set_title(title, loc="left", color=INK, fontsize=12, pad=12)
    if len(histograms) > 1:
        divergence = compare(histograms[0][1], histograms[1][1]).nats
        axes.set_title(f"KL = {divergence:.4f} nats", loc="right", color=INK, fontsize=11, pad=12)
        axes.legend(loc="upper left", labelcolor=INK, framealpha=1, edgecolor="white")
    _tidy(axes)
    return figure


def _tidy(axes: Axes) -> None:
    # The same scales in each figure, so that they can be compared.
    axes.set(xlim=(EDGES[0], EDGES[-1]), ylim=(0, 0.65), xlabel="pixel value (arbitrary units)", ylabel="density")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.tick_params(colors=INK)
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)


def main(arguments: list[str] | None = None) -> int:
    """Print the figures, then write the plots; return 0, or 4 if matplotlib is missing."""
    parser = argparse.ArgumentParser(prog="python -m examples.video_compression", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--out", type=Path, default=Path("video_compression"), metavar="DIR", help="for the plots; default: %(default)s"
    )
    folder = parser.parse_args(arguments).out
    videos = sample()
    print(report(compare(videos.original, videos.conventional), compare(videos.original, videos.learned)), flush=True)
    try:
        figures = draw(videos)
    except MissingProgramError as error:
        print(f"video_compression: {error}", file=sys.stderr)
        return 4
    folder.mkdir(parents=True, exist_ok=True)
    print()
    for name, figure in figures.items():
        path = folder / f"{name}.png"
        figure.savefig(path)
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

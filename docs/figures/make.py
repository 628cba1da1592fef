# ruff: noqa: T201 - a script beside the pictures that it draws
"""Draw the pictures of the documentation, the same bytes each time.

``python docs/figures/make.py`` draws all but those of the variational autoencoder. These need a trained network:
``python -m examples.fashion_mnist_vae --compare --out DIR``, then ``python docs/figures/make.py --vae DIR``.
Needs matplotlib, the extra ``plot``.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyBboxPatch, Rectangle
from numpy.typing import NDArray
from PIL import Image

from kl_symbolic.numeric import histogram_kl, kl_normal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HERE = Path(__file__).parent
Array: TypeAlias = NDArray[np.floating[Any]]

# Okabe and Ito, Color Universal Design, 2008: apart for colour-blind readers.
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
INK, FAINT = "#333333", "#DDDDDD"
# Ten classes: the qualitative scheme "muted" of Paul Tol (Colour Schemes, 2021), its pale grey made darker.
CLASS_COLOURS = (
    *("#332288", "#CC6677", "#117733", "#AA4499", "#88CCEE"),
    *("#999933", "#44AA99", "#882255", "#777777", "#DDCC77"),
)
NUDGE = {"Pullover": (0, 0.35), "Sandal": (0.2, -0.3), "Sneaker": (0, 0.15)}  # where names would overlap
LABEL = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1}
DPI = 150
PALETTE = 128  # colours kept in a file, which is then a quarter of the size

MEANS = 4000  # images whose latent means are drawn, the first ones
REGIONS = 100  # images whose latent regions are drawn

# A law with two peaks, as (weight, mean, standard deviation).
MIXTURE = ((0.3, 1.0, 0.6), (0.7, 5.0, 0.8))
STEP = 0.01
GRID = np.arange(-10, 16, STEP)


def main() -> int:
    """Draw what the arguments ask for."""
    parser = argparse.ArgumentParser(description="Draw the pictures of the documentation.")
    parser.add_argument("--vae", type=Path, metavar="DIR", help="draw those of the trained network in DIR instead")
    folder = parser.parse_args().vae
    sys.path.insert(0, str(HERE.parents[1]))  # for the examples
    # Text in the default font of matplotlib, whatever the reader's settings are.
    with mpl.rc_context({**mpl.rcParamsDefault, "backend": "agg", "figure.facecolor": "white"}):
        if folder is None:
            pictures = {name: rendered(figure) for name, figure in (video() | drawings()).items()}
        else:
            pictures = {name: rendered(figure) for name, figure in autoencoder(folder).items()}
            pictures["vae-generated"] = Image.open(folder / "generated-kl.png").convert("RGB")
    for name, picture in pictures.items():
        path = HERE / f"{name}.png"
        picture.quantize(PALETTE, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} KB")
    return 0


def drawings() -> dict[str, Figure]:
    """Return the pictures that need nothing but a formula."""
    return {
        "what-is-far": what_is_far(),
        "integrand": integrand(),
        "log-below-line": log_below_line(),
        "two-directions": two_directions(),
        "vae-network": vae_network(),
    }


def what_is_far() -> Figure:
    """Show that points on a line and in a plane have a distance, and ask what two laws have."""
    figure = new_figure(7, 2.7)
    line, plane, laws = figure.subplots(1, 3)
    line.plot([-0.5, 5.5], [0, 0], color=INK, linewidth=1)
    plane.grid(color=FAINT, linewidth=0.8)
    for at, name in ((0, "O"), (3, "A"), (4, "B")):
        line.plot(at, 0, "o", color=INK if name == "O" else BLUE, markersize=7)
        line.annotate(f"{name}\n{at}", (at, 0), (0, -32), "data", "offset points", ha="center", color=INK, fontsize=12)
    bracket(line, (3, 0.25), (4, 0.25), "1")
    line.set(xlim=(-0.7, 5.7), ylim=(-1, 1), xticks=[], yticks=[])
    line.spines[:].set_visible(b=False)
    for point, name in (((1, 1), "A"), ((4, 5), "B")):
        plane.plot(*point, "o", color=BLUE, markersize=7)
        plane.annotate(name, point, (8, -14), "data", "offset points", color=INK, fontsize=12)
    bracket(plane, (1, 1), (4, 5), "5", (-10, 4))
    plane.set(xlim=(0, 6), ylim=(0, 6), xticks=range(0, 7, 2), yticks=range(0, 7, 2))
    x = np.linspace(-4, 6, 400)
    for mu, sigma, colour, name, beside in ((0.0, 1.0, BLUE, "P", (-1.3, 0.29)), (1.0, 1.5, ORANGE, "Q", (2.9, 0.19))):
        area(laws, x, normal(x, mu, sigma), colour)
        laws.annotate(name, beside, color=colour, fontsize=14, ha="right" if name == "P" else "left", weight="bold")
    laws.set(xlim=(-4, 6), ylim=(0, 0.45), xticks=(-3, 0, 3, 6), yticks=[])
    for axes, title in ((line, "On a line: 1"), (plane, "In a plane: 5"), (laws, "Two laws: ?")):
        tidy(axes, title)
    return figure


def integrand() -> Figure:
    """Show two densities, and below them p log(p/q), whose signed area is the divergence."""
    figure = new_figure(7, 4.6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1.1))
    x = np.linspace(-4, 5, 800)
    p, q = normal(x, 0, 1), normal(x, 1, 1.5)
    area(above, x, p, BLUE, "p, normal law with mean 0 and standard deviation 1")
    area(above, x, q, ORANGE, "q, normal law with mean 1 and standard deviation 1.5")
    above.set(ylim=(0, 0.58), ylabel="density")
    above.legend(loc="upper left", labelcolor=INK, frameon=False, ncols=1)
    term = p * np.log(p / q)
    below.axhline(0, color=INK, linewidth=0.8)
    below.plot(x, term, color=INK, linewidth=1.5)
    below.fill_between(x, term, where=term >= 0, color=BLUE, alpha=0.45, label="p > q: adds", interpolate=True)
    below.fill_between(
        x,
        term,
        where=term <= 0,
        color=ORANGE,
        alpha=0.6,
        hatch="///",
        edgecolor=INK,
        linewidth=0,
        label="p < q: subtracts",
    )
    below.set(xlim=(-4, 5), xlabel="x", ylabel="p(x) log(p(x)/q(x))")
    below.legend(loc="upper right", labelcolor=INK, frameon=False)
    value = float(kl_normal(0, 1, 1, 1.5))
    tidy(above, "Two densities")
    tidy(below, f"Area above minus area below: KL(P ‖ Q) = {value:.4f} nats")
    return figure


def log_below_line() -> Figure:
    """Show that log t never exceeds t - 1, which is why the divergence is never negative."""
    figure = new_figure(7, 3.4)
    axes = figure.subplots()
    t = np.linspace(1e-3, 3, 3000)
    axes.fill_between(t, np.log(t), t - 1, color=FAINT)
    axes.plot(t, t - 1, color=ORANGE, linewidth=2)
    axes.plot(t, np.log(t), color=BLUE, linewidth=2)
    axes.plot(1, 0, "o", color=INK, markersize=7, zorder=3)
    for text, at, colour in (("t − 1", (2.3, 1.5), ORANGE), ("log t", (2.4, 0.55), BLUE)):
        axes.annotate(text, at, color=colour, fontsize=13, weight="bold", ha="right" if colour == ORANGE else "left")
    axes.annotate("they touch at t = 1", (1, 0), (1.15, -0.9), color=INK, fontsize=11, arrowprops=arrow())
    axes.set(xlim=(0, 3), ylim=(-2.5, 2), xlabel="t = q(x)/p(x)")
    axes.grid(color=FAINT, linewidth=0.8)
    tidy(axes, "The logarithm stays below the line t − 1")
    return figure


def two_directions() -> Figure:
    """Show the normal laws nearest to a law with two peaks, in both senses of the word."""
    p = mixture(GRID)
    figure = new_figure(7, 5.4)
    for axes, backwards in zip(figure.subplots(2, 1, sharex=True), (False, True), strict=True):
        mu, sigma = nearest_normal(p, backwards=backwards)
        q = normal(GRID, mu, sigma)
        forward, backward = float(histogram_kl(p, q, STEP)), float(histogram_kl(q, p, STEP))
        area(axes, GRID, p, BLUE, "P, two peaks")
        area(axes, GRID, q, ORANGE, f"Q, normal: mean {mu:.2f}, standard deviation {sigma:.2f}")
        what = "KL(Q ‖ P) least: Q seeks one peak" if backwards else "KL(P ‖ Q) least: Q covers both peaks"
        axes.set(xlim=(-3, 9), ylim=(0, 0.62), ylabel="density")
        axes.legend(loc="upper left", labelcolor=INK, framealpha=1, edgecolor="white")
        tidy(axes, what)
        axes.set_title(
            f"KL(P ‖ Q) = {forward:.2f}, KL(Q ‖ P) = {backward:.2f}", loc="right", fontsize=10, color=INK, pad=10
        )
        axes.set_xlabel("x" if backwards else "")
        print(f"{what}: mean {mu:.4f}, standard deviation {sigma:.4f}, {forward:.4f}, {backward:.4f} nats")
    return figure


def nearest_normal(p: Array, *, backwards: bool) -> tuple[float, float]:
    """Return mean and standard deviation of the Q that minimises KL(P || Q), or backwards KL(Q || P).

    Forwards they are those of P. Backwards a search on a grid of laws, refined ten times, finds them.
    """
    if not backwards:
        mean = float(np.sum(GRID * p) * STEP)
        return mean, float(np.sum((GRID - mean) ** 2 * p) * STEP) ** 0.5
    mean, sigma, radius = 3.0, 1.0, 2.0  # means from -1 to 7, standard deviations from 1/7 to 7
    for _ in range(10):
        means = mean + radius * np.linspace(-2, 2, 21)
        sigmas = sigma * np.exp(radius * np.linspace(-1, 1, 21))
        q = normal(GRID, means[:, None, None], sigmas[:, None])
        q /= q.sum(axis=-1, keepdims=True) * STEP  # what a wide law has beyond the grid
        row, column = np.unravel_index(np.argmin(histogram_kl(q, p, STEP)), (21, 21))
        mean, sigma, radius = float(means[row]), float(sigmas[column]), radius / 3
    return mean, sigma


def vae_network() -> Figure:
    """Show the parts of a variational autoencoder, and where the two terms of its loss come from."""
    figure = new_figure(7, 2.9)
    axes = figure.subplots()
    axes.set(xlim=(0, 16.4), ylim=(0, 6.2))
    axes.axis("off")
    boxes = (
        ("image\n784 pixels", 0.1, 2.6, INK),
        ("encoder\n100 neurons", 2.9, 2.6, GREEN),
        ("mean\n2 numbers", 5.7, 3.7, BLUE),
        ("log-variance\n2 numbers", 5.7, 1.5, BLUE),
        ("latent point\nmean + σ ε", 8.5, 2.6, INK),
        ("decoder\n100 neurons", 11.3, 2.6, GREEN),
        ("image\n784 pixels", 14.1, 2.6, INK),
    )
    width, height, pad = 2.15, 1.2, 0.05
    for text, x, y, colour in boxes:
        axes.add_patch(
            FancyBboxPatch(
                (x, y), width, height, f"round,pad={pad}", facecolor="white", edgecolor=colour, linewidth=1.8, zorder=3
            )
        )
        axes.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=9, color=INK, zorder=4)
    for a, b in ((0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (4, 5), (5, 6)):
        (_, x1, y1, _), (_, x2, y2, _) = boxes[a], boxes[b]
        style = {**arrow(), "shrinkA": 0, "shrinkB": 1}
        axes.annotate("", (x2 - pad, y2 + height / 2), (x1 + width + pad, y1 + height / 2), arrowprops=style)
    left, middle, right = 0.1 + width / 2, 5.7 + width / 2, 14.1 + width / 2
    axes.plot([left, left, right, right], [2.5, 0.75, 0.75, 2.5], color=VERMILION, linewidth=1.3, linestyle="--")
    axes.text((left + right) / 2, 0.1, "reconstruction: how well they agree", ha="center", fontsize=10, color=VERMILION)
    axes.plot([middle, middle], [5.0, 5.4], color=BLUE, linewidth=1.3, linestyle="--")
    axes.text(middle, 5.6, "KL(N(mean, σ²) ‖ N(0, 1)): pulls mean to 0, σ to 1", ha="center", fontsize=10, color=BLUE)
    return figure


def video() -> dict[str, Figure]:
    """Return the histograms that ``python -m examples.video_compression`` draws."""
    from examples.video_compression import draw, sample

    return {f"video-{name.replace('_', '-')}": figure for name, figure in draw(sample()).items() if name != "original"}


def autoencoder(folder: Path) -> dict[str, Figure]:
    """Return where the encoder puts images, without the divergence and with it: their means, and their regions."""
    from examples.vae import data
    from examples.vae.model import as_network, encode
    from examples.vae.train import SIZES, scaled

    training, _ = data.load(data.DEFAULT_DIRECTORY)
    labels = training.labels[:MEANS]
    colours = [CLASS_COLOURS[label] for label in labels]
    means, regions = new_figure(7, 3.9), new_figure(7, 3.9)
    left, right = means.subplots(1, 2)
    pairs = zip((left, right), regions.subplots(1, 2), strict=True)
    for (variant, title), (points, ellipses) in zip((("none", "Without KL"), ("kl", "With KL")), pairs, strict=True):
        with np.load(folder / f"checkpoint-{variant}.npz") as arrays:
            network = as_network(arrays["parameters"], SIZES)
        mean, logvar = encode(network, scaled(training.pixels[:MEANS]))
        spread = np.exp(logvar / 2)
        points.scatter(*mean.T, s=3, c=colours, linewidths=0)
        for at, (width, height), colour in zip(mean[:REGIONS], 2 * spread, colours, strict=False):
            ellipses.add_patch(Ellipse(at, width, height, facecolor=colour, edgecolor=INK, alpha=0.7, linewidth=0.8))
        ellipses.scatter(*mean[:REGIONS].T, s=2, color=INK, linewidths=0, zorder=3)
        frame(points, mean, f"{title}: means")
        frame(ellipses, mean, f"{title}: half of all σ below {np.median(spread):.1g}")
    # `mean` is now that with the divergence, on the right.
    for label, name in enumerate(data.CLASSES):
        at = np.median(mean[labels == label], axis=0) + NUDGE.get(name, (0, 0))
        right.text(*at, name, ha="center", va="center", fontsize=8.5, color="black", bbox=LABEL)
    (x0, x1), (y0, y1) = right.get_xlim(), right.get_ylim()
    left.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor="black", linewidth=1.5))
    left.annotate("the right picture\nin this scale", (x1, y1), (8, 30), color=INK, fontsize=10, arrowprops=arrow())
    return {"vae-means": means, "vae-regions": regions}


def frame(axes: Axes, mean: Array, title: str) -> None:
    """Give axes equal scales that show all points."""
    centre, half = (mean.max(axis=0) + mean.min(axis=0)) / 2, 0.6 * float(np.ptp(mean, axis=0).max())
    (x0, y0), (x1, y1) = centre - half, centre + half
    axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal")
    axes.grid(color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    tidy(axes, title)


def mixture(x: Array) -> Array:
    """Return the density with two peaks."""
    density: Array = np.sum([weight * normal(x, mu, sigma) for weight, mu, sigma in MIXTURE], axis=0)
    return density


def normal(x: Array, mu: Array | float, sigma: Array | float) -> Array:
    """Return the density of a normal law."""
    density: Array = np.exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))
    return density


def area(axes: Axes, x: Array, y: Array, colour: str, label: str | None = None) -> None:
    """Draw a curve with the area below it."""
    axes.fill_between(x, y, color=colour, alpha=0.25, linewidth=0)
    axes.plot(x, y, color=colour, linewidth=2, label=label)


def bracket(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], text: str, by: tuple[int, int] = (0, 6)
) -> None:
    """Draw an arrow with two heads and a text at its middle."""
    axes.annotate("", end, start, arrowprops={**arrow(), "arrowstyle": "<->", "shrinkA": 0, "shrinkB": 0})
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    axes.annotate(text, middle, by, "data", "offset points", ha="center", color=INK, fontsize=12)


def arrow() -> dict[str, Any]:
    """Return the style of an arrow."""
    return {"arrowstyle": "->", "color": INK, "linewidth": 1.2}


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure on white, sizes in inches."""
    return Figure(figsize=(width, height), dpi=DPI, layout="constrained")


def tidy(axes: Axes, title: str) -> None:
    """Give axes a title and take away what only adds ink."""
    axes.set_title(title, loc="left", color=INK, fontsize=11, pad=10)
    axes.spines[["top", "right"]].set_visible(b=False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.tick_params(colors=INK)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)


def rendered(figure: Figure) -> Image.Image:
    """Return a figure as pixels."""
    buffer = io.BytesIO()
    figure.savefig(buffer)
    return Image.open(buffer).convert("RGB")


if __name__ == "__main__":
    sys.exit(main())

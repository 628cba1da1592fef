"""Train a variational autoencoder on Fashion-MNIST, with and without the Kullback-Leibler divergence in its loss.

    python -m examples.fashion_mnist_vae --compare

The divergence and its gradient come from `kl_symbolic.numeric`; the rest of the network is plain NumPy in `vae/`.
Tables go to standard output; figures, checkpoints and `results.json` to the directory named by --out.
A training that was interrupted and resumed ends with the same bits, provided that NumPy's matrix products run on as
many threads. On a machine that is busy otherwise, OPENBLAS_NUM_THREADS=1 in the environment is much the fastest.

References
----------
Kingma and Welling, Auto-Encoding Variational Bayes (2014). The reconstruction is averaged over the 784 pixels and
summed over the batch of 128, the divergence averaged over the batch, as in the report that this example reproduces:
the divergence weighs 784/128 = 6.125 times what it weighs in the evidence lower bound.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from examples.vae import checkpoint, command, data, figures, report
from examples.vae.progress import EpochBars
from examples.vae.regularisers import REGULARISERS
from examples.vae.train import BATCH, State, begin, evaluate, latent_means, train_epoch
from kl_symbolic.errors import RequestError

PROGRAM = "fashion_mnist_vae"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the example.

    Returns
    -------
    int
        0 ok; 2 usage, a corrupt data set or checkpoint; 4 the data set or Matplotlib is missing; 130 interrupted.
    """
    options = _parser().parse_args(arguments)
    return command.exit_code(PROGRAM, _run, options, interrupted="interrupted; go on with --resume")


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(PROGRAM, "A variational autoencoder on Fashion-MNIST, in NumPy.")
    variant = parser.add_mutually_exclusive_group()
    variant.add_argument("--regulariser", choices=REGULARISERS, default="kl", help="default: kl")
    variant.add_argument("--compare", action="store_true", help="train with kl and with none, and compare")
    parser.add_argument("--resume", action="store_true", help="go on from the last epoch that was finished")
    return parser


def _run(options: argparse.Namespace) -> None:
    figures.require_matplotlib()
    training, test = data.load(options.data)
    options.out.mkdir(parents=True, exist_ok=True)
    results = []
    for regulariser in ("kl", "none") if options.compare else (options.regulariser,):
        state = _train(regulariser, training, options)
        means = latent_means(state.parameters, training.pixels)
        losses = evaluate(state.parameters, test.pixels, regulariser, options.seed)
        result = report.Result(regulariser, state, means, losses)
        results.append(result)
        print(report.log_table(result), end="\n\n", flush=True)
        figures.latent_figure(result, training.labels, options.out / f"latent-{regulariser}.png")
        figures.generated_figure(result, options.out / f"generated-{regulariser}.png")
    if options.compare:
        figures.comparison_figure(results[0], results[1], training.labels, options.out / "comparison.png")
    print(report.size_table(training.pixels, results[0].means))
    content = report.as_json(results, options.seed, training.pixels)
    (options.out / "results.json").write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _train(regulariser: str, training: data.Images, options: argparse.Namespace) -> State:
    path = options.out / f"checkpoint-{regulariser}.npz"
    settings = checkpoint.settings(regulariser, options.seed, training.pixels)
    state = checkpoint.restore(path, settings) if options.resume and path.exists() else begin(options.seed)
    if len(state.log) > options.epochs:
        raise RequestError(f"{path} has {len(state.log)} epochs already, more than --epochs {options.epochs}")
    with EpochBars() as bars:
        while len(state.log) < options.epochs:
            bars.epoch(f"{regulariser} {len(state.log) + 1}/{options.epochs}", -(-len(training.pixels) // BATCH))
            state = train_epoch(state, training.pixels, regulariser, bars.batch)
            checkpoint.save(path, state, settings)
    return state


if __name__ == "__main__":
    sys.exit(main())

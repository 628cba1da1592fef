"""Train the autoencoder of `fashion_mnist_vae` in torch, whose autograd differentiates `kl_standard_normal`.

    python -m examples.torch_vae

Weights, shuffles and noise are drawn as that example draws them, so with the same seed the two trainings are the same
but for rounding. The losses go to standard output; the figures to the directory named by --out.

References
----------
Kingma and Welling, Auto-Encoding Variational Bayes (2014); the weights of the two losses as in `fashion_mnist_vae`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from examples.vae import command, data, figures, report, train
from examples.vae.model import Array, Losses, Sizes, as_network, layer_shapes
from examples.vae.progress import EpochBars
from examples.vae.train import BATCH, SIZES
from kl_symbolic.numeric import kl_standard_normal

PROGRAM = "torch_vae"

try:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional
except ImportError:
    print(f"{PROGRAM}: this example needs torch: run `pip install torch`", file=sys.stderr)
    raise SystemExit(command.MISSING) from None


class Autoencoder(nn.Module):
    """The network pixels -> hidden -> (mean, logvar), and latent -> hidden -> logits of the pixels."""

    def __init__(self, parameters: Array, sizes: Sizes) -> None:
        super().__init__()
        self.pixels = sizes.pixels
        self.encoder, self.mean, self.logvar, self.decoder, self.output = (
            nn.Linear(*shape, dtype=torch.from_numpy(parameters).dtype) for shape in layer_shapes(sizes)
        )
        with torch.no_grad():
            for ours, given in zip(self.children(), as_network(parameters, sizes), strict=True):
                ours.weight.copy_(torch.from_numpy(given.weights.T))  # torch multiplies by the transpose
                ours.bias.copy_(torch.from_numpy(given.biases))

    def forward(self, images: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return the cross-entropy, summed over the batch and averaged over the pixels, and the mean divergence."""
        hidden = torch.relu(self.encoder(images))
        mean, logvar = self.mean(hidden), self.logvar(hidden)
        latent = mean + torch.exp(logvar / 2) * noise
        logits = self.output(torch.relu(self.decoder(latent)))
        entropy = functional.binary_cross_entropy_with_logits(logits, images, reduction="sum")
        return entropy / self.pixels, kl_standard_normal(mean, logvar).mean()

    def parameter_vector(self) -> Array:
        """Return the parameters in the layout of the NumPy example, whose tables and figures then serve."""
        layers = [(layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in self.children()]
        return np.concatenate([part.ravel() for layer in layers for part in layer])


def adam(model: Autoencoder) -> torch.optim.Adam:
    """Return the optimiser."""
    return torch.optim.Adam(model.parameters(), lr=train.LEARNING_RATE, betas=(train.DECAY_1, train.DECAY_2))


def step(model: Autoencoder, optimiser: torch.optim.Adam, number: int, images: Array, noise: Array) -> Losses:
    """Take the step of that number, from 1, down the gradient of the loss; return the losses before it."""
    reconstruction, divergence = model(torch.from_numpy(images), torch.from_numpy(noise))
    optimiser.zero_grad()
    (reconstruction + divergence).backward()
    # Keras and the NumPy example add epsilon to the root of the second moment before they correct its bias, torch after
    optimiser.param_groups[0]["eps"] = train.EPSILON / (1 - train.DECAY_2**number) ** 0.5
    optimiser.step()
    return Losses(reconstruction.item(), divergence.item())


def fit(pixels: data.Bytes, epochs: int, seed: int) -> train.State:
    """Return the trained parameters and the losses of every epoch; of the optimiser, nothing."""
    state = train.begin(seed)
    model = Autoencoder(state.parameters, SIZES)
    optimiser = adam(model)
    random = np.random.default_rng()
    random.bit_generator.state = state.random
    batches = -(-len(pixels) // BATCH)
    with EpochBars() as bars:
        for epoch in range(epochs):
            started, sums = time.perf_counter(), np.zeros(2)
            order = random.permutation(len(pixels))
            bars.epoch(f"torch {epoch + 1}/{epochs}", batches)
            for batch in range(batches):
                images = train.scaled(pixels[order[batch * BATCH : (batch + 1) * BATCH]])
                noise = random.standard_normal((len(images), SIZES.latent), np.float32)
                sums += step(model, optimiser, epoch * batches + batch + 1, images, noise)
                losses = Losses(*(sums / (batch + 1)).tolist())
                bars.batch(losses)
            state = replace(state, log=(*state.log, losses), seconds=(*state.seconds, time.perf_counter() - started))
    return replace(state, parameters=model.parameter_vector())


def run(options: argparse.Namespace) -> None:
    """Train, print the losses beside the report's, and draw."""
    figures.require_matplotlib()
    training, test = data.load(options.data)
    options.out.mkdir(parents=True, exist_ok=True)
    state = fit(training.pixels, options.epochs, options.seed)
    means = train.latent_means(state.parameters, training.pixels)
    result = report.Result("kl", state, means, train.evaluate(state.parameters, test.pixels, "kl", options.seed))
    print(report.log_table(result))
    figures.latent_figure(result, training.labels, options.out / "latent-kl.png")
    figures.generated_figure(result, options.out / "generated-kl.png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the example; `command.exit_code` says what it returns."""
    options = command.parser(PROGRAM, "A variational autoencoder on Fashion-MNIST, in torch.").parse_args(arguments)
    return command.exit_code(PROGRAM, run, options, interrupted="interrupted; nothing was saved")


if __name__ == "__main__":
    sys.exit(main())

"""How long `check` takes for one verdict: CPU time after the imports, each time in a process of its own.

Usage: python benchmarks/verdict_time.py [--runs 3]

The formulas are such as people write: in torch, NumPy and TensorFlow, in LaTeX and as text; right ones, and wrong ones
with what they are instead and a correction. The program exits with 1 if a verdict is wrong; the times are to be read.
"""

from __future__ import annotations

import argparse
import sys
import time
from multiprocessing import get_context
from statistics import median
from typing import NamedTuple

from kl_symbolic import check

BOUND = 1.0  # seconds


class Case(NamedTuple):
    """A formula, what it is, what is asked, and the verdict: its status and whether there is a correction."""

    title: str
    text: str
    p: str
    q: str | None
    status: str
    corrected: bool = False
    quantity: str = "kl"


class Measured(NamedTuple):
    """The seconds that one verdict took, and the verdict."""

    seconds: float
    status: str
    corrected: bool


CASES = (
    Case(
        "torch, VAE loss",
        "kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1).mean()",
        "diagonal_normal",
        "standard_normal",
        "proved",
    ),
    Case(
        "torch, VAE loss in a function",
        "def loss(recon_x, x, mu, logvar):\n"
        "    bce = F.binary_cross_entropy(recon_x, x, reduction='sum')\n"
        "    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())\n"
        "    return bce + kld",
        "diagonal_normal",
        "standard_normal",
        "proved",
    ),
    Case(
        "torch, VAE loss, wrong sign",
        "kld = 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1).mean()",
        "diagonal_normal",
        "standard_normal",
        "refuted",
        corrected=True,
    ),
    Case(
        "torch, VAE loss, mean for sum",
        "element = 1 + logvar - mu.pow(2) - logvar.exp()\nkld = -0.5 * torch.mean(element)",
        "diagonal_normal",
        "standard_normal",
        "refuted",
        corrected=True,
    ),
    Case(
        "torch, two laws",
        "def kl(mu1, logvar1, mu2, logvar2):\n"
        "    ratio = (logvar1 - logvar2).exp()\n"
        "    return 0.5 * (logvar2 - logvar1 + ratio + (mu1 - mu2) ** 2 * (-logvar2).exp() - 1).sum(-1)",
        "diagonal_normal",
        "diagonal_normal",
        "proved",
    ),
    Case(
        "tensorflow, two laws, an epsilon",
        "eps = 1e-6\n"
        "var1, var2 = tf.exp(2 * logstd1), tf.exp(2 * logstd2)\n"
        "kl = logstd2 - logstd1 + 0.5 * (((mu1 - mu2) ** 2 + var1) / (var2 + eps) - 1)\n"
        "return tf.reduce_mean(tf.reduce_sum(kl, axis=1))",
        "diagonal_normal",
        "diagonal_normal",
        "refuted",
        corrected=True,
    ),
    Case(
        "NumPy, two laws, a half is missing",
        "np.sum(np.log(sd2 / sd1) + (sd1**2 + np.square(mu1 - mu2)) / sd2**2 - 0.5, axis=1)",
        "diagonal_normal",
        "diagonal_normal",
        "refuted",
        corrected=True,
    ),
    Case(
        "LaTeX, two laws",
        r"KL(P \| Q) = \log\frac{\sigma_2}{\sigma_1} + \frac{\sigma_1^2 + (\mu_1 - \mu_2)^2}{2\sigma_2^2} - \frac12",
        "normal",
        "normal",
        "proved",
    ),
    Case(
        "LaTeX, two laws, exchanged",
        r"\log\frac{\sigma_1}{\sigma_2} + \frac{\sigma_2^2 + (\mu_1 - \mu_2)^2}{2\sigma_1^2} - \frac12",
        "normal",
        "normal",
        "refuted",
        corrected=True,
    ),
    Case(
        "LaTeX, a sum, a square is missing",
        r"\frac{1}{2}\sum_{j=1}^J \left(\mu_j^2 + \sigma_j - \log\sigma_j^2 - 1\right)",
        "diagonal_normal",
        "standard_normal",
        "refuted",
        corrected=True,
    ),
    Case(
        "text, an equation of two sides",
        "KL(q || p) = log(l_q/l_p) + l_p/l_q - 1 = log l_q - log l_p + l_p/l_q - 1",
        "exponential",
        "exponential",
        "proved",
    ),
    Case(
        "text, two laws, three slips",
        "log(s2/s1) + (s1^2 - (m1 + m2)^2)/(2 s2) - 1",
        "normal",
        "normal",
        "refuted",
        corrected=True,
    ),
    Case("text, entropy", "0.5*log(2*pi*sigma^2)", "normal", None, "refuted", corrected=True, quantity="entropy"),
)


def measured(case: Case) -> Measured:
    """Judge a formula; the imports are done, and nothing is cached."""
    start = time.process_time()
    verdict = check(case.text, case.p, case.q, quantity=case.quantity)
    return Measured(time.process_time() - start, verdict.status, bool(verdict.correction))


def faults(cases: list[tuple[Case, list[Measured]]]) -> list[str]:
    """Return what is not as it must be."""
    return [
        f"{case.title}: {run.status}{', corrected' * run.corrected}"
        for case, runs in cases
        for run in runs[:1]
        if (run.status, run.corrected) != (case.status, case.corrected)
    ]


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="Measure the CPU time of one verdict of `check`.")
    parser.add_argument("--runs", type=int, default=3, help="processes for each formula (default 3)")
    runs = parser.parse_args().runs
    if runs < 1:
        parser.error("--runs must be at least 1")
    print(f"CPU time of one verdict after the imports; medians of {runs} processes.\n")
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        results = pool.map(measured, [case for case in CASES for _ in range(runs)], chunksize=1)
    cases = [(case, results[k * runs : (k + 1) * runs]) for k, case in enumerate(CASES)]
    times = [median(run.seconds for run in found) for _, found in cases]
    for (case, (first, *_)), seconds in zip(cases, times, strict=True):
        verdict = first.status + ", corrected" * first.corrected
        print(f"{case.title:<36}{verdict:<20}{seconds:>6.2f} s")
    print(
        f"\n{'median':<56}{median(times):>6.2f} s\n{'largest':<56}{max(times):>6.2f} s; expected: at most {BOUND:g} s"
    )
    if found := faults(cases):
        sys.exit("; ".join(found))


if __name__ == "__main__":
    main()

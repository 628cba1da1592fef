"""A variational autoencoder on Fashion-MNIST in NumPy; `python -m examples.fashion_mnist_vae` runs it."""

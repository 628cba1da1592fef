"""A documentation that shows derivations: this line of `extensions` is all it takes."""

project = "The loss of our model"
extensions = ["kl_symbolic.sphinxext"]

"""How Sphinx builds this documentation: ``sphinx-build -W -n -j 2 docs build/docs/html``."""

import sys
from pathlib import Path

import kl_symbolic

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))
from latex_characters import declarations

project = "kl_symbolic"
author = "The kl_symbolic developers"
copyright = author  # noqa: A001 - Sphinx's name
version = release = kl_symbolic.__version__

extensions = [
    "kl_symbolic.sphinxext",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    # of this documentation only, in _extensions:
    "command_line",
    "docstrings",
    "families_table",
    "rule_catalogue",
    "tidy_code",
    "theorem_pages",
]
exclude_patterns = ["_extensions", "_static", "figures"]
root_doc = "index"
nitpicky = True
nitpick_ignore_regex = [
    # Types of other projects: their inventories would have to be fetched from the network.
    (r"py:.*", r"(numpy|np|sympy|sphinx|docutils|pathlib|collections|fractions)\..*"),
    # Words where NumPy's style of docstrings has a type: what comes back depends on what was given.
    (r"py:class", r"arrays?|NumPy scalars?"),
]
default_role = "py:obj"  # of docstrings; docstrings.py makes code of what is no name of ours
smartquotes = False  # --param is no dash

# Markdown
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "attrs_inline"]
myst_heading_anchors = 3

# Docstrings
napoleon_google_docstring = False
autodoc_typehints = "none"  # the docstrings say what the parameters are
autodoc_member_order = "bysource"

# The cross-check of each theorem: asked for 44 digits, quadrature gives 50. `verify --all` looks at every stage too.
kl_symbolic_digits = 44
kl_symbolic_points = 1

# Formulas: one file, no network (see _static/mathjax/README.md). An undefined macro is an error that one can see.
mathjax_path = "mathjax/tex-svg-full.js"
mathjax3_config = {"tex": {"packages": {"[-]": ["noundefined"]}}}

# HTML
html_theme = "furo"
html_title = "kl_symbolic"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
COLOURED = ("color-brand-primary", "color-brand-content", "color-api-name", "color-api-pre-name")
html_theme_options = {
    "light_css_variables": dict.fromkeys(COLOURED, "#1f6f54"),
    "dark_css_variables": dict.fromkeys(COLOURED, "#6fd3ab"),
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# PDF
latex_engine = "pdflatex"
latex_documents = [(root_doc, "kl_symbolic.tex", r"kl\_symbolic", author.replace("_", r"\_"), "manual")]
latex_elements = {
    "papersize": "a4paper",
    "pointsize": "11pt",
    "preamble": declarations(),
    "extraclassoptions": "openany,oneside",
}

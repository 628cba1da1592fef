"""What pdflatex must be told about the Unicode characters of our output: the renderer's own tables, and a few more."""

from kl_symbolic.render.layout import UNICODE, bold
from kl_symbolic.render.text import SUBSCRIPTS, SUPERSCRIPTS

# What pages hold beside formulas: capitals, arrows and marks of text.
OTHERS = {"≤": r"\leq", "≥": r"\geq", "≈": r"\approx", "→": r"\rightarrow", "∞": r"\infty", "√": r"\surd",
          "×": r"\times", "·": r"\cdot", "…": r"\ldots", "✓": r"\checkmark", "✗": r"\times", "±": r"\pm",
          "−": "-", "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Ξ": r"\Xi", "Π": r"\Pi",
          "Σ": r"\Sigma", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega"}  # fmt: skip


def table() -> dict[str, str]:
    r"""Return the TeX, for use in mathematics, of each character.

    >>> table()["σ"], table()["ᵢ"], table()["ⁿ"]
    ('\\sigma', '{}_{i}', '{}^{n}')
    """
    found = {character: tex for tex, character in UNICODE.items() if len(character) == 1 and not character.isascii()}
    found |= {small: f"{{}}^{{{letter}}}" for letter, small in SUPERSCRIPTS.items()}
    found |= {small: f"{{}}_{{{letter}}}" for letter, small in SUBSCRIPTS.items()}
    found |= {bold(letter): rf"\mathbf{{{letter}}}" for letter in "px"}
    return OTHERS | found


def declarations() -> str:
    """Return the lines for the preamble."""
    lines = (rf"\DeclareUnicodeCharacter{{{ord(c):04X}}}{{\ensuremath{{{tex}}}}}" for c, tex in sorted(table().items()))
    return "\\usepackage{amssymb}\n" + "\n".join(lines) + "\n"

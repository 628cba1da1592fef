"""Layouts as LaTeX."""

from __future__ import annotations

from kl_symbolic.render.layout import (
    BRACES,
    Accent,
    Apply,
    Big,
    Bold,
    Column,
    Fence,
    Fraction,
    Layout,
    Mark,
    Root,
    Row,
    Script,
    is_tall,
    is_unary,
)


def latex(layout: Layout) -> str:
    r"""Return the LaTeX of a layout, for amsmath and for MathJax.

    Examples
    --------
    >>> from kl_symbolic.render.layout import number
    >>> latex(Fraction(number(1), Script(Mark(r"\sigma"), number(1), number(2))))
    '\\frac{1}{\\sigma_1^2}'
    """
    match layout:
        case Mark(tex, "separator"):
            return tex
        case Mark(tex, "operator"):
            return {",": ", ", r"\|": r" \,\|\, "}.get(tex, f" {tex} ")
        case Mark(tex):
            return tex
        case Bold(name):
            return rf"\mathbf{{{name}}}"
        case Accent(command, body):
            return f"{command}{{{latex(body)}}}"
        case Row(items):
            return _join(items)
        case Fraction(top, bottom):
            return rf"\frac{{{latex(top)}}}{{{latex(bottom)}}}"
        case Script(base, sub, sup):
            return latex(base) + _script("_", sub) + _script("^", sup)
        case Root(body):
            return rf"\sqrt{{{latex(body)}}}"
        case Column(entries):
            lines = r" \\[2ex] ".join(latex(entry).replace(r"\frac", r"\dfrac") for entry in entries)
            return rf"\begin{{pmatrix}} {lines} \end{{pmatrix}}"
        case Fence(body, marks):
            left, right = (rf"\{mark}" if mark in BRACES else mark for mark in marks)
            return rf"\left{left}{latex(body)}\right{right}" if is_tall(body) else f"{left}{latex(body)}{right}"
        case Apply(name, argument, fenced):
            inside = latex(Fence(argument)) if fenced else latex(argument)
            return _glue(latex(name), inside)
        case Big(sign, below, above, _):
            return latex(sign) + _script("_", below) + _script("^", above)
    raise TypeError(f"no LaTeX for {layout!r}")


def _script(mark: str, script: Layout | None) -> str:
    """Write an index or exponent, in braces unless it is one character or one letter."""
    if script is None:
        return ""
    tex = latex(script).strip()
    letter = isinstance(script, Mark) and script.kind == "identifier" and tex[1:].isalpha()
    single = len(tex) == 1 or (letter and tex[0] == "\\")
    return mark + (tex if single else f"{{{tex}}}")


def _join(items: tuple[Layout, ...]) -> str:
    result = ""
    previous: Layout | None = None
    for item in items:
        part = latex(item)
        if isinstance(item, Mark) and item.kind == "operator" and is_unary(previous):
            part = part.strip()
        elif (isinstance(previous, Big) or (isinstance(previous, Apply) and not previous.fenced)) and part[0] != " ":
            result += " "
        result = _glue(result, part)
        previous = item
    return result


def _glue(left: str, right: str) -> str:
    """Put two pieces together, with a space where a command would swallow a letter."""
    command = left.rsplit("\\", 1)[-1] if "\\" in left else ""
    return f"{left} {right}" if command.isalpha() and right[:1].isalnum() else left + right

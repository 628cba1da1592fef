"""Layouts as one line of Unicode text."""

from __future__ import annotations

from kl_symbolic.render.layout import (
    ACCENTS,
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
    bold,
    is_number,
    is_unary,
)

SUPERSCRIPTS = dict(zip("0123456789-+nkix′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵏⁱˣ′", strict=True))
SUBSCRIPTS = dict(zip("0123456789ijnpkx=", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₙₚₖₓ₌", strict=True))
UNICODE_MINUS = "−"


def text(layout: Layout) -> str:
    r"""Return a layout as Unicode text.

    Examples
    --------
    >>> from kl_symbolic.render.layout import number
    >>> text(Fraction(number(1), Script(Mark(r"\sigma"), number(1), number(2))))
    '1/σ₁²'
    """
    match layout:
        case Mark(_, "separator"):
            return ""
        case Mark(_, "space"):
            return " "
        case Mark(tex, "operator"):
            return ", " if tex == "," else f" {layout.text} "
        case Mark():
            return layout.text
        case Bold(name):
            return bold(name)
        case Accent(command, body):
            inside = text(body)
            return inside + ACCENTS[command][1] if len(inside) == 1 else f"{command[1:]}({inside})"
        case Row(items):
            return _join(items)
        case Fraction(top, bottom):
            return f"{_tight(top, in_top=True)}/{_tight(bottom)}"
        case Script(base, sub, sup):
            return text(base) + _lowered(sub) + _raised(sup)
        case Root(body):
            inside = text(body)
            return f"√{inside}" if len(inside) == 1 else f"√({inside})"
        case Fence(body, marks):
            left, right = marks
            return f"{left}{text(body)}{right}"
        case Column(entries):
            return f"({', '.join(map(text, entries))})"
        case Apply(name, argument, fenced):
            inside = text(argument)
            call = isinstance(argument, Apply) and argument.fenced
            bare = not fenced and (call or not (isinstance(argument, Fraction) or " " in inside))
            return f"{text(name)} {inside}" if bare else f"{text(name)}({inside})"
        case Big(sign, _, _, True):
            return text(sign) + " "
        case Big(sign, below, above, False):
            return text(sign) + _lowered(below) + _raised(above) + " "
    raise TypeError(f"no text for {layout!r}")


def _join(items: tuple[Layout, ...]) -> str:
    result = ""
    previous: Layout | None = None
    for item in items:
        part = text(item)
        if isinstance(item, Fraction) and _is_factor(previous):
            part = f"({part})"
        if is_unary(previous) and isinstance(item, Mark) and item.kind == "operator":
            part = part.strip()
        elif part.startswith(", "):
            result = result.rstrip()
        elif result[-1:].strip() and part[:1].strip() and _apart(previous, item):
            part = " " + part
        result += part
        previous = item
    return result


def _is_factor(layout: Layout | None) -> bool:
    """Whether a fraction behind this is another factor, which begins where it ends."""
    loose = isinstance(layout, Mark) and layout.kind in ("operator", "separator", "function")
    return not (layout is None or loose or isinstance(layout, Big))


def _apart(left: Layout | None, right: Layout) -> bool:
    """Whether two neighbours need a space between them."""
    exponential = isinstance(right, Script) and right.base == Mark("e")
    before = isinstance(left, Fraction) or (isinstance(left, Apply) and not isinstance(right, Fence))
    sign = isinstance(left, Mark) and left.kind == "operator"
    before = before or (_is_open(left) and not isinstance(right, Mark))  # b^a x, where b^ax would be another power
    return not sign and left is not None and (before or isinstance(right, Apply | Big) or exponential)


def _is_open(layout: Layout | None) -> bool:
    """Whether what follows may belong to an exponent: b^a."""
    return isinstance(layout, Script) and "^" in (written := _raised(layout.sup)) and not written.endswith(")")


def _tight(layout: Layout, *, in_top: bool = False) -> str:
    """Write the top or bottom of a fraction, in parentheses unless it holds together by itself."""
    written = text(layout)
    items = layout.items if isinstance(layout, Row) else ()
    single = not isinstance(layout, Row | Fraction | Apply) or (isinstance(layout, Apply) and layout.fenced)
    single = single and not (in_top and _is_open(layout))
    # d/dx and k! and p(x) hold together, and so does a product on top, whose sums are in parentheses.
    pair = len(items) == 2 and isinstance(items[1], Fence)  # noqa: PLR2004 - a name and its argument
    pair = pair and not is_number(items[0])
    bound = bool(items) and (items[0] == Mark(r"\partial") or pair or _is_postfix(items[-1]))
    return (
        written
        if single or (bound and " " not in written) or (in_top and items and _is_tight(items))
        else f"({written})"
    )


def _is_tight(items: tuple[Layout, ...]) -> bool:
    """Whether no space stands in a product but within parentheses."""
    return " " not in _join(tuple(Fence(Mark("")) if isinstance(item, Fence) else item for item in items))


def _is_postfix(layout: Layout) -> bool:
    return isinstance(layout, Mark) and layout.kind == "postfix"


def _raised(sup: Layout | None) -> str:
    return _scripted(sup, SUPERSCRIPTS, "^")


def _lowered(sub: Layout | None) -> str:
    return _scripted(sub, SUBSCRIPTS, "_")


def _scripted(script: Layout | None, table: dict[str, str], mark: str) -> str:
    """Use Unicode's small letters where all are there, else a mark such as ^ and parentheses."""
    if script is None:
        return ""
    written = text(script).strip()
    small = [table.get(c) for c in written.replace(UNICODE_MINUS, "-").replace(" = ", "=")]
    if None not in small:
        return "".join(c for c in small if c)
    single = isinstance(script, Script | Bold | Accent) or (isinstance(script, Mark) and not set(written) & set(" -."))
    in_parentheses = written.startswith("(") and written.find(")") == len(written) - 1
    return f"{mark}{written}" if single or in_parentheses else f"{mark}({written})"

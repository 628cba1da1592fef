"""Layouts as MathML Core, which browsers typeset without any script."""

from __future__ import annotations

from html import escape

from kl_symbolic.render.layout import Apply, Big, Bold, Column, Fence, Fraction, Layout, Mark, Root, Row, Script, bold

TAGS = {"number": "mn", "operator": "mo", "open": "mo", "close": "mo", "postfix": "mo", "separator": "mo"}


def mathml(layout: Layout, *, display: bool = True, alternative: str = "") -> str:
    """Return a whole ``<math>`` element; `alternative` is LaTeX for those who copy or listen."""
    style = ' display="block"' if display else ""
    note = f'<annotation encoding="application/x-tex">{escape(alternative)}</annotation>' if alternative else ""
    return f"<math{style}><semantics><mrow>{element(layout)}</mrow>{note}</semantics></math>"


def element(layout: Layout) -> str:
    r"""Return the MathML of one layout.

    Examples
    --------
    >>> from kl_symbolic.render.layout import number
    >>> element(Script(Mark(r"\sigma"), None, number(2)))
    '<msup><mi>σ</mi><mn>2</mn></msup>'
    """
    match layout:
        case Mark(_, "space"):
            return '<mspace width="0.17em"/>'
        case Mark(tex, kind):
            tag = TAGS.get(kind, "mi")
            return f"<{tag}>{escape('−' if tex == '-' else layout.text)}</{tag}>"
        case Bold(name):
            return f"<mi>{bold(name)}</mi>"
        case Row(items):
            return "<mrow>" + "".join(map(element, items)) + "</mrow>"
        case Fraction(top, bottom):
            return f"<mfrac>{element(top)}{element(bottom)}</mfrac>"
        case Script(base, sub, sup):
            return _scripted("sub", "sup", element(base), sub, sup)
        case Root(body):
            return f"<msqrt>{element(body)}</msqrt>"
        case Column(entries):
            rows = "".join(f"<mtr><mtd>{element(entry)}</mtd></mtr>" for entry in entries)
            return _fenced(f'<mtable displaystyle="true">{rows}</mtable>')
        case Fence(body):
            return _fenced(element(body))
        case Apply(name, argument, fenced):
            inside = element(Fence(argument)) if fenced else f'<mspace width="0.17em"/>{element(argument)}'
            return f"<mrow>{element(name)}<mo>&#x2061;</mo>{inside}</mrow>"
        case Big(sign, below, above, _):
            limits = ("sub", "sup") if sign.tex == r"\int" else ("under", "over")
            return _scripted(*limits, f"<mo>{sign.text}</mo>", below, above)
    raise TypeError(f"no MathML for {layout!r}")


def _scripted(low: str, high: str, base: str, below: Layout | None, above: Layout | None) -> str:
    tag = "m" + (low if below is not None else "") + (high if above is not None else "")
    parts = "".join(element(part) for part in (below, above) if part is not None)
    return f"<{tag}>{base}{parts}</{tag}>" if parts else base


def _fenced(inside: str) -> str:
    return f'<mrow><mo fence="true">(</mo>{inside}<mo fence="true">)</mo></mrow>'

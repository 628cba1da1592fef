"""Layouts as MathML Core, which browsers typeset without any script."""

from __future__ import annotations

from html import escape

from kl_symbolic.render.layout import (
    ACCENTS,
    LETTERS,
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
    is_tall,
    is_unary,
)

STRAIGHT = ' mathvariant="normal"'  # of one letter, which is slanted if nothing is said
THIN = '<mspace width="0.17em"/>'
TAGS = {"number": "mn", "operator": "mo", "postfix": "mo", "separator": "mo", "word": "mtext"}


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
    >>> element(Mark(r"\Gamma")), element(Script(Mark(r"\psi"), None, Mark(r"\prime", "postfix")))
    ('<mi mathvariant="normal">Γ</mi>', '<mrow><mi>ψ</mi><mo lspace="0" rspace="0">′</mo></mrow>')
    """
    match layout:
        case Mark(_, "space"):
            return THIN
        case Mark(tex, kind):
            tag = TAGS.get(kind, "mi")
            if tex == r"\|":
                return '<mo lspace="0.2em" rspace="0.2em">‖</mo>'
            upright = STRAIGHT if tag == "mi" and len(layout.text) == 1 and _is_upright(layout) else ""
            return f"<{tag}{upright}>{escape(layout.text)}</{tag}>"
        case Bold(name):
            return f"<mi>{escape(bold(name))}</mi>"
        case Accent(command, body):
            return f'<mover accent="true">{element(body)}<mo>{ACCENTS[command][0]}</mo></mover>'
        case Row(items):
            return f"<mrow>{_row(items)}</mrow>"
        case Fraction(top, bottom):
            return f"<mfrac>{element(top)}{element(bottom)}</mfrac>"
        case Script(base, sub, sup) if primes := _primes(sup):
            return f"<mrow>{_scripted('sub', 'sup', element(base), sub, None)}{primes}</mrow>"
        case Script(base, sub, sup):
            return _scripted("sub", "sup", element(base), sub, sup)
        case Root(body):
            return f"<msqrt>{element(body)}</msqrt>"
        case Column(entries):
            rows = "".join(f"<mtr><mtd>{element(entry)}</mtd></mtr>" for entry in entries)
            return _fenced(f'<mtable displaystyle="true">{rows}</mtable>', tall=True)
        case Fence(body, marks):
            return _fenced(element(body), tall=is_tall(body), marks=marks)
        case Apply(name, argument, fenced):
            inside = element(Fence(argument)) if fenced else f"{THIN}{element(argument)}"
            return f"<mrow>{element(name)}<mo>&#x2061;</mo>{inside}</mrow>"
        case Big(sign, below, above, _):
            limits = ("sub", "sup") if sign.tex == r"\int" else ("under", "over")
            return _scripted(*limits, f"<mo>{escape(sign.text)}</mo>", below, above)
    raise TypeError(f"no MathML for {layout!r}")


def _is_upright(mark: Mark) -> bool:
    """Whether a letter stands upright, as LaTeX has capital Greek ones and what is in roman."""
    return mark.tex.startswith(r"\mathrm") or (mark.tex in LETTERS and mark.text.isupper())


def _primes(above: Layout | None) -> str:
    """Return primes, which are raised by themselves: as superscripts browsers raise them once more."""
    marks = above.items if isinstance(above, Row) else (above,)
    alone = all(isinstance(mark, Mark) and mark.tex == r"\prime" for mark in marks)
    return '<mo lspace="0" rspace="0">′</mo>' * len(marks) if alone else ""


def _scripted(low: str, high: str, base: str, below: Layout | None, above: Layout | None) -> str:
    tag = "m" + (low if below is not None else "") + (high if above is not None else "")
    parts = "".join(element(part) for part in (below, above) if part is not None)
    return f"<{tag}>{base}{parts}</{tag}>" if parts else base


def _fenced(inside: str, *, tall: bool, marks: tuple[str, str] = ("(", ")")) -> str:
    left, right = (f'<mo stretchy="{str(tall).lower()}">{mark}</mo>' for mark in marks)
    return f"<mrow>{left}{inside}{right}</mrow>"


def _row(items: tuple[Layout, ...]) -> str:
    written = ""
    previous: Layout | None = None
    for item in items:
        sign = is_unary(previous)
        if sign and isinstance(item, Mark) and item.kind == "operator":
            written += element(item).replace("<mo>", '<mo form="prefix">')
        else:
            written += (THIN if isinstance(item, Apply) and not sign else "") + element(item)
        previous = item
    return written

r"""In which notation somebody writes: ``^`` or ``**``, ``\ln`` or ``np.log``, and what stands around their sums.

This looks at the text alone. A style that is taken wrongly makes a line that is not read back, and never a wrong one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kl_symbolic.functions import Function, all_functions
from kl_symbolic.reading.alphabet import GREEK
from kl_symbolic.reading.syntax import FUNCTIONS
from kl_symbolic.reading.tokens import MODULES
from kl_symbolic.reading.writing import Around, Style

_MODULE = rf"(?:(?:{'|'.join(map(re.escape, sorted(MODULES, key=len, reverse=True)))})(?:\.|\$)|(?:keras::)?k_)"
_WORDS = "|".join(FUNCTIONS)
_CALLED = f"{_WORDS}|pow|div|sum|mean|reduce_sum|reduce_mean"
_FIRST_MODULE = re.compile(
    rf"(?<![\w.$])(?:{_MODULE}|[A-Za-z_]\w*[.$](?=(?:{_CALLED})\((?!\s*(?:\)|-?[0-9]+\s*\)|dim|axis))))"
)
_FUNCTION = r"(?<![\w.$])((?:{module}|[A-Za-z_]\w*::)*{name})\.?\s*\("
_METHOD = re.compile(rf"(?<=[\w)\]])\.(?:(?:{_WORDS})\(\)|pow\()")
_AXES = re.compile(r"-?[0-9]+$|[(\[][-0-9,\s]*[)\]]$|(?:axis|axes|dims?|keepdims?|reduction_indices)\s*=")
_CONSTANTS = {
    "pi": re.compile(r"(?:[A-Za-z]+\.)?\bpi\b|%pi|\\pi|π"),
    "e": re.compile(r"(?:[A-Za-z]+\.)*exp\(1\.?0?\)|(?:[A-Za-z]+\.)?\be\b|%e"),
}
_DECIMAL = re.compile(r"(?<![\w.])[0-9]*\.[0-9]+(f0)?|(?<![\w.])[0-9]+\.(?![\w*/^+-])")
_HALF = re.compile(r"(?<![\w.])0?\.5")
_FRACTION = re.compile(r"\\[dtc]?frac|½|\b1\s*/\s*2\b")
_LIMITS = r"(?:\s*[_^]\s*(?:\{[^{}]*\}|\([^()]*\)|\\[A-Za-z]+|\w)|[ᵢⱼₖ₌₁ⁿᵏ])*"
_INDEXED = r"(?=\s*(?:_\s*(?:[{(]|[A-Za-z](?![A-Za-z0-9]))|\^|[ᵢⱼₖ]))"
_SIGN_OF_SUM = re.compile(
    rf"(?:\\sum(?:\\limits|\\nolimits)?|∑|\\Sigma(?=\s*(?:\\left)?\s*[(\[])|Σ(?=\s*[_^ᵢⱼₖ(\[])|\bsum{_INDEXED})"
    rf"\s*(?:{_LIMITS})",
    re.ASCII,
)
_REDUCTION = re.compile(r"(?<![\w])((?:[A-Za-z_]\w*(?:\.|::|\$))*(?:k_|reduce_)?)(sum|mean|Sum)\s*[(\[]")
_KEYWORD = re.compile(r"^\w+\s*=(?!=)\s*")
_MOST = 2_000  # characters that are looked at


def style_of(text: str) -> Style:
    r"""Return the notation in which a formula is written.

    Examples
    --------
    >>> style = style_of("kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)")
    >>> style.power, style.decimal, style.total, style.functions["exp"]
    ('**', True, Around(before='torch.sum(', behind=', dim=1)', fenced=True), 'torch.exp')
    """
    text = text[:_MOST]
    tex = re.search(r"\\[A-Za-z]", text) is not None
    module = _module(text)
    methods = not (tex or module) and _METHOD.search(text) is not None
    code = bool(module or methods)
    around = _sums(text)
    half, decimal = _HALF.search(text), _DECIMAL.search(text)
    numeral = half or decimal
    return Style(
        tex=tex,
        power="^" if tex else _power(text, code=code),
        functions=(_methods() if methods else {}) | _functions(text, module, tex=tex),
        methods=frozenset(_methods()) if methods else frozenset(),
        constants=_constants(text, module, tex=tex),
        decimal=numeral is not None if numeral or _FRACTION.search(text) else code,
        suffix="f0" if decimal and decimal[1] else "",
        dots="**" not in text and re.search(r"\.[*/^]", text) is not None and not tex,
        dotted_signs=re.search(rf"\.[+-]\s|\b(?:{_WORDS})\.\(", text) is not None and not tex,
        halved=not (tex or half) and re.search(r"\)\s*/\s*2(?![\w.*^])", text) is not None,
        joined=not code and re.search(r"[0-9][πμσλ]", text) is not None,
        total=around[0] if around else None,
        whole=tuple(around[1:]),
    )


def _module(text: str) -> str:
    found = _FIRST_MODULE.search(text)
    return found[0] if found else ""


def _power(text: str, *, code: bool) -> str:
    if "**" in text:
        return "**"
    if "^" not in text and "²" in text:
        return "²"
    other_language = re.search(r"<-|\$|::|\bk_|\.[*/]|\w\.\(", text) is not None
    return "**" if code and "^" not in text and not other_language else "^"


def _unary() -> tuple[Function, ...]:
    """Return the functions of one argument that people write."""
    return tuple(function for function in all_functions().values() if function.arity == 1 and function.spellings)


def _methods() -> dict[str, str]:
    """Return the functions that may follow their argument, with their names."""
    plain = {f.name: f.names["torch"] for f in _unary() if "torch" in f.names}
    logarithms = {f"log {f.name}": f.log_names["torch"] for f in _unary() if "torch" in f.log_names}
    return {function: name.rpartition(".")[2] for function, name in (plain | logarithms).items()}


def _functions(text: str, module: str, *, tex: bool) -> dict[str, str]:
    if tex:
        return _commands(text)
    found = {}
    spellings = {f.name: (*f.spellings, *_letter(f)) for f in _unary()} | {"softplus": ("softplus",)}
    spellings |= {f"log {f.name}": f.log_spellings for f in _unary() if f.log_spellings}
    for function, words in spellings.items():
        names = "|".join(dict.fromkeys((*words, *map(str.upper, words), *map(str.capitalize, words))))
        called = re.search(_FUNCTION.format(module=_MODULE, name=f"(?:{names})"), text)
        used = called or re.search(rf"(?<![\w.])({names})\b(?=\s*[^\W\d]|\s+[0-9])", text)  # log x
        if used:
            found[function] = used[1]
        elif module and (name := _name_in(module, function)):
            found[function] = name
    if "exp" not in found and re.search(r"(?<![\w.])e\s*\^", text):
        found["exp"] = "e^"
    return found


def _commands(text: str) -> dict[str, str]:
    """Return the command of LaTeX for each function that has one: that in the text, or ours."""
    found = {}
    for function in _unary():
        words = "|".join(function.spellings)
        used = re.search(rf"\\({words})(?![A-Za-z])", text) or re.search(rf"(?<![A-Za-z\\])({words})\b", text)
        if function.tex.startswith("\\"):
            found[function.name] = rf"\{used[1]}" if used else function.tex
    if r"\exp" not in text and re.search(r"(?<![A-Za-z\\])e\s*\^", text):
        found["exp"] = "e^"
    return found


def _letter(function: Function) -> tuple[str, ...]:
    """Return the Greek letter that a function is called by, if it is."""
    return tuple(letter for letter, name in GREEK.items() if function.tex == f"\\{name}")


def _name_in(module: str, function: str) -> str:
    """Return what a library, by what stands before its functions, calls one: tf.math.log; nothing if none does."""
    known = all_functions().get(function.removeprefix("log "))
    names = (known.log_names if function.startswith("log ") else known.names) if known else {}
    found = next((name for name in names.values() if name.startswith(module)), "")
    usual = "" if names and "numpy" not in names else module + function
    return found or usual or names.get("scipy", "")


def _constants(text: str, module: str, *, tex: bool) -> dict[str, str]:
    usual = {"np.": "np.pi", "numpy.": "numpy.pi", "torch.": "math.pi", "math.": "math.pi", "tf.": "np.pi"}
    found = {"pi": r"\pi" if tex else usual.get(module, "pi")}
    for name, pattern in _CONSTANTS.items():
        written = pattern.search(text)
        if written:
            found[name] = written[0]
    return found


@dataclass(frozen=True)
class _Call:
    """A sum or a mean as code calls it: a function before what it sums, or a method behind."""

    kind: str
    around: Around
    axes: bool
    method: bool
    body: str = ""

    @property
    def as_sum(self) -> Around:
        before, behind, fenced = self.around
        if self.method:
            return Around(before, behind.replace("mean", "sum", 1), fenced)
        return Around("sum".join(before.rsplit("mean", 1)), behind, fenced)


def _sums(text: str) -> list[Around]:
    """Return what stands around a sum over coordinates, and then what around the whole: means over samples."""
    sign = _SIGN_OF_SUM.search(text)
    if sign:
        return [Around(sign[0].strip(), "", fenced=False)]
    calls = [call for call in (_call(text, found) for found in _REDUCTION.finditer(text)) if call]
    if not calls:
        return []
    sums = [call for call in calls if call.kind != "mean"]
    likely = [call for call in sums if call.axes] or sums or [call for call in calls if call.axes] or calls[-1:]
    chosen = likely[-1]
    others = [call for call in calls if call is not chosen]
    total = chosen.as_sum
    for call in others[::-1]:
        if not chosen.method and _is_call(call.body, chosen.around.before):  # torch.mean(torch.sum(x, 1))
            others.remove(call)
            total = Around(call.around.before + total.before, total.behind + call.around.behind)
            break
    siblings = (chosen.around.behind,) if chosen.axes else ()  # torch.sum(a, 1) + torch.mean(b, 1)
    outer = [call.around for call in others if call.around != chosen.around and call.around.behind not in siblings]
    return [total, *dict.fromkeys(outer)]


def _is_call(text: str, opening: str) -> bool:
    """Whether a text is one call and nothing else."""
    if not text.startswith(opening):
        return False
    depth = 0
    for at, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c in ")]}" and depth == 0:
            return at == len(text) - 1
    return False


def _call(text: str, found: re.Match[str]) -> _Call | None:
    """Return a call of a sum or a mean, if it is one of something."""
    prefix, kind = found[1], found[2]
    behind = text[: found.start()].rstrip()[-1:]
    arguments = _arguments(text, found.end())
    if arguments is None:
        return None
    axes = not arguments or _AXES.match(arguments[0])
    if (behind == "." or prefix.endswith((".", "$"))) and axes:  # (a + b).sum(dim=1), loss.mean()
        if prefix and not re.search(rf"(?<![\w.]){re.escape(prefix[:-1])}\s*(?:[-+*/]?=(?!=)|<-)", text):
            return None  # p.mean(), a parameter
        inside = ", ".join(arguments)
        return _Call(kind, Around("(", f").{kind}({inside})"), bool(inside), method=True)
    if not arguments:
        return None
    rest = "".join(f", {one}" for one in arguments[1:])
    return _Call(
        kind, Around(f"{prefix}{kind}(", f"{rest})"), bool(rest), method=False, body=_KEYWORD.sub("", arguments[0])
    )


def _arguments(text: str, at: int) -> list[str] | None:
    """Return the arguments of a call whose parenthesis ends at a place, or None where it is not closed."""
    depth, parts, last = 1, list[str](), at
    for k in range(at, len(text)):
        c = text[k]
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 or (c == "," and depth == 1):
            parts.append(" ".join(text[last:k].split()))
            last = k + 1
        if depth == 0:
            return [part for part in parts if part]
    return None

"""Pages of the documentation in Debian's Chromium, without a network, and what may be wrong with them."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from docs_site import missing

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
TELEPHONE = {"width": 390, "height": 844}
DESK = {"width": 1100, "height": 1000}
LOCAL = ("file://", "http://127.0.0.1:", "data:", "blob:")
SCHEMES = ("light", "dark")
GUARD = 300_000  # milliseconds after which something hangs, however busy the machine is
CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3, level AA

COUNTS = """async () => {
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  const count = (selector) => document.querySelectorAll(selector).length;
  return {typeset: count('mjx-container'), spoken: count('mjx-assistive-mml math'),
          errors: [...document.querySelectorAll('[data-mml-node=merror]')].map((e) => e.getAttribute('title')
            || e.dataset.mjxError || e.textContent)};
}"""
# The theme lets the article scroll within the page, so that the page itself is never too wide: look at both.
WIDTHS = """() => {
  const found = [];
  const inside = ['article', '[role=main]', 'body'].map((name) => document.querySelector(name)).find((e) => e);
  for (let e = inside; e; e = e.parentElement) {
    const scrolls = e === document.scrollingElement || getComputedStyle(e).overflowX !== 'visible';
    const [whole, seen] = [e.scrollWidth, e.clientWidth];
    if (scrolls && whole > seen) found.push(`${e.tagName}.${e.className}: ${whole} > ${seen}`);
  }
  return found;
}"""
READ = "article :is(p, a, li, code, td, th, h1, h2, h3, button, .eqno, mjx-container)"
PALE = """([least, read]) => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map((x, k) => colour.startsWith('color(') && k < 3 ? x * 255 : +x);
  const luminance = (colour) => {
    const [r, g, b] = parts(colour).slice(0, 3).map((c) => c / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (e) => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor, alpha = parts(colour)[3];
      if (alpha === undefined || alpha > 0.9) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = new Set();
  for (const e of document.querySelectorAll(read)) {
    if (!e.offsetParent || e.closest('.headerlink, .copybtn') || !e.textContent.trim()) continue;
    const [a, b] = [luminance(getComputedStyle(e).color), luminance(background(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least) found.add(`${e.tagName}.${e.className}: ${ratio.toFixed(1)}`);
  }
  return [...found];
}"""


@contextmanager
def chromium():
    """Start a browser."""
    if shutil.which(CHROMIUM) is None:
        missing(CHROMIUM)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Quiet(SimpleHTTPRequestHandler):
    """A handler that does not print every request."""

    def log_message(self, *_):
        """Print nothing."""


@contextmanager
def served(folder: Path):
    """Serve a folder to this machine; yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def watched(context):
    """Return a new page and the list of its requests to other machines, which grows."""
    context.set_default_timeout(GUARD)
    page, foreign = context.new_page(), []
    page.on("request", lambda request: None if request.url.startswith(LOCAL) else foreign.append(request.url))
    return page, foreign


def wrong_formulas(page, equations: int) -> list[str]:
    """Return what is wrong with the formulas of a page that should have so many."""
    counts = page.evaluate(COUNTS)
    found = [f"error in a formula: {error}" for error in counts["errors"]]
    kinds = [what for what in ("typeset", "spoken") if counts[what] != equations]
    return found + [f"{counts[what]} formulas {what}, {equations} on the page" for what in kinds]


def wrong_looks(page, read: str = READ) -> list[str]:
    """Return what is wrong with the looks of a page, light and dark: its width, and the colours of what is read."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: too wide: {what}" for what in page.evaluate(WIDTHS)]
        found += [f"{scheme}: too pale: {what}" for what in page.evaluate(PALE, [CONTRAST, read])]
    return found

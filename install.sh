#!/bin/sh
# Make .venv and install kl_symbolic into it; "sh install.sh dev" adds what the tests need.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "kl_symbolic needs Python 3.11 or newer; set PYTHON to its name" >&2
    exit 1
}

debian() { # install Debian or Ubuntu packages
    if [ "$(id -u)" -eq 0 ]; then as_root=; else as_root=sudo; fi
    $as_root apt-get update -qq >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# Debian ships venv apart from Python.
"$python" -c 'import ensurepip' 2>/dev/null || debian python3-venv
[ -x .venv/bin/pip ] || "$python" -m venv .venv

if [ "${1:-}" = dev ]; then
    command -v g++ >/dev/null || debian g++ # torch.compile calls it
    command -v make >/dev/null || debian make # sphinx-build -M latexpdf calls it
    command -v latexmk >/dev/null || debian texlive-latex-base latexmk
    kpsewhich tabulary.sty tgheros.sty >/dev/null || debian texlive-latex-extra tex-gyre # the documentation as a PDF
    command -v chromium >/dev/null || debian chromium # looks at the documentation
    [ -d /usr/share/datasets/fashion-mnist ] || debian dataset-fashion-mnist
    .venv/bin/pip install --quiet --editable '.[dev]'
else
    .venv/bin/pip install --quiet .
fi

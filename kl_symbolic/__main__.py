"""``python -m kl_symbolic``: the command ``kl-symbolic``."""

import sys

from kl_symbolic.cli import main

if __name__ == "__main__":
    sys.exit(main())

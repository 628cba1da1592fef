#!/bin/sh
# Print the newest Python of this machine that is newer than the one given and can make environments, or nothing.
set -eu
minor=$("$1" -c 'import sys; print(sys.version_info.minor)')
found=
for candidate in $(seq $((minor + 1)) 30); do
    for name in "python3.$candidate" "${PYENV_ROOT:-$HOME/.pyenv}/versions/3.$candidate".*"/bin/python3.$candidate"; do
        if "$name" -c 'import ensurepip, sys; sys.exit(sys.version_info.releaselevel != "final")' >/dev/null 2>&1; then
            found=$name
        fi
    done
done
echo "$found"

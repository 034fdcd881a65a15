#!/bin/sh
# An inventory that starts the emulator if it does not run, and says where it is.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
python="$root/.venv/bin/python"
[ -x "$python" ] || python=python3
cd "$root" && exec "$python" -m emulator inventory "$@"

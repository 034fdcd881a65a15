#!/bin/sh
# An inventory that starts an emulator of its own, in which containers are programs of this machine, and says where it is.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd) || exit 1
python="$root/.venv/bin/python"
[ -x "$python" ] || python=python3
cd "$root" && exec "$python" -m emulator inventory --executor process --state "$root/.cache/demo/emulator.json" "$@"

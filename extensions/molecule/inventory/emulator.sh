#!/bin/sh
# An inventory that starts the emulator of the role scenarios if it does not run, and says where it is.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd) || exit 1
python="$root/.venv/bin/python"
[ -x "$python" ] || python=python3
cd "$root" && exec "$python" -m emulator inventory --state "${RAILYARD_EMULATOR_STATE:-.cache/molecule/emulator.json}" --speed 600 "$@"

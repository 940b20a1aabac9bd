#!/usr/bin/env bash
# Starts the emulator and prints its endpoint when it answers. Makes its own Python environment; needs python3 with venv and nothing else.
# It ends when its standard input does, so that it never outlives whoever started it: in a terminal with Ctrl+D.
# With --python it only prints where that environment's Python is, with --test it runs the emulator's own tests.
set -euo pipefail
cd "$(dirname "$0")"

# A change of versions makes a new environment.
venv="$(cd ../.. && pwd)/node_modules/.cache/emulator-$(cksum < requirements.txt | cut -d ' ' -f 1)"
if [ ! -e "$venv/complete" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement requirements.txt >&2
  touch "$venv/complete"
fi

if [ "${1:-}" = --python ]; then
  echo "$venv/bin/python"
  exit
fi
if [ "${1:-}" = --test ]; then
  exec "$venv/bin/python" test.py
fi
exec "$venv/bin/python" server.py

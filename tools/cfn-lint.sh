#!/usr/bin/env bash
# Lints every template below the given folders. Makes its own Python environment; needs python3 with venv and nothing else.
# Errors fail; warnings and information are printed. With --program it only prints where cfn-lint is.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.58.0
venv="node_modules/.cache/cfn-lint-$version"
if [ ! -x "$venv/bin/cfn-lint" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "cfn-lint==$version"
fi

if [ "${1:-}" = --program ]; then
  echo "$PWD/$venv/bin/cfn-lint"
  exit
fi

mapfile -t templates < <(find "$@" -name '*.template.json' -not -path '*/node_modules/*' | sort)
if [ ${#templates[@]} -eq 0 ]; then
  echo "no templates below $*" >&2
  exit 1
fi
"$venv/bin/cfn-lint" --non-zero-exit-code error -- "${templates[@]}"
echo "cfn-lint $version: ${#templates[@]} templates without an error"

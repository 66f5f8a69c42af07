#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the clients that come from package registries, in exact versions, once. Not as root and not from apt: README.md names
# the packages of the distribution. Folders: $CLIENTS_NPM and $CLIENTS_PY, below ${XDG_CACHE_HOME:-~/.cache}/chaperone-clients.
set -euo pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/chaperone-clients
npm_folder=${CLIENTS_NPM:-$cache/npm}
python_folder=${CLIENTS_PY:-$cache/py}
npm_packages=(node@24.21.0 openai@7.57.0 @anthropic-ai/sdk@1.14.0 @anthropic-ai/claude-code@2.1.332 @openai/codex@0.169.0
  @google/gemini-cli@0.61.0 @github/copilot@1.0.102)
python_packages=(requests==2.34.2 'httpx[http2]==0.28.1' openai==3.57.0 anthropic==2.14.0)

npm_complete() {
  local package
  for package in "${npm_packages[@]}"; do
    grep -qs "\"version\": *\"${package##*@}\"" "$npm_folder/node_modules/${package%@*}/package.json" || return 1
  done
  [ -x "$npm_folder/node_modules/node/bin/node" ]
}

npm_complete || {
  mkdir -p "$npm_folder"
  [ -f "$npm_folder/package.json" ] || echo '{"name": "clients", "private": true}' >"$npm_folder/package.json"
  npm install --prefix "$npm_folder" --no-audit --no-fund --save-exact "${npm_packages[@]}" >&2
  npm_complete
}

python_complete() {
  local package have
  have=$("$python_folder/bin/python" -m pip freeze 2>/dev/null) || return 1
  for package in "${python_packages[@]}"; do
    grep -qx "${package/\[http2\]/}" <<<"$have" || return 1
  done
}

python_complete || {
  python3 -m venv "$python_folder"
  "$python_folder/bin/python" -m pip install -q --disable-pip-version-check "${python_packages[@]}" >&2
  python_complete
}
echo "clients are in $npm_folder and $python_folder"

# SPDX-License-Identifier: Apache-2.0
# go_build FOLDER: compiles the client in a folder beside this file, with the standard library only; prints where the program lies.
go_build() {
  local go program=$WORK/bin/$1
  go=$(command -v go || echo /usr/local/go/bin/go)
  mkdir -p "$WORK/bin" "$CLIENTS_CACHE/go"
  (cd "$CLIENTS" && GOCACHE=$CLIENTS_CACHE/go GOPATH=$WORK/gopath GOTOOLCHAIN=local GOPROXY=off GOFLAGS='' "$go" build -o "$program" "./$1") >&2
  printf '%s' "$program"
}

# SPDX-License-Identifier: Apache-2.0
# go_build FILE: compiles one file of the standard library's world and prints where the program lies.
go_build() {
  local go program=$WORK/bin/$(basename "$(dirname "$1")")-$(basename "$1" .go)
  go=$(command -v go || echo /usr/local/go/bin/go)
  mkdir -p "$WORK/bin" "$CLIENTS_CACHE/go"
  GOCACHE=$CLIENTS_CACHE/go GOPATH=$WORK/gopath GOTOOLCHAIN=local GO111MODULE=off GOFLAGS='' "$go" build -o "$program" "$1" >&2
  printf '%s' "$program"
}

# SPDX-License-Identifier: Apache-2.0
# How the scripts run Chromium: no name is looked up, nothing but the proxy and loopback is reached.

# trust_in_nss PEM NAME: trusts a root for TLS servers, as an administrator would, in this HOME only.
trust_in_nss() {
  local db=$HOME/.pki/nssdb
  if [ ! -d "$db" ]; then
    mkdir -p "$db"
    certutil -d "sql:$db" -N --empty-password
  fi
  certutil -d "sql:$db" -A -t C,, -n "$2" -i "$1"
}

# browse URL: prints the page as it stands when its scripts are done.
browse() {
  local browser
  browser=$(command -v chromium || command -v chromium-browser)
  timeout -k 5 "$TURN_LIMIT" "$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --user-data-dir="$HOME/profile" --proxy-pac-url="${PAC-http://$AGENT_ADDRESS/proxy.pac}" \
    --host-resolver-rules="${RESOLVE-MAP * ~NOTFOUND , EXCLUDE 127.0.0.1}" --disable-background-networking --disable-component-update \
    --virtual-time-budget=15000 --dump-dom "$1" 2>"$HOME/chromium.err"
}

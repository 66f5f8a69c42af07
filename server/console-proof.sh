#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The console in a real browser: signs in by link, compares page, REST and command line, walks by keyboard, runs axe-core, and takes
# screenshots to server/target/console. Needs Chromium (CHROMIUM=PATH, /usr/bin/chromium) and, the first time, a download of 202 MB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
chromium=${CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] || { echo "chromium is missing: install it, or say CHROMIUM=PATH" >&2; exit 3; }
mvn -B -q -Pconsole -pl server -am -Dtest='ConsoleProof' -Dsurefire.failIfNoSpecifiedTests=false -Dchaperone.chromium="$chromium" "$@" test </dev/null
report=$(sed -n 's/^Tests run: \([0-9]*\), Failures: 0, Errors: 0, Skipped: 0.*/\1/p' server/target/surefire-reports/dev.chaperone.server.ConsoleProof.txt)
[ "${report:-0}" -gt 0 ] || { echo 'no browser test ran' >&2; exit 1; }
echo "console: $report browser tests green, screenshots in server/target/console"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes docs/third-party-notices.md from the jars that ship and the POMs they came with. DocumentsTest checks that none is missing.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python3 - "$root" <<'PY' > "$root/docs/third-party-notices.md"
import glob, os, re, sys, zipfile
root = sys.argv[1]
repo = os.path.expanduser("~/.m2/repository")
poms = {}
for pom in glob.glob(repo + "/**/*.pom", recursive=True):
    poms.setdefault(os.path.basename(pom)[:-4], pom)

def licence(pom, depth=0):
    if pom is None or depth > 6: return []
    text = open(pom, encoding="utf-8", errors="replace").read()
    block = re.search(r"<licenses>(.*?)</licenses>", text, re.S)
    if block:
        return [re.sub(r"\s+", " ", n).strip() for n in re.findall(r"<name>(.*?)</name>", block.group(1), re.S)]
    parent = re.search(r"<parent>.*?<artifactId>(.*?)</artifactId>.*?<version>(.*?)</version>.*?</parent>", text, re.S)
    return licence(poms.get("%s-%s" % parent.groups()), depth + 1) if parent else []

print("# Third-party notices\n")
print("Written by `docs/third-party-notices.sh` from the libraries in `agent-core/target/lib`, `server/target/lib` and `ui/target/lib`; do not edit. The full licence texts are in the jars.\n")
print("| library | licence |\n|---|---|")
for jar in sorted({j for part in ("agent-core", "server", "ui") for j in os.listdir(root + "/" + part + "/target/lib")}):
    if not jar.endswith(".jar") or jar.startswith("chaperone-"): continue
    base = re.sub(r"(-(linux|osx|windows)-(x86_64|aarch_64)|-(linux|mac|win)(-aarch64)?)$", "", jar[:-4])
    names = licence(poms.get(base)) or ["see the jar"]
    print("| `%s` | %s |" % (jar, "; ".join(names)))
print("""
## Scripts in `chaperone-server.jar`

| script | licence |
|---|---|
| `echarts-6.1.0.common.min.js` | Apache-2.0, with parts of d3 under BSD-3-Clause; notices beside it in the jar |
| `htmx-2.0.11.min.js` | 0BSD |

## Data the intent model was trained on

The model is ours; the data is not shipped. Attribution that CC-BY asks for:

- clinc/oos-eval, CC-BY-3.0 (Larson et al., *An Evaluation Dataset for Intent Classification and Out-of-Scope Prediction*, 2019)
- PolyAI-LDN/task-specific-datasets (banking77), CC-BY-4.0
- The Atticus Project, CUAD, CC-BY-4.0

Every source stands in `detection/MODEL_CARD.md`.""")
PY

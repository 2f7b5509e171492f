#!/usr/bin/env bash
# Profiles a server that was not written here: llama.cpp's, serving a tiny random model on this machine's CPU.
# Needs python3 with venv and the packages xllamacpp and gguf (from the package index, once, into FOLDER), and the packaged
# command line. Says NOT RUN where they are missing. Usage: run.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
jar=$here/../../target/scepsy-cli.jar
work=${1:-$(mktemp -d)}
not_run() { echo "NOT RUN: $1"; exit 0; }
[ -f "$jar" ] || not_run "no $jar; run ./mvnw -q -DskipTests package"
command -v python3 >/dev/null || not_run "no python3"
if [ ! -x "$work/venv/bin/python" ]; then
  python3 -m venv "$work/venv" || not_run "python3 has no venv"
  "$work/venv/bin/pip" install -q --only-binary :all: xllamacpp gguf || not_run "the package index has no xllamacpp for this machine"
fi
"$work/venv/bin/python" "$here/tiny_model.py" "$work/tiny.gguf"
"$work/venv/bin/python" "$here/serve.py" "$work/tiny.gguf" 4 600 >"$work/address" 2>"$work/server.log" &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 100); do grep -q '^http' "$work/address" 2>/dev/null && break; sleep 0.2; done
address=$(grep -m1 '^http' "$work/address") || not_run "the server did not start: $(tail -1 "$work/server.log")"
java -jar "$jar" profile --endpoint "$address" --model tiny.gguf --gpu CPU --engine llama.cpp \
  --input-tokens 200 --output-tokens 100 --requests 100 --window-seconds 8 --out "$work/profiles.yaml"

#!/usr/bin/env bash
# How long `scepsy apply --dry-run` and `scepsy status` take, as whole processes, with 1,200 engines of 60 models on 200 nodes.
#
#   ./mvnw -q -DskipTests package && scepsy-planner/benchmark/large-cluster/run.sh              against an emulated cluster
#   scepsy-planner/benchmark/large-cluster/run.sh --kubeconfig FILE                             against another, with such nodes
#
# It applies the plan in between, which takes minutes. RUNS: how often each is measured (5). JAVA_FLAGS: those of the emulated cluster. JAR: this jar
# by java -jar instead of bin/scepsy.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
jar=${JAR:-$root/scepsy-planner/target/scepsy-cli.jar}
folder=$(mktemp -d)
cluster=
trap '[ -z "$cluster" ] || kill "$cluster" 2> /dev/null || true; rm -rf "$folder"' EXIT
models=${MODELS:-60} replicas=${REPLICAS:-20} nodes=${NODES:-200}
cd "$folder"

{
  printf 'racks:\n  - name: rack-1\n    nodes:\n'
  for node in $(seq "$nodes"); do
    printf '      - {name: node-%d, gpu: A100-SXM-80GB, gpus: 8, sharing: {mode: mps}}\n' "$node"
  done
} > cluster.yaml
{
  printf 'models:\n'
  for model in $(seq "$models"); do printf '  - {name: model-%d, architecture: Qwen2.5-7B}\n' "$model"; done
} > models.yaml
# engine number k is on node k modulo nodes; another plan has the last tenth of models elsewhere
plan() {
  awk -v models="$models" -v replicas="$replicas" -v nodes="$nodes" -v moved="$1" 'BEGIN {
    printf "{\"allocations\": [";
    for (m = 1; m <= models; m++)
      printf "%s{\"model\": \"model-%d\", \"gpu\": \"A100-SXM-80GB\", \"gpuFraction\": 0.5, \"tensorParallel\": 1, \"replicas\": %d, \"memoryGiBPerGpu\": 40}", (m > 1 ? ",\n" : ""), m, replicas;
    printf "],\n\"placements\": [";
    for (m = 1; m <= models; m++) for (r = 0; r < replicas; r++) {
      k = (m - 1) * replicas + r;
      gpu = (int(k / nodes) + (m > models - moved ? 1 : 0)) % 8;
      printf "%s{\"model\": \"model-%d\", \"replica\": %d, \"node\": \"node-%d\", \"gpus\": [%d]}", (k > 0 ? ",\n" : ""), m, r, k % nodes + 1, gpu;
    }
    print "]}";
  }'
}
plan 0 > plan.json
plan $((models / 10)) > other.json

if [ $# -eq 0 ]; then
  java ${JAVA_FLAGS:-} -jar "$root/samples/emulated-cluster/target/emulated-cluster.jar" --cluster cluster.yaml --models models.yaml \
    --time-scale 10 --start-seconds 1 > said &
  cluster=$!
  until grep -q '^Imitates' said; do kill -0 "$cluster"; sleep 0.1; done
  set -- --server "$(sed -n 's/^Kubernetes API *//p' said)"
fi

scepsy() { if [ -n "${JAR:-}" ]; then java -jar "$jar" "$@"; else "$root/bin/scepsy" "$@"; fi; }
# words, then what to measure: seconds of every run and, in brackets, of the processors, sorted: the middle one is the median
measure() {
  words=$1
  shift
  TIMEFORMAT='%R %U %S'
  for _ in $(seq "${RUNS:-5}"); do
    { time scepsy "$@" > out 2> err || { cat out err >&2; exit 1; }; } 2>&1 | awk '{printf "%.2f (%.2f)\n", $1, $2 + $3}'
  done | sort -n | tr '\n' ' ' | sed "s/^/$words, s: /;s/ \$/\n/"
}
files=(--cluster cluster.yaml --models models.yaml)
uptime
measure "dry run, nothing runs" apply "${files[@]}" --plan plan.json --dry-run "$@"
began=$(date +%s)
scepsy apply "${files[@]}" --plan plan.json --yes "$@" | tail -1
echo "apply of all: $(($(date +%s) - began)) s"
measure "status" status "$@"
measure "dry run, all runs as planned" apply "${files[@]}" --plan plan.json --dry-run "$@"
measure "dry run, a tenth moves" apply "${files[@]}" --plan other.json --dry-run "$@"
uptime

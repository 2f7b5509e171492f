#!/usr/bin/env bash
# Calls per second of 16 threads at 1 ms model latency and processor time per call: alone, with the Scepsy agent, and with it not
# sampling, in turn; then medians.
# Usage: scepsy-javaagent/benchmark/throughput.sh [rounds] [seconds]   (after ./mvnw -q -DskipTests package); BEFORE=JAR: another agent
# of ours, in turn; APP=CallerCostApp: nanoseconds of processor time per call of a model that answers at once, of the caller and of all threads
set -euo pipefail
cd "$(dirname "$0")/.."
../mvnw -q -B -f ../pom.xml -pl scepsy-javaagent -am -Dquickly -DskipTests test-compile \
  dependency:build-classpath -Dmdep.outputFile="$PWD/target/class-path" -Dmdep.includeScope=test
cp="target/test-classes:$(tr ':' '\n' < target/class-path | grep -E '/dev/langchain4j/|/slf4j-api/|/com/fasterxml/jackson/' | paste -sd:)"
app=dev.scepsy.javaagent.app.${APP:-ThroughputApp}
run() { # what round options...
  local what=$1 round=$2
  shift 2
  echo "$what $round $(OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9 java "$@" -cp "$cp" "$app" "$seconds" 2>/dev/null)"
}
seconds=${2:-5}
off=-Dotel.traces.sampler=always_off
for round in $(seq 1 "${1:-5}"); do
  run alone "$round"
  [ -z "${BEFORE:-}" ] || run before "$round" "-javaagent:$BEFORE"
  run agent "$round" -javaagent:target/scepsy-javaagent.jar
  [ -z "${BEFORE:-}" ] || run before-unsampled "$round" "-javaagent:$BEFORE" $off
  run agent-unsampled "$round" -javaagent:target/scepsy-javaagent.jar $off
done | tee target/throughput.txt
echo "| | first figure | second figure | first, of alone | second, beyond alone |"
echo "|---|---|---|---|---|"
awk '
  function median(of, what, n,  i, j, t, v) {
    for (i = 1; i <= n; i++) { v[i] = of[what, i] }
    for (i = 1; i <= n; i++) { for (j = i + 1; j <= n; j++) { if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t } } }
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
  }
  {
    a[$1, $2] = $3; b[$1, $2] = $4; n = $2
    ratio[$1, $2] = $3 / a["alone", $2]; beyond[$1, $2] = $4 - b["alone", $2]
    if (!seen[$1]++) { order[++kinds] = $1 }
  }
  END {
    for (k = 1; k <= kinds; k++) {
      w = order[k]
      printf "| %s | %.0f | %.1f | %.1f %% | %.1f |\n", w, median(a, w, n), median(b, w, n), 100 * median(ratio, w, n), median(beyond, w, n)
    }
  }' target/throughput.txt

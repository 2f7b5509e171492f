#!/usr/bin/env bash
# Calls per second of 16 threads at 1 ms model latency: alone and with the Scepsy agent, in turn.
# Usage: scepsy-javaagent/benchmark/throughput.sh [rounds] [seconds]   (after ./mvnw -q -DskipTests package)
set -euo pipefail
cd "$(dirname "$0")/.."
../mvnw -q -B -f ../pom.xml -pl scepsy-javaagent -am -Dquickly -DskipTests test-compile \
  dependency:build-classpath -Dmdep.outputFile="$PWD/target/class-path" -Dmdep.includeScope=test
cp="target/test-classes:$(tr ':' '\n' < target/class-path | grep -E '/dev/langchain4j/|/slf4j-api/|/com/fasterxml/jackson/' | paste -sd:)"
echo "| Round | alone, calls/s | Scepsy agent, calls/s | of alone |"
echo "|---|---|---|---|"
for round in $(seq 1 "${1:-5}"); do
  alone=$(java -cp "$cp" dev.scepsy.javaagent.app.ThroughputApp "${2:-5}")
  agent=$(OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9 java -javaagent:target/scepsy-javaagent.jar -cp "$cp" \
    dev.scepsy.javaagent.app.ThroughputApp "${2:-5}" 2>/dev/null)
  awk -v r="$round" -v a="$alone" -v b="$agent" 'BEGIN {printf "| %d | %d | %d | %.1f %% |\n", r, a, b, 100 * b / a}'
done

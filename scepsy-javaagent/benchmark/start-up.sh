#!/usr/bin/env bash
# Whole-process start-up time and resident memory: alone, with the Scepsy agent, with the OpenTelemetry agent.
# Usage: scepsy-javaagent/benchmark/start-up.sh [rounds]   (after ./mvnw -q -DskipTests package); BEFORE=JAR: another agent of ours, in turn
set -euo pipefail
cd "$(dirname "$0")/.."
../mvnw -q -B -f ../pom.xml -pl scepsy-javaagent -am -Dquickly -DskipTests test-compile \
  dependency:build-classpath -Dmdep.outputFile="$PWD/target/class-path" -Dmdep.includeScope=test
java -Dbefore="${BEFORE:-}" benchmark/StartUp.java "target/test-classes:$(cat target/class-path)" "${1:-9}"

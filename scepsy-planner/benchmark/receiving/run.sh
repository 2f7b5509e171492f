#!/usr/bin/env sh
# Spans a second that `scepsy record` acknowledges by gRPC and by HTTP, the sender on the same machine, and whether every
# acknowledged span is in the file, also when record is killed halfway. Needs a built jar (and so
# Armeria in the local Maven repository) and 2 GB in the temporary folder.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
jar=$here/../../target/scepsy-cli.jar
folder=$(mktemp -d)
# the client needs classes that the built jar leaves out
armeria=$(ls "${MAVEN_REPOSITORY:-$HOME/.m2/repository}"/com/linecorp/armeria/armeria/*/armeria-*.jar | grep -v sources | tail -1)
record=
trap '[ -z "$record" ] || kill "$record" 2> /dev/null || true; rm -rf "$folder"' EXIT
send() { # door, words on the run
    door=$1 words=$2
    : > "$folder/said"
    java ${JAVA_FLAGS:-} -jar "$jar" record --out "$folder/traces.jsonl" --grpc 127.0.0.1:0 --http 127.0.0.1:0 \
        > /dev/null 2>> "$folder/said" &
    record=$!
    until grep -q 'Receiving OTLP' "$folder/said"; do kill -0 "$record" && sleep 0.1; done
    # "..., gRPC and HTTP, on 127.0.0.1:1 and 127.0.0.1:2; ..."
    port=$(sed -n 's/.* on [^ ]*:\([0-9]*\) and [^ ]*:\([0-9]*\);.*/\1 \2/p' "$folder/said" | cut -d' ' -f"$([ "$door" = grpc ] && echo 1 || echo 2)")
    printf '%s, ' "$words"
    java -cp "$armeria:$jar" "$here/SendSpans.java" "$door" "$port" "${SPANS:-1000000}" "$folder/traces.jsonl" "$record" \
        $([ "$words" != killed ] || echo kill)
    kill "$record" 2> /dev/null || true
    wait "$record" 2> /dev/null || true
    record=
    rm -f "$folder"/traces*
}
for door in grpc http; do
    for run in $(seq "${RUNS:-5}"); do send "$door" "run $run"; done
    send "$door" killed
done

#!/usr/bin/env sh
# Reads a million spans, in the form that Scepsy's agent writes and with nothing but what statistics read; says wall and
# processor time and peak memory of the whole command. Needs 1.5 GB in the temporary folder, a built jar and GNU time.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
jar=$here/../../target/scepsy-cli.jar
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for form in agent lean; do
    java "$here/LargeTraces.java" "$folder/$form.jsonl" "${SPANS:-1000000}" "$form"
    for run in 1 2; do
        echo "$form, run $run:"
        /usr/bin/time -f '%e s, user %U s, system %S s, %M KB resident' \
            java ${JAVA_FLAGS:--Xmx256m -XX:+UseParallelGC -XX:TieredStopAtLevel=1} -jar "$jar" shares "$folder/$form.jsonl" \
            --out "$folder/workflows.json" > /dev/null
    done
done

say() {
  printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*" >&2
}

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# When process PID was born, in ticks since the host started: with it a number that was given out again is told apart.
born() { # PID
  local stat
  local -a fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" != Z ] || return 1
  printf '%s' "${fields[19]}"
}

# The process of ENGINE, if it lives.
process() { # ENGINE
  local pid birth
  [ -f "$STATE/$1.pid" ] || return 1
  read -r pid birth _ <"$STATE/$1.pid" || return 1
  [ "$(born "$pid")" = "$birth" ] || return 1
  printf '%s' "$pid"
}

# What ENGINE was started as: its digest, and the port it listens on.
started_as() { # ENGINE
  local digest port
  read -r _ _ digest port <"$STATE/$1.pid"
  printf '%s %s' "$digest" "$port"
}

# Engines that were started here and live, whatever plan they are of.
living() {
  local file
  for file in "$STATE"/*.pid; do
    if [ -f "$file" ]; then
      file=${file##*/}
      if process "${file%.pid}" >/dev/null; then
        printf '%s\n' "${file%.pid}"
      fi
    fi
  done
}

mps_answers() {
  echo get_default_active_thread_percentage | nvidia-cuda-mps-control >/dev/null 2>&1
}

start_mps() {
  if [ "$MPS" = 0 ] || mps_answers; then
    return 0
  fi
  command -v nvidia-cuda-mps-control >/dev/null || die "nvidia-cuda-mps-control is not in PATH, and engines share GPUs."
  mkdir -p "$CUDA_MPS_PIPE_DIRECTORY" "$CUDA_MPS_LOG_DIRECTORY"
  nvidia-cuda-mps-control -d 9>&- || die "The MPS daemon does not start; see $CUDA_MPS_LOG_DIRECTORY."
  touch "$STATE/mps-is-ours"
  say "MPS daemon started"
}

stop_mps() {
  if [ -f "$STATE/mps-is-ours" ] && [ -z "$(living)" ]; then
    echo quit | nvidia-cuda-mps-control >/dev/null 2>&1 || true
    rm -f "$STATE/mps-is-ours"
    say "MPS daemon stopped"
  fi
}

launch() { # ENGINE
  local pid birth
  setsid "$BASH" "$SELF" run "$1" >>"$STATE/$1.log" 2>&1 </dev/null 9>&- &
  pid=$!
  birth=$(born "$pid") || birth=gone
  printf '%s %s %s %s\n' "$pid" "$birth" "${DIGEST[$1]}" "${PORT[$1]}" >"$STATE/$1.pid"
  say "$1 starts (process $pid, port ${PORT[$1]}, log $STATE/$1.log)"
}

await() { # ENGINE
  local end=$((SECONDS + ${READY_SECONDS[$1]}))
  until healthy "${PORT[$1]}"; do
    if ! process "$1" >/dev/null; then
      tail -n 20 "$STATE/$1.log" >&2 || true
      die "$1 has ended; the end of its log stands above. What runs stays; start again once it is mended."
    fi
    if [ "$SECONDS" -ge "$end" ]; then
      die "$1 was not ready within ${READY_SECONDS[$1]} s; see $STATE/$1.log. It runs on."
    fi
    sleep 1
  done
  say "$1 is ready"
}

stop_engine() { # ENGINE
  local pid port end
  pid=$(process "$1") || return 0
  port=$(started_as "$1")
  port=${port#* }
  say "$1 finishes its requests, $DRAIN_SECONDS s at most"
  drain "$port" "$DRAIN_SECONDS"
  kill -TERM "$pid" 2>/dev/null || true
  end=$((SECONDS + 30))
  while process "$1" >/dev/null && [ "$SECONDS" -lt "$end" ]; do
    sleep 0.2
  done
  # What is left of its processes, also its workers: they would keep the GPU's memory.
  kill -KILL -- "-$pid" 2>/dev/null || true
  rm -f "$STATE/$1.pid"
  say "$1 is stopped"
}

stop_all() { # ENGINE...
  local engine
  for engine in "$@"; do
    stop_engine "$engine" 9>&- &
  done
  wait
}

# Engines that live and are not what this plan starts.
strangers() {
  local engine
  for engine in $(living); do
    if [ "${DIGEST[$engine]-}" != "$(started_as "$engine" | cut -d' ' -f1)" ]; then
      printf '%s\n' "$engine"
    fi
  done
}

start() {
  local program wave engine
  for program in curl flock setsid "${PROGRAMS[@]}"; do
    command -v "$program" >/dev/null || die "$program is not in PATH; nothing was changed."
  done
  # shellcheck disable=SC2046
  stop_all $(strangers)
  start_mps
  for wave in "${WAVES[@]}"; do
    for engine in $wave; do
      process "$engine" >/dev/null || launch "$engine"
    done
    for engine in $wave; do
      await "$engine"
    done
  done
  say "plan $PLAN is served on $NODE"
}

stop() {
  # shellcheck disable=SC2046
  stop_all $(living)
  stop_mps
}

show() {
  local engine pid word strange code=0
  strange=" $(strangers | tr '\n' ' ')"
  printf 'plan %s on %s, state in %s\n' "$PLAN" "$NODE" "$STATE"
  for engine in "${ENGINES[@]}"; do
    pid=-
    if ! pid=$(process "$engine"); then
      pid=- word=stopped code=1
    elif [[ $strange == *" $engine "* ]]; then
      word='of another plan' code=1
    elif healthy "${PORT[$engine]}"; then
      word=ready
    else
      word=starting code=1
    fi
    printf '%-24s %-24s GPU %-8s port %-6s process %-8s %s\n' \
      "$engine" "${MODEL[$engine]}" "${GPUS[$engine]}" "${PORT[$engine]}" "$pid" "$word"
  done
  for engine in $strange; do
    if [ -z "${DIGEST[$engine]-}" ]; then
      printf '%-24s runs and is not in the plan\n' "$engine"
      code=1
    fi
  done
  return "$code"
}

case "${1-}" in
  start | stop)
    mkdir -p "$STATE"
    exec 9>"$STATE/lock"
    flock -n 9 || die "Another start or stop is under way on $NODE."
    "$1"
    ;;
  status) show ;;
  run) run_engine "${2-}" ;;
  *) die "usage: $0 start | stop | status" ;;
esac

# curl of this host's engines: no proxy, no settings of a user.
ask() { # PORT PATH
  curl -q --noproxy '*' -fsS --max-time 5 "http://$PROBE:$1$2"
}

healthy() { # PORT
  ask "$1" /health >/dev/null 2>&1
}

# Ends with 0 where the engine has no request inside, 1 where it has some, 2 where nobody knows, 3 where nobody listens.
idle() { # PORT
  local path answer counts code
  for path in "${METRICS[@]}"; do
    code=0
    answer=$(ask "$1" "$path" 2>/dev/null) || code=$?
    if [ "$code" = 7 ]; then
      return 3
    fi
    if [ "$code" = 0 ] && counts=$(grep -E "$GAUGES" <<<"$answer"); then
      awk '{ if ($NF !~ /^[0-9.eE+]+$/) exit 2; sum += $NF } END { exit sum > 0 ? 1 : 0 }' <<<"$counts" || return "$?"
      return 0
    fi
  done
  return 2
}

# Waits until the engine was idle at two looks in a row, or listens no more, SECONDS at most.
drain() { # PORT SECONDS
  local end=$((SECONDS + $2)) idle=0 code
  while [ "$idle" -lt 2 ] && [ "$SECONDS" -lt "$end" ]; do
    code=0
    idle "$1" || code=$?
    case "$code" in
      0) idle=$((idle + 1)) ;;
      3) return 0 ;;
      *) idle=0 ;;
    esac
    [ "$idle" -ge 2 ] || sleep 1
  done
}

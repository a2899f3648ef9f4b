# The payload in a session of its own, and who watches it: passes on what it prints, piece by piece to the URLs of the
# manifest too, and ends it when it takes more time or memory than it was given.

grace=${DESC_PANDA_GRACE:-30}
setup_timeout=${DESC_PANDA_SETUP_TIMEOUT:-300}
head_bytes=${DESC_PANDA_OUTPUT_HEAD:-536870912}
tail_bytes=${DESC_PANDA_OUTPUT_TAIL:-67108864}
# A pilot ends a job that prints nothing for long.
silence=600

# Takes all words, those behind `--` are the payload's.
run_payload() {
  while [ "$1" != -- ]; do shift; done
  shift
  for stream in stdout stderr; do
    : > "$control/$stream" || fail 72 'The disk is full: the payload was not started'
    printf '0 0 0\n' > "$control/$stream.at"
  done
  begun=$(date +%s)
  launch "$@"
  phase=running
  # The call that all is over must not end the watcher, which hears it only while it waits.
  trap '' USR1
  watch &
  watcher=$!
  trap 'note_signal USR1' USR1
  # Stopped between launch and here: the payload has not heard of it.
  if [ -n "$stopped_by" ]; then
    : > "$control/ending"
    signal_payload TERM
  fi
  wait_for "$payload"
  payload_code=$waited
  end_leftovers
  : > "$control/over"
  kill -s USR1 "$watcher" 2> /dev/null
  wait_for "$watcher"
  [ -e "$control/passed" ] || finish_output
  phase=judging
}

# Waits through signals: each one makes `wait` return early.
wait_for() {
  while :; do
    woken=
    wait "$1"
    waited=$?
    [ -n "$woken" ] || break
  done
}

# What is printed is appended, so that the files can be cut while they are written to.
launch() {
  own_session=1
  if command -v setsid > /dev/null 2>&1; then
    set -- setsid "$payload_shell" "$0" --payload "$@"
  elif command -v python3 > /dev/null 2>&1; then
    set -- python3 -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' \
      "$payload_shell" "$0" --payload "$@"
  else
    own_session=
    set -- "$payload_shell" "$0" --payload "$@"
  fi
  "$@" < /dev/null >> "$control/stdout" 2>> "$control/stderr" 9<&- &
  payload=$!
}

# What the other process of this script does.
play_payload() {
  phase=payload
  payload_words "$@"
  [ -z "$image" ] || enter_container "$@"
  payload_setup
  : > "$control/ready"
  payload_run "$@"
  exit
}

# Sets up an environment from a file that expects to be sourced alone: without words, unset variables, or somebody
# else's Python.
source_file() {
  case $1 in
    /*) ;;
    *) fail 64 "The set-up file is named by an absolute path: $1" ;;
  esac
  [ -r "$1" ] || fail 67 "There is no set-up file $1"
  unset PYTHONPATH
  sourced=$1
  set +u
  source_now || fail 67 "The set-up file failed: $sourced"
}

source_now() {
  # shellcheck disable=SC1090
  . "$sourced"
}

# The first line of the payload's output with a pattern (of sed, no slash), tidied, into `found`.
find_line() {
  found=$(sed -n "/$1/{p;q;}" "$control/stderr" 2> /dev/null | tr '\000-\037\177' ' ' | head -c 300)
  [ -n "$found" ] || found=$(sed -n "/$1/{p;q;}" "$control/stdout" 2> /dev/null | tr '\000-\037\177' ' ' | head -c 300)
  found=${found#"${found%%[! ]*}"}
  found=${found%"${found##*[! ]}"}
  [ -n "$found" ]
}

# Goes on in the container: this same process becomes it.
enter_container() {
  [ -z "${DESC_PANDA_CONTAINER-}" ] || return 0
  container=$(command -v apptainer || command -v singularity) ||
    fail 67 'Neither apptainer nor singularity is here to run the container image with'
  DESC_PANDA_CONTAINER=$image
  export DESC_PANDA_CONTAINER
  exec "$container" exec --bind "$(pwd)" --pwd "$(pwd)" "$image" "$payload_shell" "$0" --payload "$@"
}

signal_payload() {
  if [ -n "$own_session" ]; then
    kill -s "$1" -- "-$payload" 2> /dev/null
    for pid in $(session_members); do kill -s "$1" "$pid" 2> /dev/null; done
  else
    kill -s "$1" "$payload" 2> /dev/null
  fi
}

# Pids of the payload's session, one a line; none where the system does not show them.
session_members() {
  [ -r /proc/self/stat ] || return 0
  for stat in /proc/[0-9]*/stat; do
    { read -r line < "$stat"; } 2> /dev/null || continue
    # shellcheck disable=SC2086
    set -- ${line##*) }
    if [ "$4" = "$payload" ] && [ "$1" != Z ]; then
      stat=${stat#/proc/}
      echo "${stat%/stat}"
    fi
  done
}

# What a payload leaves running behind its back ends with it.
end_leftovers() {
  [ -n "$own_session" ] || return 0
  kill -s 0 -- "-$payload" 2> /dev/null || return 0
  signal_payload TERM
  sleep 1
  signal_payload KILL
}

# Memory of the payload's session, kB, into `memory`. Shared pages count once for each process first; only when that
# seems too much are they shared out, which takes longer.
measure_memory() {
  memory=0
  if [ -r /proc/self/stat ]; then
    pages=0
    for stat in /proc/[0-9]*/stat; do
      { read -r line < "$stat"; } 2> /dev/null || continue
      # shellcheck disable=SC2086
      set -- ${line##*) }
      [ "$4" != "$payload" ] || pages=$((pages + ${22}))
    done
    memory=$((pages * page_kb))
  elif [ -n "$own_session" ]; then
    ps -A -o pgid= -o rss= > "$control/processes" 2> /dev/null || return 0
    while read -r group rss; do
      [ "$group" != "$payload" ] || memory=$((memory + rss))
    done < "$control/processes"
  fi
}

measure_shared_memory() {
  total=0
  for pid in $(session_members); do
    [ -r "/proc/$pid/smaps_rollup" ] || return 0
    while read -r key value _; do
      [ "$key" != Pss: ] || total=$((total + value))
    done < "/proc/$pid/smaps_rollup" 2> /dev/null
  done
  [ "$total" -eq 0 ] || memory=$total
}

watch() {
  over=
  trap '' TERM INT HUP QUIT USR1 USR2 XCPU
  trap - EXIT
  page_kb=$(($(getconf PAGESIZE 2> /dev/null || echo 4096) / 1024))
  rounds=0
  kill_at=
  last_word=$begun
  begin_live stdout
  begin_live stderr
  while :; do
    [ ! -e "$control/over" ] || over=1
    # The wrapper was killed: nobody waits for the payload any more, or will end it.
    if ! kill -0 $$ 2> /dev/null; then
      signal_payload KILL
      exit
    fi
    now=$(date +%s)
    pass_on stdout 1
    pass_on stderr 2
    [ -z "$over" ] || break
    send_live stdout
    send_live stderr
    keep_limits
    rounds=$((rounds + 1))
    sleep 1 > /dev/null 2>&1 &
    # Heard here alone: a bash that is called just before a $( ) may take the trap into it, and say that it cannot read it.
    trap 'over=1' USR1
    [ -e "$control/over" ] || wait $!
    trap '' USR1
    kill $! 2> /dev/null
  done
  finish_output
  last_live=1
  send_live stdout
  send_live stderr
}

keep_limits() {
  if [ -n "$kill_at" ]; then
    [ "$now" -lt "$kill_at" ] || signal_payload KILL
    return
  fi
  if [ -e "$control/ending" ]; then
    kill_at=$((now + grace))
    return
  fi
  if [ ! -e "$control/ready" ] && [ $((now - begun)) -gt "$setup_timeout" ]; then
    end_payload 67 "Setting up the software took longer than $setup_timeout s"
  elif [ "$rounds" -gt 0 ] && is_out_of_time; then
    end_payload 71 "$payload_label did not end within the $time_limit s asked for"
  elif [ "$rounds" -lt 10 ] || [ $((rounds % 5)) -eq 0 ]; then
    keep_memory_limit
  fi
  if [ -z "$kill_at" ] && [ $((now - last_word)) -ge "$silence" ]; then
    last_word=$now
    say "Still running after $((now - begun)) s, with $((memory / 1024)) MB of memory"
  fi
}

# Counts from the very beginning, as the pilot does, and leaves some time for what comes behind the payload.
is_out_of_time() {
  [ -n "$time_limit" ] && [ $((now - started)) -ge $((time_limit - (time_limit < 3000 ? time_limit / 10 : 300))) ]
}

keep_memory_limit() {
  measure_memory
  if [ -n "$memory_limit" ] && [ "$memory" -gt $((memory_limit * 1024)) ]; then measure_shared_memory; fi
  if [ "$memory" -gt "$peak_memory" ]; then
    peak_memory=$memory
    printf '%s\n' "$peak_memory" > "$control/memory" 2> /dev/null
  fi
  if [ -n "$memory_limit" ] && [ "$memory" -gt $((memory_limit * 1024)) ]; then
    end_payload 70 "$payload_label used $((memory / 1024)) MB of memory, $memory_limit MB were asked for"
  fi
}

end_payload() {
  printf '%s %s\n' "$1" "$2" > "$control/limit"
  kill_at=$((now + grace))
  signal_payload TERM
}

# Passes on what came since the last time, up to the most that is kept: pass_on STREAM DESCRIPTOR. In `<stream>.at`
# stand, of the file: bytes dealt with; of all: bytes passed on, bytes cut away at the head of the file.
pass_on() {
  read -r at passed cut < "$control/$1.at"
  size=$(size_of "$control/$1")
  # A payload that writes to /dev/stdout cuts its own file.
  [ "$size" -ge "$at" ] || at=0
  [ "$size" -gt "$at" ] || return 0
  last_word=$now
  count=$((size - at))
  [ "$count" -le $((head_bytes - passed)) ] || count=$((head_bytes - passed))
  if [ "$count" -gt 0 ]; then
    piece "$control/$1" "$at" "$count" "$1" >&"$2"
    passed=$((passed + count))
  fi
  if [ "$passed" -ge "$head_bytes" ] && [ "$size" -gt $((head_bytes + 4 * tail_bytes)) ]; then
    shorten "$1"
    cut=$((cut + size))
    size=0
  fi
  printf '%s %s %s\n' "$size" "$passed" "$cut" > "$control/$1.at"
}

# piece FILE FROM COUNT STREAM: part of a file to stdout, and to what waits for its URL.
piece() {
  if [ -e "$control/$4.live" ]; then
    cut_out "$1" "$2" "$3" | tee -a "$control/$4.live"
  else
    cut_out "$1" "$2" "$3"
  fi
}

# Keeps head and tail of a file that grew too large, and lets it begin anew. The payload halts meanwhile: what it printed
# between the copy and the cut would be lost.
shorten() {
  signal_payload STOP
  size=$(size_of "$control/$1")
  [ -e "$control/$1.head" ] || head -c "$head_bytes" "$control/$1" > "$control/$1.head"
  tail -c "$tail_bytes" "$control/$1" > "$control/$1.tail"
  : > "$control/$1"
  signal_payload CONT
}

# The rest of both streams, with the tail of one that was too long.
finish_output() {
  now=0
  pass_on stdout 1
  pass_on stderr 2
  pass_on_tail stdout >&1
  pass_on_tail stderr >&2
  : > "$control/passed"
}

pass_on_tail() {
  read -r at passed cut < "$control/$1.at"
  left=$((cut + at - passed))
  [ "$left" -gt 0 ] || return 0
  last=$((left < tail_bytes ? left : tail_bytes))
  {
    printf '\n[wrapper] %s bytes are left out here\n' "$((left - last))"
    cat "$control/$1.tail" "$control/$1" 2> /dev/null | tail -c "$last"
  } > "$control/$1.end"
  cat "$control/$1.end"
  [ ! -e "$control/$1.live" ] || cat "$control/$1.end" >> "$control/$1.live"
}

# The name of a file that holds what was passed on.
kept_output() {
  if [ -e "$control/$1.end" ]; then
    [ -e "$control/$1.head" ] || head -c "$head_bytes" "$control/$1" > "$control/$1.head"
    cat "$control/$1.head" "$control/$1.end" > "$control/$1.kept" 2> /dev/null
    printf '%s' "$control/$1.kept"
  else
    printf '%s' "$control/$1"
  fi
}

# Live pieces: each URL of the manifest is for one, not before its time.
last_live=
begin_live() {
  [ -n "$manifest_reference" ] && grep -q "^live$tab$1$tab" "$manifest" || return 0
  : > "$control/$1.live"
  printf '0\n' > "$control/$1.next"
}

send_live() {
  [ -s "$control/$1.live" ] || return 0
  read -r next < "$control/$1.next"
  [ -z "$last_live" ] && [ "$now" -lt "${live_pause:-0}" ] && return
  number=0
  while IFS=$tab read -r kind name number after url <&8; do
    if [ "$kind" != live ] || [ "$name" != "$1" ] || [ "$number" -lt "$next" ]; then continue; fi
    [ -n "$last_live" ] || [ $((now - begun)) -ge "$after" ] || return 0
    put_piece "$1" "$number" "$url"
    return
  done 8< "$manifest"
}

put_piece() {
  longest_transfer=20
  try_transfer put "$3" "$control/$1.live"
  if [ "$answer" = ok ]; then
    : > "$control/$1.live"
    printf '%s\n' $(($2 + 1)) > "$control/$1.next"
  else
    live_pause=$((now + 10))
    [ "$answer" = trouble ] || rm -f "$control/$1.live"
  fi
}

# What the wrapper leaves in writing: the summary, the resources used, the error.

summary=$(pwd)/pipeline_summary
signals=
peak_memory=0

# In the form and order of the SLAC pipeline, written before anything can fail, so also before the words are read.
begin_summary() {
  instance=${PIPELINE_PROCESSINSTANCE:-${PANDAID:-}}
  for word in "$@"; do
    case $word in
      --) break ;;
      PIPELINE_PROCESSINSTANCE=*) instance=${word#*=} ;;
    esac
  done
  {
    printf 'ProcessInstance: %s\n' "$instance"
    printf 'Host: %s\n' "$(uname -n)"
    printf 'StartTime: %s\n' "$(LC_ALL=C date -u '+%a %b %d %H:%M:%S UTC %Y')"
    printf 'WorkDir: %s\n' "$(pwd)"
    printf 'LogFile: %s\n\n' "$control/stdout"
  } > "$summary" 2> /dev/null
}

# `ExitCode` is the payload's own; without a payload it is the wrapper's.
end_summary() {
  read_times
  {
    printf 'Elapsed: %s\n' "$(($(date +%s) - started))"
    printf 'User: %s\nSystem: %s\n' "$user_seconds" "$system_seconds"
    printf 'ExitCode: %s\n' "${payload_code:-$failure}"
    printf 'EndTime: %s\n' "$(LC_ALL=C date -u '+%a %b %d %H:%M:%S UTC %Y')"
    printf 'Signals:%s\n' "${signals:- }"
    printf 'Status: Ended\n'
  } >> "$summary" 2> /dev/null
}

# Processor time of all that has been waited for. `times` must not run in a subshell, which has none of its own.
read_times() {
  user_seconds=0
  system_seconds=0
  times > "$control/times" 2> /dev/null || return 0
  { read -r _ && read -r user system; } < "$control/times" || return 0
  user_seconds=$(seconds_of "$user")
  system_seconds=$(seconds_of "$system")
}

# `1m2.345s` in seconds.
seconds_of() {
  rest=${1#*m}
  rest=${rest%s}
  printf '%s.%s' "$((${1%%m*} * 60 + ${rest%%[.,]*}))" "${rest#*[.,]}"
}

write_resources() {
  [ ! -s "$control/memory" ] || read -r peak_memory < "$control/memory"
  space=$(free_space)
  printf '{"elapsedSeconds": %s, "userSeconds": %s, "systemSeconds": %s, "peakMemoryKB": %s, "freeDiskKB": %s}\n' \
    "$(($(date +%s) - started))" "$user_seconds" "$system_seconds" "$peak_memory" "${space:-null}" \
    > "$control/resources.json" 2> /dev/null
}

# The pilot takes this for the job's error; one of the payload's own stays.
write_error_report() {
  [ "$failure" -ne 0 ] || return 0
  if [ -n "$sentence" ] && [ ! -e payload_error_report.json ]; then
    printf '{"error_code": %s, "error_diag": %s}\n' "$failure" "$(json_text "$sentence")" \
      > payload_error_report.json 2> /dev/null
  fi
  [ -z "$reports_folder" ] || cp payload_error_report.json "$reports_folder/" 2> /dev/null
}

json_text() {
  printf '"%s"' "$(printf '%s' "$1" | tr '\000-\037\177' ' ' | sed 's/[\\"]/\\&/g')"
}

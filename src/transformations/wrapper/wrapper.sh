#!/bin/sh
# Runs a payload on the worker node: fetches its files, watches it, judges it, sends its results.
#
#   <payload>.sh [PIPELINE_NAME=VALUE ...] [--source URL ...] [--manifest REFERENCE] [--reports FOLDER] [--memory MB]
#                [--walltime SECONDS] [--output LOCAL=FINAL ...] -- [word of the payload ...]
#
# This file, its sisters wrapper-*.sh and the part of one transformation are joined to one script before they are sent.
# It needs a POSIX shell and its tools; for URLs of the web curl, wget or python3; for checksums sha256sum, shasum or
# python3. The working directory is taken to be the job's own. A source without a slash is a tarball that lies in it
# already; a failure is told in FOLDER, too, where that is what the pilot watches.
#
# Exit codes: 0 success; 1 to 63 the payload's own; 64 bad words or manifest; 65 stage-in failed; 66 wrong checksum of
# an input; 67 software set-up failed; 68 success without its outputs; 69 stage-out failed; 70 too much memory; 71 too
# much time; 72 disk full; 73 presigned URL expired or not given; 99 checkpointed, more to do; 128+N ended by signal N.
#
# A site may set DESC_PANDA_GRACE (s between TERM and KILL), DESC_PANDA_SETUP_TIMEOUT (s), DESC_PANDA_PAUSE (s before a
# transfer is tried again), DESC_PANDA_OUTPUT_HEAD and DESC_PANDA_OUTPUT_TAIL (bytes kept of what a payload prints).
set -u
umask 077

# What a part may set, and functions it may define anew.
payload_label='The payload'
# Runs the part of the script that is the payload.
payload_shell=/bin/sh
# Container image that the payload runs in, if any.
image=
# Where the payload leaves its outputs.
output_folder=.
# Checks the words behind `--` with `fail 64`, and may remember them.
payload_words() { :; }
# Sets up the software, in the payload's own process; `fail 67` where it is not there.
payload_setup() { :; }
# Runs it with the words behind `--`.
payload_run() { fail 64 'this script has no payload'; }
# Removes what `payload_setup` made outside of the job's directory; called however the job ends.
payload_cleanup() { :; }
# Given its exit code, may set `reason` to a sentence on why it failed, or `payload_code` where that one lies.
payload_judge() { :; }

control=$(pwd)/.desc-panda
phase=begin
failure=0
sentence=
reason=
payload_code=
stopped_by=

main() {
  if [ "${1-}" = --payload ]; then
    shift
    play_payload "$@"
  fi
  begin "$@"
  read_words "$@"
  prepare_folder
  stage_in "$@"
  run_payload "$@"
  judge_payload "$@"
  [ "$failure" -ne 0 ] || stage_out "$@"
  finish
}

# Ends the job with an exit code and a sentence. In the payload's own process only that process ends, and the wrapper
# takes both from there.
fail() {
  failure=$1
  sentence=$2
  if [ "$phase" = payload ]; then
    printf '%s\n' "$sentence" > "$control/sentence"
    exit "$failure"
  fi
  finish
}

say() {
  printf '[wrapper %s] %s\n' "$(date -u '+%H:%M:%S')" "$*"
  note "$*"
}

# Only into the wrapper's own log: what a payload prints is read without it.
note() {
  printf '%s %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S')" "$*" >> "$control/wrapper.log" 2> /dev/null
}

begin() {
  started=$(date +%s)
  trap 'stop_by TERM 15' TERM
  trap 'stop_by INT 2' INT
  trap 'stop_by HUP 1' HUP
  for noted in QUIT USR1 USR2 XCPU; do
    # shellcheck disable=SC2064
    trap "note_signal $noted" "$noted"
  done
  trap 'failure=$?; finish' EXIT
  take_secrets
  # What an earlier run in the same directory left would be taken for this one's.
  rm -rf "$control"
  mkdir -p "$control" || fail 72 'The working directory cannot be written to'
  : > "$control/wrapper.log"
  begin_summary "$@"
}

# Told to end: the payload is told so too, and the loop that waits for it goes on. Before or after it, the job ends here.
stop_by() {
  woken=1
  signals="$signals $1"
  [ -z "$stopped_by" ] || return 0
  stopped_by=$2
  if [ "$phase" = running ]; then
    : > "$control/ending"
    signal_payload TERM
  elif [ "$phase" != finishing ]; then
    [ -z "${helper-}" ] || kill "$helper" 2> /dev/null
    fail $((128 + $2)) "The job was told to end (SIG$1)"
  fi
}

note_signal() {
  woken=1
  signals="$signals $1"
}

is_number() {
  case $1 in
    '' | *[!0-9]* | ????????????????*) return 1 ;;
  esac
}

memory_limit=
time_limit=
reports_folder=

read_words() {
  while [ $# -gt 0 ]; do
    case $1 in
      --)
        shift
        payload_words "$@"
        return
        ;;
      --source | --manifest | --reports | --memory | --walltime | --output)
        [ $# -ge 2 ] || fail 64 "$1 needs a value"
        read_value "$1" "$2"
        shift 2
        ;;
      PIPELINE_*=*)
        case ${1%%=*} in
          *[!A-Z_]*) fail 64 "Not a name of the pipeline: ${1%%=*}" ;;
        esac
        # shellcheck disable=SC2163
        export "$1"
        shift
        ;;
      *) fail 64 "Unknown word before --: $1" ;;
    esac
  done
  fail 64 'There is no -- among the words'
}

read_value() {
  case $1 in
    --source) ;;
    --manifest) manifest_reference=$2 ;;
    --reports) reports_folder=$2 ;;
    --output)
      case $2 in
        */*) fail 64 "An output lies in the job's own directory: $2" ;;
        ?*=?*) ;;
        *) fail 64 "--output needs LOCAL=FINAL, not $2" ;;
      esac
      ;;
    *)
      is_number "$2" || fail 64 "$1 needs a whole number, not $2"
      if [ "$1" = --memory ]; then memory_limit=$2; else time_limit=$2; fi
      ;;
  esac
}

# Calls a function with the value of every word of a kind: each_value --output name_output WORD...
each_value() {
  wanted=$1
  action=$2
  shift 2
  while [ "$1" != -- ]; do
    case $1 in
      --*)
        if [ "$1" = "$wanted" ]; then "$action" "$2" || return; fi
        shift 2
        ;;
      *) shift ;;
    esac
  done
}

# For parts whose words are `--NAME VALUE` up to a `--` of their own: read_options LABEL 'NAME ...' WORD... leaves each
# value in `option_NAME`; one that is not among the words is empty.
read_options() {
  label=$1
  names=$2
  shift 2
  for name in $names; do eval "option_$name="; done
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    for name in $names ''; do
      [ "$1" != "--$name" ] || break
    done
    [ -n "$name" ] || fail 64 "Unknown word for $label: $1"
    [ $# -ge 2 ] || fail 64 "$1 needs a value"
    eval "option_$name=\$2"
    shift 2
  done
  [ $# -gt 0 ] || fail 64 "There is no -- among the words for $label"
}

# Programs find only the job's directory to leave things in.
prepare_folder() {
  HOME=$(pwd)
  TMPDIR=$control/tmp
  EUPS_USERDATA=$control/eups
  MPLCONFIGDIR=$control/matplotlib
  PYTHON_EGG_CACHE=$control/eggs
  PIPELINE_SUMMARY=$summary
  export HOME TMPDIR EUPS_USERDATA MPLCONFIGDIR PYTHON_EGG_CACHE PIPELINE_SUMMARY
  mkdir -p "$TMPDIR" "$EUPS_USERDATA" "$MPLCONFIGDIR" || fail 72 'The working directory cannot be written to'
  # Core files fill disks, and nobody looks at them.
  ulimit -c 0 2> /dev/null
}

# Free space for the job, kB; empty where df does not say.
free_space() {
  df -Pk . 2> /dev/null | sed -n '2s/.*[^0-9]\([0-9][0-9]*\)  *[0-9-]*%.*/\1/p'
}

disk_is_full() {
  space=$(free_space)
  [ -n "$space" ] && [ "$space" -lt 1024 ]
}

# In the order that counts: why the wrapper ended it, its own exit code, its outputs.
judge_payload() {
  if [ -s "$control/limit" ]; then
    read -r code sentence < "$control/limit"
    fail "$code" "$sentence"
  fi
  [ -z "$stopped_by" ] || fail $((128 + stopped_by)) 'The job was told to end while it ran'
  if [ -s "$control/sentence" ]; then
    read -r sentence < "$control/sentence"
    fail "$payload_code" "$sentence"
  fi
  if [ ! -e "$control/ready" ]; then fail 67 "The software could not be set up (exit code $payload_code)"; fi
  payload_judge "$payload_code"
  if [ "$payload_code" -ne 0 ]; then
    if disk_is_full; then fail 72 "The disk is full: $payload_label ended with exit code $payload_code"; fi
    failure=$payload_code
    sentence=$reason
    return
  fi
  missing=
  missing_count=0
  each_value --output look_for_output "$@"
  look_for_staged_outputs
  [ "$missing_count" -gt 0 ] || return 0
  if disk_is_full; then fail 72 "The disk is full: outputs are missing: $missing"; fi
  text="$payload_label ended with exit code 0 but left no $missing"
  [ "$missing_count" -le 3 ] || text="$text and $((missing_count - 3)) more"
  fail 68 "$text${reason:+: $reason}"
}

look_for_output() { look_for "${1%%=*}"; }

look_for() {
  if [ -f "$output_folder/$1" ] && [ -s "$output_folder/$1" ]; then return 0; fi
  missing_count=$((missing_count + 1))
  [ "$missing_count" -gt 3 ] || missing="$missing${missing:+, }$1"
}

name_output() {
  [ "$output_folder/${1%%=*}" = "./${1#*=}" ] || mv -f -- "$output_folder/${1%%=*}" "./${1#*=}"
}

# The one way out. What cannot be written any more must not keep it from ending.
finish() {
  phase=finishing
  trap '' TERM INT HUP QUIT USR1 USR2 XCPU
  trap - EXIT
  [ -z "$sentence" ] || printf 'ERROR %s\n' "$sentence" >&2
  end_summary
  write_resources
  write_error_report
  payload_cleanup
  send_last_files
  remove_urls
  exit "$failure"
}

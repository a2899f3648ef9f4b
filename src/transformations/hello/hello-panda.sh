#!/bin/sh
# HelloPanda: greets from the worker node.
#
#   hello-panda.sh [NAME=VALUE ...] [--output LOCAL=FINAL ...] -- [--sleep SECONDS] [--exit CODE] [word ...]
#
# Before the `--` stands what PanDA needs: names of the SLAC pipeline, and the final name of the output.
# After it stands what the user gave: how long to run, how to end, and words to repeat.
set -u

fail() {
  printf 'ERROR %s\n' "$1" >&2
  exit 2
}

is_number() {
  case $1 in
    '' | *[!0-9]*) return 1 ;;
  esac
}

final=
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    --output)
      [ $# -ge 2 ] || fail '--output needs LOCAL=FINAL'
      case $2 in
        hello.txt=?*) final=${2#*=} ;;
        *) fail "HelloPanda writes hello.txt and nothing else: $2" ;;
      esac
      shift 2
      ;;
    PIPELINE_TASK=* | PIPELINE_PROCESSINSTANCE=* | PIPELINE_STREAM=*)
      # shellcheck disable=SC2163
      export "$1"
      shift
      ;;
    *) fail "unknown word before --: $1" ;;
  esac
done

seconds=0
code=0
words=
while [ $# -gt 0 ]; do
  case $1 in
    --sleep | --exit)
      if [ $# -lt 2 ] || ! is_number "$2"; then fail "$1 needs a whole number"; fi
      if [ "$1" = --sleep ]; then seconds=$2; else code=$2; fi
      shift 2
      ;;
    *)
      words="$words $1"
      shift
      ;;
  esac
done

greet() {
  printf 'Hello from PanDA%s\n\n' "${words:+,$words}"
  printf 'job     %s\n' "${PANDAID:-unknown}"
  printf 'site    %s\n' "${PILOT_SITENAME:-unknown}"
  printf 'host    %s (%s)\n' "$(uname -n)" "$(uname -s -r -m)"
  printf 'user    %s\n' "$(id -u -n)"
  printf 'time    %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S UTC')"
  printf 'folder  %s\n' "$(pwd)"
}

greet | tee hello.txt || fail 'could not write hello.txt'

elapsed=0
[ "$seconds" -eq 0 ] || printf '\nRunning for %s s\n' "$seconds"
while [ "$elapsed" -lt "$seconds" ]; do
  sleep 1
  elapsed=$((elapsed + 1))
  printf 'second %s of %s\n' "$elapsed" "$seconds"
done

if [ "$code" -ne 0 ]; then
  printf 'ERROR HelloPanda ends with exit code %s, as it was told to\n' "$code" >&2
  exit "$code"
fi
if [ -n "$final" ]; then mv -- hello.txt "$final" || fail "could not name the output: $final"; fi
printf '\nGoodbye\n'

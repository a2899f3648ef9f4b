#!/bin/sh
# Runs a script of the user's own on the worker node.
#
#   run-script.sh [NAME=VALUE ...] --source URL [--output LOCAL=FINAL ...] -- [argument ...]
#
# The tarball at URL holds the script and `.desc-panda/run`, which knows how to start it. An output the script wrote is
# given its final name when the script has ended well. The exit code is the script's own; 143 and 146 are those of
# PanDA's own transformation for a bad tarball and a failed download.
set -u

tarball=.desc-panda.tar.gz

fail() {
  printf 'ERROR %s\n' "$2" >&2
  exit "$1"
}

fetch() {
  if command -v curl > /dev/null 2>&1; then
    curl --fail --silent --show-error --location --max-filesize 800000000 --retry 2 --max-time 600 \
      --proto '=http,https' --output "$tarball" -- "$1"
  elif command -v wget > /dev/null 2>&1; then
    wget -q -O "$tarball" -- "$1"
  elif command -v python3 > /dev/null 2>&1; then
    python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])' "$1" "$tarball"
  else
    fail 146 'none of curl, wget and python3 is here to fetch the script with'
  fi
}

# Everything before the `--` is for this wrapper. It is called twice, so that no list has to be kept: "before" fetches
# the script, "after" names its outputs.
each_word() {
  when=$1
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --) return ;;
      --source)
        [ $# -ge 2 ] || fail 10 '--source needs a URL'
        if [ "$when" = before ]; then get_script "$2"; fi
        shift 2
        ;;
      --output)
        case ${2-} in
          ?*=?*) if [ "$when" = after ]; then name_output "${2%%=*}" "${2#*=}"; fi ;;
          *) fail 10 '--output needs LOCAL=FINAL' ;;
        esac
        shift 2
        ;;
      PIPELINE_TASK=* | PIPELINE_PROCESSINSTANCE=* | PIPELINE_STREAM=*)
        # shellcheck disable=SC2163
        export "$1"
        shift
        ;;
      *) fail 10 "unknown word before --: $1" ;;
    esac
  done
  fail 10 'no -- in the parameters'
}

get_script() {
  case $1 in
    http://* | https://*) ;;
    *) fail 146 "not an http or https URL: $1" ;;
  esac
  fetch "$1" || fail 146 "could not fetch the script from $1"
  tar -xzf "$tarball" || fail 143 'could not unpack the script'
  rm -f "$tarball"
}

name_output() {
  # A missing output is reported by the pilot, under its final name.
  [ -e "./$1" ] || return 0
  mv -- "./$1" "./$2" || fail 10 "could not name the output $1"
}

run_script() {
  while [ "$1" != -- ]; do shift; done
  shift
  # Else Python keeps back what it prints, and nobody can follow it.
  PYTHONUNBUFFERED=1
  export PYTHONUNBUFFERED
  [ -x .desc-panda/run ] || fail 143 'the tarball holds no script'
  ./.desc-panda/run "$@"
}

each_word before "$@"
run_script "$@" || exit $?
each_word after "$@"

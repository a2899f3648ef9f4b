#!/bin/sh
# Runs a command of the user on the worker node, in a directory made of an archive of theirs: what PanDA's runGen does for
# script tasks, with the same words and exit codes, for places without its Python and its software.
#
#   run-gen.sh -j SCRIPT -r DIRECTORY -p COMMAND [-a ARCHIVE] [--sourceURL URL] [-l LIBRARY] [-i INPUTS] [-o OUTPUTS]
#              [--givenPFN] [--inMap STREAMS] [--writeInputToTxt STREAM:FILE,...] [--execWithRealFileNames]
#
# COMMAND is percent-encoded, and run by a shell behind SCRIPT, which is mostly empty; %IN in it becomes the inputs, joined
# by commas. INPUTS is a Python list of names, OUTPUTS a Python map of names in the directory to final ones, STREAMS one of
# names to lists. ARCHIVE is fetched from URL/cache/. Other words of runGen are taken and left.
#
# Exit codes: 0 success; 10 words missing; 11 no input is here; 143 an archive cannot be unpacked; 146 it cannot be fetched;
# else the command's own.
set -u
umask 077

script=
directory=
command=
has_command=
archive=
source_url=
library=
inputs=
outputs=
streams=
input_files=
given_names=
real_names=

main() {
  read_words "$@"
  [ -n "$directory" ] || fail 10 'the run directory (-r) is missing'
  [ -n "$has_command" ] || fail 10 'the command (-p) is missing'
  decode "$command"
  command=$decoded
  start=$(pwd)
  work=$start/workDir
  rm -rf "$work"
  mkdir -p "$work" && cd "$work" || fail 143 'the work directory cannot be made'
  [ -z "$library" ] || unpack "$start/$library"
  [ -z "$archive" ] || get_archive
  mkdir -p -- "$directory" && cd -- "$directory" || fail 143 "the run directory cannot be entered: $directory"
  take_secrets
  find_inputs
  PATH=.:$PATH
  export PATH
  [ -z "$real_names" ] || use_real_names
  place_inputs
  run_command
  name_outputs
  cd "$start" || exit 1
  rm -rf "$work"
  if [ "$status" -ne 0 ]; then
    say "The command ended with exit code $status"
    exit "$status"
  fi
  say 'The command ended well'
}

fail() {
  printf 'ERROR : %s\n' "$2" >&2
  exit "$1"
}

say() {
  printf '[runGen %s] %s\n' "$(date -u '+%H:%M:%S')" "$*"
}

read_words() {
  while [ $# -gt 0 ]; do
    word=$1
    shift
    case $word in
      --*=*)
        take_value "${word%%=*}" "${word#*=}"
        continue
        ;;
      -[a-z]?*)
        rest=${word#??}
        take_value "${word%"$rest"}" "$rest"
        continue
        ;;
      --givenPFN) given_names=1 ;;
      --execWithRealFileNames) real_names=1 ;;
      --debug | --directIn | --usePFCTurl | --useFileStager | --mergeOutput | --pilotpars | --notExpandDBR) ;;
      --useAthenaPackages | --useCMake | --useRootCore) fail 10 "there is no software for $word here" ;;
      -*)
        [ $# -gt 0 ] || fail 10 "$word needs a value"
        take_value "$word" "$1"
        shift
        ;;
      *) fail 10 "unknown word: $word" ;;
    esac
  done
}

take_value() {
  case $1 in
    -j) script=$2 ;;
    -r) directory=$2 ;;
    -p)
      command=$2
      has_command=1
      ;;
    -a) archive=$2 ;;
    -l) library=$2 ;;
    -i) inputs=$2 ;;
    -o) outputs=$2 ;;
    --sourceURL) source_url=$2 ;;
    --inMap) streams=$2 ;;
    --writeInputToTxt) input_files=$2 ;;
    -u | --inputGUIDs | --oldPrefix | --newPrefix | --lfcHost | --envvarFile | --liveLog | --accessmode | --cmtConfig | \
      --skipInputByRetry | --mergeType | --mergeScript) ;;
    *) fail 10 "unknown word: $1" ;;
  esac
}

# %XX of a text, into `decoded`.
decode() {
  escaped=$(printf '%s' "$1" | LC_ALL=C awk '
    BEGIN { RS = "\1"; digits = "0123456789abcdef" }
    {
      text = $0
      gsub(/\\/, "%5c", text)
      out = ""
      while ((at = index(text, "%")) > 0) {
        hex = tolower(substr(text, at + 1, 2))
        code = (index(digits, substr(hex, 1, 1)) - 1) * 16 + index(digits, substr(hex, 2, 1)) - 1
        isCode = hex ~ /^[0-9a-f][0-9a-f]$/ && code > 0
        out = out substr(text, 1, at - 1) (isCode ? sprintf("\\0%03o", code) : "%")
        text = substr(text, at + (isCode ? 3 : 1))
      }
      printf "%s", out text
    }')
  decoded=$(
    printf '%b' "$escaped"
    printf x
  )
  decoded=${decoded%x}
}

# The texts of a Python list or map, one a line: behind `K ` those that a colon follows, behind `V ` others.
literals() {
  printf '%s' "$1" | LC_ALL=C awk '
    BEGIN { RS = "\1" }
    {
      text = $0
      quote = ""
      word = ""
      length_of_text = length(text)
      for (at = 1; at <= length_of_text; at++) {
        letter = substr(text, at, 1)
        if (quote == "") {
          if (letter == "\"" || letter == "\047") { quote = letter; word = "" }
        } else if (letter == "\\") {
          at++
          word = word substr(text, at, 1)
        } else if (letter == quote) {
          rest = substr(text, at + 1)
          sub(/^ */, "", rest)
          print (substr(rest, 1, 1) == ":" ? "K " : "V ") word
          quote = ""
        } else word = word letter
      }
    }'
}

unpack() {
  tar -xzf "$1" > "$start/unpacked" 2>&1 || {
    sed -n '1,5p' "$start/unpacked" >&2
    fail 143 "${1##*/} is corrupted"
  }
  rm -f "$start/unpacked"
}

get_archive() {
  case $archive in
    '' | .* | */* | *[!A-Za-z0-9._-]*) fail 10 "no name of an archive: $archive" ;;
  esac
  [ -n "$source_url" ] || fail 10 'the address of the archive (--sourceURL) is missing'
  say "Fetching $archive"
  tries=0
  until fetch "$source_url/cache/$archive" "$archive"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 3 ]; then fail 146 'unable to fetch source tarball from web'; fi
    sleep "${DESC_PANDA_PAUSE:-$tries}"
  done
  unpack "$(pwd)/$archive"
}

fetch() {
  if command -v curl > /dev/null 2>&1; then
    curl --silent --show-error --fail --location --globoff --proto '=http,https' --connect-timeout 20 \
      --max-time 3600 --output "$2" -- "$1"
  elif command -v wget > /dev/null 2>&1; then
    wget -q -O "$2" -- "$1"
  elif command -v python3 > /dev/null 2>&1; then
    python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])' "$1" "$2"
  else
    fail 146 'none of curl, wget and python3 is on this machine'
  fi
}

# Secrets of the user become variables and files of the run directory, as far as there is a Python to read them.
take_secrets() {
  [ -f "$start/panda_secrets.json" ] || return 0
  mv -f "$start/panda_secrets.json" . || return 0
  command -v python3 > /dev/null 2>&1 || return 0
  python3 -c '
import base64, json, re, shlex
mark = "___file___:"
with open("panda_secrets.json") as source, open("panda_secrets.sh", "w") as target:
    for key, value in json.load(source).items():
        if key.startswith(mark):
            name = key[len(mark):]
            if name and "/" not in name and name not in (".", ".."):
                with open(name, "wb") as secret:
                    secret.write(base64.b64decode(value))
        elif re.match("^[A-Za-z_][A-Za-z0-9_]*$", key):
            target.write("export %s=%s\n" % (key, shlex.quote(str(value))))
' || {
    say 'The secrets could not be read'
    return 0
  }
  # shellcheck disable=SC1091
  . ./panda_secrets.sh
}

newline='
'

# Into `found`: the inputs that are here, joined by commas. Those given by address are not looked for.
find_inputs() {
  found=
  names=$(literals "$inputs" | sed -n 's/^V //p')
  more=$(literals "$streams" | sed -n 's/^V //p')
  all=$names${more:+${names:+$newline}$more}
  [ -n "$all" ] || return 0
  if [ -n "$given_names" ]; then
    found=$(printf '%s\n' "$all" | awk '!seen[$0]++' | paste -s -d , -)
    return 0
  fi
  printf '%s\n' "$all" | awk '!seen[$0]++' > "$start/inputs"
  while IFS= read -r name; do
    case $name in
      */*) continue ;;
    esac
    if [ -f "$start/$name" ]; then
      ln -sf "$start/$name" "./$name"
      found=$found${found:+,}$name
    else
      say "$name does not exist"
    fi
  done < "$start/inputs"
  rm -f "$start/inputs"
  [ -n "$found" ] || fail 11 'No input file is available'
}

# replace TEXT WHAT BY, into `replaced`. Where there are several streams, only whole words count: %IN is not in %IN2.
replace() {
  replaced=
  left=$1
  while :; do
    case $left in
      *"$2"*) ;;
      *) break ;;
    esac
    replaced=$replaced${left%%"$2"*}
    left=${left#*"$2"}
    by=$3
    if [ -n "$streams" ]; then
      case $left in
        '' | [\ \"\',]*) ;;
        *) by=$2 ;;
      esac
    fi
    replaced=$replaced$by
  done
  replaced=$replaced$left
}

place_inputs() {
  if [ -z "$streams" ]; then
    [ -n "$found" ] || return 0
    replace "$command" %IN "$found"
    command=$replaced
    write_input IN "$found"
    return
  fi
  stream=
  files=
  literals "$streams" > "$start/streams"
  while IFS=' ' read -r kind name; do
    if [ "$kind" = K ]; then
      place_stream
      stream=$name
      files=
    else
      case ,$found, in
        *,"$name",*) files=$files${files:+,}$name ;;
      esac
    fi
  done < "$start/streams"
  place_stream
  rm -f "$start/streams"
}

place_stream() {
  [ -n "$stream" ] || return 0
  replace "$command" "%$stream" "$files"
  command=$replaced
  write_input "$stream" "$files"
}

write_input() {
  case ,$input_files, in
    *",$1:"*)
      file=${input_files#*"$1:"}
      printf '%s' "$2" > "./${file%%,*}"
      ;;
  esac
}

# Names of outputs in the command become the final ones.
use_real_names() {
  literals "$outputs" > "$start/names"
  changed=
  while IFS=' ' read -r kind name; do
    if [ "$kind" = K ]; then
      old=$name
      continue
    fi
    case $old in
      *'*'*) ;;
      *)
        before=$command
        command=$(printf '%sx' "$command" | OLD=$old NEW=$name LC_ALL=C awk '
          BEGIN { RS = "\1"; old = ENVIRON["OLD"]; new = ENVIRON["NEW"] }
          {
            text = " " substr($0, 1, length($0) - 1) " "
            out = ""
            while ((at = index(text, old)) > 0) {
              head = substr(text, at - 1, 1)
              tail = substr(text, at + length(old), 1)
              fits = index("= \"\047>", head) > 0 && index(" \"\047,;", tail) > 0
              out = out substr(text, 1, at - 1) (fits ? new : old)
              text = substr(text, at + length(old))
            }
            out = out text
            printf "%sx", substr(out, 2, length(out) - 2)
          }')
        command=${command%x}
        [ "$command" = "$before" ] || old=$name
        ;;
    esac
    changed="$changed${changed:+, }'$old': '$name'"
  done < "$start/names"
  rm -f "$start/names"
  outputs="{$changed}"
}

run_command() {
  first=${script:-$command}
  first=${first%%[[:space:]]*}
  [ ! -f "$first" ] || chmod +x -- "$first" 2> /dev/null
  say "Running in $directory: $script${script:+ }$command"
  /bin/sh -c "$script $command"
  status=$?
}

# Gives outputs their final names, where the pilot looks for them.
name_outputs() {
  literals "$outputs" > "$start/names"
  while IFS=' ' read -r kind name; do
    if [ "$kind" = K ]; then
      old=$name
      continue
    fi
    case $name in
      '' | */*) continue ;;
    esac
    case $old in
      *'*'*)
        # A pattern, to be expanded here.
        # shellcheck disable=SC2086
        tar -czf "./$name" $old 2> /dev/null || rm -f "./$name"
        ;;
      *) [ "$old" = "$name" ] || mv -f -- "./$old" "./$name" 2> /dev/null ;;
    esac
    mv -f -- "./$name" "$start/" 2> /dev/null || say "There is no output $old"
  done < "$start/names"
  rm -f "$start/names"
  if [ -f userJobMetadata.json ] && [ "$(wc -c < userJobMetadata.json)" -lt 1048576 ]; then
    mv -f userJobMetadata.json "$start/"
  fi
  [ ! -f jobReport.json ] || mv -f jobReport.json "$start/"
}

main "$@"

# phoSim on one catalog:
#
#   --software stand-in|DIRECTORY --catalog FILE --sensor 'ID|ID' --e2adc 0|1 --threads N --processes N
#   [--instrument NAME] [--command FILE] [--sed DIRECTORY] [--image CONTAINER] [--setup FILE] -- [word for phoSim ...]
#
# Its exit code cannot be trusted: what counts is that the expected images are there and hold something. What its log
# says is only used to tell why they are not.

payload_label=phoSim
output_folder=output

payload_words() {
  read_options phoSim 'software catalog sensor instrument e2adc threads processes command sed image setup' "$@"
  software=$option_software
  image=$option_image
  [ -n "$option_catalog" ] && [ -n "$option_sensor" ] || fail 64 'phoSim needs a catalog and a sensor'
  case $software in
    stand-in | /*) ;;
    *) fail 64 "The software is named by an absolute path, or is the stand-in: $software" ;;
  esac
  case $option_setup in
    *.bash) payload_shell=bash ;;
  esac
}

payload_setup() {
  mkdir -p work output || fail 72 'The disk is full: no directories could be made for phoSim'
  [ -r "$option_catalog" ] || fail 64 "The catalog did not come along: $option_catalog"
  if [ -n "$option_setup" ]; then source_file "$option_setup"; fi
  if [ "$software" = stand-in ]; then
    command -v python3 > /dev/null 2>&1 || fail 67 'The stand-in for phoSim needs python3, which is not here'
    [ -r .desc-panda/phosim-standin.py ] || fail 64 'The stand-in for phoSim did not come along'
  elif [ ! -r "$software/phosim.py" ]; then
    fail 67 "There is no phoSim at $software"
  fi
  # Blanks in a path break phoSim: where there are some, it sees the job's directory under another name.
  place=$(pwd)
  case $place in
    *[[:space:]]*)
      short=$(mktemp -d /tmp/phosim.XXXXXXXX) || fail 72 'No directory could be made in /tmp'
      printf '%s\n' "$short" > .desc-panda/short
      ln -s "$place" "$short/job"
      place=$short/job
      cd "$short" || fail 72 'The directory in /tmp cannot be used'
      ;;
  esac
}

payload_run() {
  while [ "$1" != -- ]; do shift; done
  shift
  [ -z "$option_sed" ] || set -- --sed "$option_sed" "$@"
  [ -z "$option_command" ] || set -- -c "$place/$option_command" "$@"
  [ "${option_threads:-1}" -eq 1 ] || set -- -t "$option_threads" "$@"
  [ "${option_processes:-1}" -eq 1 ] || set -- -p "$option_processes" "$@"
  set -- "$place/$option_catalog" -s "$option_sensor" -i "${option_instrument:-lsst}" -e "${option_e2adc:-1}" \
    -o "$place/output" -w "$place/work" "$@"
  if [ "$software" = stand-in ]; then
    exec python3 "$place/.desc-panda/phosim-standin.py" "$@"
  elif [ -x "$software/phosim" ]; then
    exec "$software/phosim" "$@"
  fi
  # Releases 3 are Python 2.
  for python in python python2 python3; do
    if command -v "$python" > /dev/null 2>&1; then exec "$python" "$software/phosim.py" "$@"; fi
  done
  fail 67 'There is no python here to run phoSim with'
}

payload_cleanup() {
  [ -s "$control/short" ] || return 0
  read -r short < "$control/short"
  case $short in
    /tmp/phosim.*/*) ;;
    /tmp/phosim.*) rm -rf "$short" ;;
  esac
}

payload_judge() {
  explain_log "$1"
  if find_line '(\( *[0-9]* *,\)\{3\} *0 *)'; then
    say 'Warning: phoSim accepted no photon of some sources: the image may be empty'
  fi
}

# The sentence that belongs to the first known text in the log.
explain_log() {
  if find_line "Can.t find SED file"; then
    reason="a spectrum is missing: ${found##*: }"
  elif find_line 'SED file.*NaN' || find_line 'Error in SED file' || find_line 'Too many SED files' ||
    find_line 'Too many lines in SED file'; then
    reason="a spectrum is bad: $found"
  elif find_line 'Cannot open catalog file'; then
    reason="a file that the catalog includes is missing: ${found##*: }"
  elif find_line 'Cannot split into that many files'; then
    reason='the catalog is too large for the arrays of this phoSim'
  elif find_line 'No endline character found'; then
    reason='the command file does not end with a newline'
  elif find_line 'Allocation error'; then
    reason='it could get no more memory'
  elif find_line 'Error reading ' || find_line 'Error opening '; then
    reason="a file of its own is missing: $found"
  elif find_line 'RuntimeError:.*does not exist'; then
    reason="a directory is missing: ${found#*RuntimeError: }"
  elif find_line 'RuntimeError: Error running'; then
    reason='one of its programs failed, see above that line of the log'
  elif [ "$1" -eq 2 ] && find_line 'error: '; then
    reason="its command line is wrong: ${found#*error: }"
  elif [ "$1" -eq 0 ]; then
    explain_absence
  fi
  # The wrapper says itself what ended well without its images.
  if [ "$1" -ne 0 ] && [ -n "$reason" ]; then reason="phoSim ended with exit code $1: $reason"; fi
}

explain_absence() {
  rest=$option_sensor
  empty=
  while [ -n "$rest" ] && [ "$rest" != all ]; do
    sensor=${rest%%"|"*}
    find_line "Found .* for chip $sensor" || empty="$empty${empty:+, }$sensor"
    case $rest in
      *'|'*) rest=${rest#*"|"} ;;
      *) rest= ;;
    esac
  done
  [ -z "$empty" ] || reason="no source of the catalog lands on $empty"
}

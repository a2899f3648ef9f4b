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
  software=
  catalog=
  sensors=
  instrument=lsst
  e2adc=1
  threads=1
  processes=1
  command_file=
  sed_folder=
  setup_file=
  while [ $# -gt 0 ]; do
    case $1 in
      --) break ;;
      --software) software=${2-} ;;
      --catalog) catalog=${2-} ;;
      --sensor) sensors=${2-} ;;
      --instrument) instrument=${2-} ;;
      --e2adc) e2adc=${2-} ;;
      --threads) threads=${2-} ;;
      --processes) processes=${2-} ;;
      --command) command_file=${2-} ;;
      --sed) sed_folder=${2-} ;;
      --image) image=${2-} ;;
      --setup) setup_file=${2-} ;;
      *) fail 64 "Unknown word for phoSim: $1" ;;
    esac
    [ $# -ge 2 ] || fail 64 "$1 needs a value"
    shift 2
  done
  [ "${1-}" = -- ] || fail 64 'There is no -- among the words for phoSim'
  [ -n "$catalog" ] && [ -n "$sensors" ] || fail 64 'phoSim needs a catalog and a sensor'
  case $software in
    stand-in | /*) ;;
    *) fail 64 "The software is named by an absolute path, or is the stand-in: $software" ;;
  esac
  case $setup_file in
    *.bash) payload_shell=bash ;;
  esac
}

payload_setup() {
  mkdir -p work output || fail 72 'The disk is full: no directories could be made for phoSim'
  [ -r "$catalog" ] || fail 64 "The catalog did not come along: $catalog"
  if [ -n "$setup_file" ]; then source_file "$setup_file"; fi
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
      ln -s "$place" "$short/job"
      printf '%s\n' "$short" > .desc-panda/short
      place=$short/job
      cd "$short" || fail 72 'The directory in /tmp cannot be used'
      ;;
  esac
}

payload_run() {
  while [ "$1" != -- ]; do shift; done
  shift
  [ -z "$sed_folder" ] || set -- --sed "$sed_folder" "$@"
  [ -z "$command_file" ] || set -- -c "$place/$command_file" "$@"
  [ "$threads" -eq 1 ] || set -- -t "$threads" "$@"
  [ "$processes" -eq 1 ] || set -- -p "$processes" "$@"
  set -- "$place/$catalog" -s "$sensors" -i "$instrument" -e "$e2adc" -o "$place/output" -w "$place/work" "$@"
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

payload_judge() {
  if [ -s "$control/short" ]; then
    read -r short < "$control/short"
    rm -f "$short/job"
    rm -rf "$short"
  fi
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
  rest=$sensors
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

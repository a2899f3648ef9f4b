# A program of the LSST science pipelines:
#
#   --software stand-in|PATH [--product NAME] [--pipeline FILE] [--image CONTAINER] [--setup FILE] -- program [word ...]
#
# PATH is a release (a directory with loadLSST.bash) or a file to be sourced. The pipeline's path may hold variables that
# the set-up defines; it is handed to pipetask with -p.

payload_label='The pipeline'

payload_words() {
  read_options 'the science pipelines' 'software product pipeline image setup' "$@"
  software=$option_software
  image=$option_image
  while [ "$1" != -- ]; do shift; done
  [ $# -ge 2 ] || fail 64 'There is no program to run among the words'
  payload_label=$2
  case $software in
    stand-in) ;;
    # What it sets up is made for bash.
    /*) payload_shell=bash ;;
    *) fail 64 "The software is named by an absolute path, or is the stand-in: $software" ;;
  esac
}

payload_setup() {
  if [ "$software" = stand-in ]; then
    command -v python3 > /dev/null 2>&1 || fail 67 'The stand-in for the science pipelines needs python3, which is not here'
    [ -r .desc-panda/pipetask-standin.py ] || fail 64 'The stand-in for the science pipelines did not come along'
  else
    release=$software
    if [ -d "$software" ]; then
      release=$software/loadLSST.bash
      [ -r "$release" ] || release=$software/loadLSST.sh
    fi
    [ -r "$release" ] || fail 67 "There is no release of the science pipelines at $software"
    source_file "$release"
    product=${option_product:-lsst_distrib}
    setup "$product" && eups list -s "$product" > /dev/null || fail 67 "The product $product could not be set up"
  fi
  if [ -n "$option_setup" ]; then source_file "$option_setup"; fi
}

payload_run() {
  while [ "$1" != -- ]; do shift; done
  shift
  if [ -n "$option_pipeline" ]; then
    expanded=$option_pipeline
    [ "$software" = stand-in ] || expand_variables "$option_pipeline"
    set -- "$@" -p "$expanded"
  fi
  if [ "$software" = stand-in ]; then exec python3 .desc-panda/pipetask-standin.py "$@"; fi
  command -v "$1" > /dev/null 2>&1 || fail 67 "The release has no program $1"
  exec "$@"
}

# Puts variables of the environment ($NAME and ${NAME}) into a text, and runs nothing.
expand_variables() {
  expanded=
  rest=$1
  while :; do
    case $rest in
      *'$'*) ;;
      *) break ;;
    esac
    expanded=$expanded${rest%%'$'*}
    rest=${rest#*'$'}
    case $rest in
      '{'*'}'*)
        name=${rest#'{'}
        name=${name%%'}'*}
        rest=${rest#*'}'}
        ;;
      *)
        name=${rest%%[!A-Za-z0-9_]*}
        rest=${rest#"$name"}
        ;;
    esac
    case $name in
      '' | [0-9]* | *[!A-Za-z0-9_]*) fail 64 "The path of the pipeline cannot be understood: $1" ;;
    esac
    eval "value=\${$name-}"
    [ -n "$value" ] || fail 67 "The software does not set $name, which the path of the pipeline needs"
    expanded=$expanded$value
  done
  expanded=$expanded$rest
}

payload_judge() {
  if find_line 'QuantumGraph was empty'; then
    reason='the quantum graph is empty: the data query finds nothing to do'
  elif find_line ' failed\. Exception '; then
    case $1 in
      20) reason='a quantum failed in a way that may pass' ;;
      21) reason='a quantum was invalid' ;;
      *) reason='a task failed' ;;
    esac
    reason="$reason: ${found#*Exception }"
  elif find_line 'FATAL'; then
    reason="a data id failed: $found"
    # Older tasks go on, and end well.
    [ "$1" -ne 0 ] || fail 68 "$payload_label ended with exit code 0, but $reason"
  elif [ "$1" -eq 2 ] && find_line 'rror: '; then
    reason="its command line is wrong: ${found#*rror: }"
  elif find_line '^[A-Za-z_.]*\(Error\|Exception\): '; then
    reason=$found
  fi
  find_line 'Executed [0-9]* quanta successfully' && counts=${found##* - } || counts=
  [ "$1" -ne 0 ] || return 0
  [ -z "$reason$counts" ] ||
    reason="$payload_label ended with exit code $1${reason:+: $reason}${counts:+ ($counts)}"
}

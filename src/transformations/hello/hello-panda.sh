# HelloPanda greets from the worker node: [--seconds N] [--code N] [word ...]. Behind the words: how long to run, and how
# to end. It leaves its greeting in hello.txt.

payload_label=HelloPanda

payload_words() {
  seconds=0
  code=0
  words=
  while [ $# -gt 0 ]; do
    case $1 in
      --seconds | --code)
        if [ $# -lt 2 ] || ! is_number "$2"; then fail 64 "$1 needs a whole number"; fi
        if [ "$1" = --seconds ]; then seconds=$2; else code=$2; fi
        shift 2
        ;;
      *)
        words="$words $1"
        shift
        ;;
    esac
  done
}

payload_run() {
  greet | tee hello.txt || fail 72 'hello.txt could not be written'
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
  printf '\nGoodbye\n'
}

greet() {
  printf 'Hello from PanDA%s\n\n' "${words:+,$words}"
  printf 'job=%s site=%s host=%s user=%s time=%s directory=%s%s\n' "${PANDAID:-unknown}" \
    "${PILOT_SITENAME:-unknown}" "$(uname -n)" "$(id -u -n 2> /dev/null || id -u)" \
    "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" "$(pwd)" \
    "$(environment | sed -n 's/^P[Aa][Nn][Dd][Aa]_/ &/p; s/^PIPELINE_/ &/p' | tr -d '\n')"
  printf '\nEnvironment (%s):\n' "$(uname -s -r -m)"
  environment
}

newline='
'

# NAME=VALUE of all variables, of each the first line, without what its name or form betrays as a secret.
environment() {
  env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p' | sort -u | while read -r name; do
    eval "value=\${$name-}"
    case $name in
      *[Tt][Oo][Kk][Ee][Nn]* | *[Ss][Ee][Cc][Rr][Ee][Tt]* | *[Pp][Aa][Ss][Ss]* | *[Kk][Ee][Yy]* | *[Cc][Rr][Ee][Dd]* | \
        *[Aa][Uu][Tt][Hh]* | *[Pp][Rr][Oo][Xx][Yy]* | *[Cc][Oo][Oo][Kk][Ii][Ee]*) value='***' ;;
    esac
    printf '%s=%s\n' "$name" "${value%%"$newline"*}"
  done | sed -e 's/\([?&][^=&]*=\)[^&]*/\1***/g' -e 's#\(://[^/:@]*:\)[^@/]*@#\1***@#g'
}

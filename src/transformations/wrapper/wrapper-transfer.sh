# One file from or to a URL: http, https, or file for a folder that this machine sees.

pause=${DESC_PANDA_PAUSE:-3}

# transfer get|put URL FILE [FROM COUNT]: up to three tries. Leaves in `answer` what came of it: ok, expired, denied,
# missing, taken, bad (the URL itself), full (the disk) or trouble, and in `why` a clause. Where only a part was asked for, COUNT
# bytes from FROM on, all may come: `status` is 206 where it is the part. No URL is shown with its query: it is a secret.
transfer() {
  tries=0
  while :; do
    tries=$((tries + 1))
    try_transfer "$@"
    if [ "$answer" != trouble ] || [ "$tries" -ge 3 ]; then break; fi
    take_a_break "$((pause * tries + ($$ + tries * 7) % (pause + 1)))"
  done
  [ "$answer" = ok ]
}

# A signal ends the wait for a helper, where it would wait for the end of a command in front.
attend() {
  "$@" &
  helper=$!
  wait_for "$helper"
  helper_code=$waited
  helper=
}

take_a_break() {
  [ "$1" -eq 0 ] || attend sleep "$1"
}

shown_url() {
  printf '%s' "${1%%\?*}"
}

# Seconds.
longest_transfer=7200
# Not empty: files are put only where nothing is, and the answer is `taken` where something is. Servers may not heed it.
only_new=

try_transfer() {
  answer=bad
  status=000
  case $2 in
    *[[:space:][:cntrl:]\"\\]*) why='the URL holds characters that no URL has' ;;
    file://*) try_local "$@" ;;
    http://* | https://*) try_web "$@" ;;
    *) why='it is not an http, https or file URL' ;;
  esac
}

try_web() {
  answer=trouble
  range=${4:+$4-$(($4 + $5 - 1))}
  rm -f "$control/body" "$control/trouble"
  # Not among the words of a command, where everybody on the machine could read it.
  if command -v curl > /dev/null 2>&1; then
    printf 'url = "%s"\n' "$2" > "$control/request"
    by_curl "$1" "$3"
  elif can_use_wget "$1"; then
    printf '%s\n' "$2" > "$control/request"
    by_wget "$1" "$3"
  elif command -v python3 > /dev/null 2>&1; then
    printf '%s\n' "$2" > "$control/request"
    by_python "$1" "$3"
  else
    answer=bad
    why='none of curl, wget and python3 is on this machine'
    return
  fi
  rm -f "$control/request"
  read_answer "$1" "$3"
}

by_curl() {
  if [ "$1" = put ]; then
    set -- --upload-file "$2" --header 'Expect:' --output "$control/body"
    [ -z "$only_new" ] || set -- "$@" --header 'If-None-Match: *'
  else
    set -- --output "$2" ${range:+--range "$range"}
  fi
  attend curl --config "$control/request" --silent --show-error --location --globoff --proto '=http,https' \
    --connect-timeout 20 --speed-limit 1024 --speed-time 120 --max-time "$longest_transfer" \
    --write-out '%{http_code}' "$@" > "$control/status" 2> "$control/trouble"
  [ "$helper_code" -ne 23 ] || answer=full
  read -r status < "$control/status" || [ -n "$status" ] || status=000
}

# Small ones send nothing, and none is good at parts.
can_use_wget() {
  command -v wget > /dev/null 2>&1 || return
  if [ -n "$range" ] && command -v python3 > /dev/null 2>&1; then return 1; fi
  [ "$1" = get ] || gnu_wget
}

gnu_wget() {
  case $(wget --version 2> /dev/null) in
    GNU*) return 0 ;;
  esac
  return 1
}

by_wget() {
  if gnu_wget; then
    if [ "$1" = put ]; then
      set -- --method=PUT --body-file="$2" -O "$control/body"
      [ -z "$only_new" ] || set -- "$@" --header='If-None-Match: *'
    else
      set -- -O "$2"
    fi
    attend wget --no-verbose --server-response --content-on-error --tries=1 --timeout=60 \
      "$@" -i "$control/request" 2> "$control/trouble"
  else
    # A small one, which reads no list and tells no status: one of 2xx is all it takes for success.
    read -r url < "$control/request"
    attend wget -q -O "$2" -- "$url" 2> "$control/trouble"
  fi
  [ "$helper_code" -ne 3 ] || answer=full
  status=$(sed -n 's/^ *HTTP\/[0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "$control/trouble" | sed -n '$p')
  [ -n "$status" ] || status=$(sed -n 's/.*server returned error: HTTP\/[0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "$control/trouble")
  if [ -z "$status" ]; then
    status=000
    [ "$helper_code" -ne 0 ] || status=200
  fi
}

by_python() {
  attend python3 -c '
import errno, shutil, sys, urllib.error, urllib.request
how, path, url, body, part, only_new = sys.argv[1], sys.argv[2], open(sys.argv[3]).read().strip(), *sys.argv[4:]
try:
    if how == "put":
        import os
        data = open(path, "rb")
        request = urllib.request.Request(url, data=data, method="PUT")
        request.add_header("Content-Length", str(os.path.getsize(path)))
        request.add_unredirected_header("Content-Type", "")
        if only_new:
            request.add_header("If-None-Match", "*")
    else:
        request = urllib.request.Request(url, headers={"Range": "bytes=" + part} if part else {})
    with urllib.request.urlopen(request, timeout=120) as answer:
        expected = answer.headers.get("Content-Length") if how == "get" else None
        with open(path if how == "get" else body, "wb") as target:
            shutil.copyfileobj(answer, target, 1048576)
            if expected is not None and target.tell() != int(expected):
                sys.exit("the connection broke")
        print(answer.status)
except urllib.error.HTTPError as error:
    with open(body, "wb") as target:
        target.write(error.read(65536))
    print(error.code)
except OSError as error:
    print("000")
    print(error, file=sys.stderr)
    sys.exit(23 if error.errno in (errno.ENOSPC, errno.EDQUOT) else 1)
' "$1" "$2" "$control/request" "$control/body" "$range" "$only_new" > "$control/status" 2> "$control/trouble"
  [ "$helper_code" -ne 23 ] || answer=full
  read -r status < "$control/status" || status=000
}

# Turns status and error text into an answer.
read_answer() {
  if [ "$answer" = full ]; then
    why='no space is left on the disk'
    return
  fi
  case $status in
    2??)
      if [ "$helper_code" -eq 0 ]; then
        answer=ok
        why=
      else
        why='the connection broke'
      fi
      ;;
    000) why=$(first_line "$control/trouble") ;;
    412)
      answer=taken
      why='something is there already'
      ;;
    501)
      answer=denied
      why='the server cannot do that (HTTP 501)'
      ;;
    408 | 409 | 429 | 5??) why="the server is in trouble (HTTP $status)" ;;
    404 | 410)
      answer=missing
      why="it is not there (HTTP $status)"
      ;;
    *)
      answer=denied
      why="access was refused (HTTP $status)"
      told=$control/body
      [ "$1" = put ] || [ -s "$told" ] || told=$2
      case $(head -c 4096 "$told" 2> /dev/null | tr -d '\000') in
        *[Ee]xpired*)
          answer=expired
          why='its URL has expired'
          ;;
      esac
      ;;
  esac
  [ "$answer" = ok ] || [ "$1" = put ] || rm -f "$2"
  if [ "$answer" = denied ] && manifest_expired; then
    answer=expired
    why='its URL has expired'
  fi
  [ -n "$why" ] || [ "$answer" = ok ] || why='there was no answer'
}

# Programs put the URL into some messages: what follows a question mark is left out.
first_line() {
  sed -n '/[^ ]/{s/?[^ ]*//g;p;q;}' "$1" 2> /dev/null | tr '\000-\037\177' ' ' | head -c 300
}

# cut_out FILE FROM COUNT: a part of it to stdout.
cut_out() {
  tail -c "+$(($2 + 1))" "$1" | head -c "$3"
}

try_local() {
  if ! decode_path "$2"; then
    why='the path of its URL cannot be used'
    return
  fi
  if [ "$1" = get ]; then
    if [ ! -f "$path" ]; then
      answer=missing
      why='it is not there'
      return
    fi
    set -- "$path" "$3"
  else
    mkdir -p "${path%/*}" 2> /dev/null
    set -- "$3" "$path"
  fi
  beside=$2.part
  [ -z "$only_new" ] || beside=$2.$PANDAID.part
  attend cp -- "$1" "$beside" 2> "$control/trouble"
  if [ "$helper_code" -eq 0 ] && settle "$beside" "$2" 2> "$control/trouble"; then
    answer=ok
    why=
    return
  fi
  told=$(first_line "$control/trouble")
  # There may be no space for that either.
  if [ -z "$told" ] && disk_is_full; then told='no space'; fi
  rm -f -- "$beside"
  if [ -n "$only_new" ] && [ -e "$2" ]; then
    answer=taken
    why='something is there already'
    return
  fi
  case $told in
    *[Nn]o\ space* | *quota*)
      answer=full
      why='no space is left on the disk'
      ;;
    *)
      answer=denied
      why='it cannot be read or written'
      ;;
  esac
}

# settle PART FILE: gives what is whole its name.
settle() {
  if [ -n "$only_new" ]; then
    ln -- "$1" "$2" && rm -f -- "$1"
  else
    mv -f -- "$1" "$2"
  fi
}

# The path of a file URL, %XX decoded, into `path`.
decode_path() {
  rest=${1#file://}
  rest=${rest#localhost}
  path=
  case $rest in
    /*) ;;
    *) return 1 ;;
  esac
  while :; do
    case $rest in
      *%*) ;;
      *) break ;;
    esac
    path=$path${rest%%\%*}
    rest=${rest#*%}
    hex=${rest%"${rest#??}"}
    rest=${rest#??}
    case $hex in
      0? | 1? | 7[Ff]) return 1 ;;
      [0-9A-Fa-f][0-9A-Fa-f]) ;;
      *) return 1 ;;
    esac
    # shellcheck disable=SC2059
    path=$path$(printf "\\$(printf '%03o' "0x$hex")")
  done
  path=$path$rest
}

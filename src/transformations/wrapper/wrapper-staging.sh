# Files of the job: tarballs, what the manifest lists, what goes back. The manifest is text of tab-separated fields:
#
#   desc-panda-manifest 1
#   expires  EPOCH_SECONDS
#   get      NAME SIZE ADLER32 SHA256 URL
#   first    URL_TO_GET URL_TO_PUT
#   put      NAME URL
#   live     STREAM NUMBER AFTER_SECONDS URL
#   done     NAME URL
#   second-put, second-live, second-done
#   end
#
# The server runs a job that it lost once more: the first run notes its PandaID, and one that finds another there leaves
# its files where the lines `second-` say, so that none of the first one's is lost.
#
# These names of `put` are of the wrapper, and sent however the job ends: payload.stdout, payload.stderr, wrapper.log,
# pipeline_summary, resources.json. Streams of `live` are stdout and stderr.

tab=$(printf '\t')
expires=
sent_list=
large_inputs=67108864

stage_in() {
  phase=staging
  each_value --source get_tarball "$@"
  [ -z "$manifest_reference" ] || get_staged_files
}

get_tarball() {
  case $1 in
    */*)
      tarball=$control/source.tar.gz
      transfer get "$1" "$tarball" || staging_failed 65 "Could not fetch $(shown_url "$1")"
      ;;
    *) tarball=./$1 ;;
  esac
  gzip -t "$tarball" 2> /dev/null || fail 65 "What came from $(shown_url "$1") is no tarball"
  if ! tar -xzf "$tarball" 2> "$control/trouble"; then
    if disk_is_full; then fail 72 'The disk is full: the tarball could not be unpacked'; fi
    fail 65 "The tarball could not be unpacked: $(first_line "$control/trouble")"
  fi
  rm -f "$tarball"
}

# staging_failed CODE SENTENCE: what the last transfer met, as the exit code that belongs to it.
staging_failed() {
  case $answer in
    expired) fail 73 "$2: $why" ;;
    full) fail 72 "$2: $why" ;;
    *) fail "$1" "$2: $why" ;;
  esac
}

get_staged_files() {
  get_manifest
  check_manifest
  find_attempt
  hide_manifest
  needed=$((total / 1024 + 1024))
  space=$(free_space)
  if [ -n "$space" ] && [ "$space" -lt "$needed" ]; then
    fail 72 "The disk is full: $((space / 1024)) MB are free, the input files need $((needed / 1024 + 1)) MB"
  fi
  # Who waits for long is told why.
  tell=note
  [ "$total" -lt "$large_inputs" ] || tell=say
  [ "$count" -eq 0 ] || "$tell" "Fetching $count files, $((total / 1024)) kB"
  while IFS=$tab read -r kind name size adler sha url <&8; do
    [ "$kind" != get ] || get_input
  done 8< "$manifest"
  [ "$count" -eq 0 ] || "$tell" 'Input files are here and whole'
}

# Counts the inputs, and refuses what is cut, of another version, or leads out of the job's directory.
check_manifest() {
  count=0
  total=0
  seen=
  first_get=
  read -r line < "$manifest" || line=
  [ "$line" = 'desc-panda-manifest 1' ] || fail 64 'The manifest is of no version known here'
  while IFS=$tab read -r kind name size adler sha url; do
    case $kind in
      get)
        is_safe_name "$name" || fail 64 "The manifest names a file that would lie elsewhere: $name"
        is_number "$size" || fail 64 "The manifest gives no size for $name"
        count=$((count + 1))
        total=$((total + size))
        ;;
      put | done | second-put | second-done)
        is_safe_name "$name" || fail 64 "The manifest names a file that would lie elsewhere: $name"
        ;;
      first)
        first_get=$name
        first_put=$size
        ;;
      expires) is_number "$name" && expires=$name ;;
    esac
    seen=$kind
  done < "$manifest"
  [ "$seen" = end ] || fail 64 'The manifest is cut'
}

is_safe_name() {
  case /$1/ in
    *//* | */./* | */../* | /.desc-panda/* | *[[:cntrl:]]*) return 1 ;;
  esac
}

# Leaves in the manifest only what is of this run. Without a PandaID, and where nothing can be noted, it is the first.
find_attempt() {
  if [ -z "$first_get" ] || ! is_number "${PANDAID-}"; then return 0; fi
  first_run=$control/first-run
  own_note=$control/own-note
  printf '%s\n' "$PANDAID" > "$own_note"
  for chance in 1 2 3; do
    if read_first_run || note_first_run; then return 0; fi
  done
  read_first_run || note "Could not note that this is the first run: $why"
}

# What is noted says whose the places of the first run are.
read_first_run() {
  if ! transfer get "$first_get" "$first_run"; then
    [ "$answer" != expired ] || fail 73 "Could not fetch what the job needs: $why"
    return 1
  fi
  read -r known < "$first_run" || known=
  if [ "$known" = "$PANDAID" ] || ! is_number "$known"; then return 0; fi
  note "Job $known ran before: files go beside those of it"
  sed -e "/^put$tab/d" -e "/^live$tab/d" -e "/^done$tab/d" -e 's/^second-//' "$manifest" > "$control/object" &&
    mv -f "$control/object" "$manifest" || fail 72 'The working directory cannot be written to'
}

# Succeeds where this run is the first for certain. Two may begin at once: stores that refuse to write over something let
# one of them only, and show that they refuse when it writes again. With others the last note stays: each waits longer than
# a note can take, and reads what stands there.
note_first_run() {
  write_note new
  case $answer in
    taken) return 1 ;;
    ok)
      write_note new
      [ "$answer" != taken ] || return 0
      ;;
    # Some know no such condition.
    denied) write_note ;;
  esac
  take_a_break "$((4 * pause))"
  return 1
}

# write_note [new]: one try.
write_note() {
  only_new=${1-}
  usual=$longest_transfer
  longest_transfer=8
  try_transfer put "$first_put" "$own_note"
  longest_transfer=$usual
  only_new=
}

manifest_expired() {
  [ -n "$expires" ] && [ "$(date +%s)" -ge "$expires" ]
}

get_input() {
  case $name in
    */*) mkdir -p "./${name%/*}" || fail 72 "No directory could be made for $name" ;;
  esac
  part=$control/part
  for chance in 1 2; do
    transfer get "$url" "$part" || staging_failed 65 "Could not fetch $name"
    if is_whole "$part"; then
      mv -f "$part" "./$name" || fail 72 "Could not write $name"
      return
    fi
    [ "$chance" -eq 2 ] || take_a_break "$pause"
  done
  rm -f "$part"
  fail 66 "$name is not the file that was staged: $why"
}

# Compares a file with `size` and `sha`.
is_whole() {
  found=$(size_of "$1")
  if [ "$found" -ne "$size" ]; then
    why="it has $found bytes, not $size"
    return 1
  fi
  [ "$sha" != - ] || return 0
  found=$(sha256_of "$1")
  [ -n "$found" ] || fail 65 'None of sha256sum, shasum and python3 is on this machine to check the input files with'
  why='its checksum (sha256) is another one'
  [ "$found" = "$sha" ]
}

size_of() {
  echo $(($(wc -c < "$1")))
}

sha256_of() {
  if command -v sha256sum > /dev/null 2>&1; then
    sha256sum < "$1" | cut -d ' ' -f 1
  elif command -v shasum > /dev/null 2>&1; then
    shasum -a 256 < "$1" | cut -d ' ' -f 1
  elif command -v python3 > /dev/null 2>&1; then
    python3 -c '
import hashlib, sys
digest = hashlib.sha256()
for piece in iter(lambda: sys.stdin.buffer.read(1048576), b""):
    digest.update(piece)
print(digest.hexdigest())' < "$1"
  fi
}

# PanDA's own checksum, where there is a python3 to make it.
adler32_of() {
  if command -v python3 > /dev/null 2>&1; then
    python3 -c '
import sys, zlib
value = 1
for piece in iter(lambda: sys.stdin.buffer.read(1048576), b""):
    value = zlib.adler32(piece, value)
print("%08x" % value)' < "$1"
  fi
}

is_log_name() {
  case $1 in
    payload.stdout | payload.stderr | wrapper.log | pipeline_summary | resources.json) return 0 ;;
  esac
  return 1
}

look_for_staged_outputs() {
  [ -n "$manifest_reference" ] || return 0
  while IFS=$tab read -r kind name url; do
    [ "$kind" != put ] || is_log_name "$name" || look_for "$name"
  done < "$manifest"
}

# Sends the outputs of a job that went well, then gives those for the pilot their final names.
stage_out() {
  phase=staging
  if [ -n "$manifest_reference" ]; then
    sending=
    while IFS=$tab read -r kind name url <&8; do
      if [ "$kind" != put ] || is_log_name "$name"; then continue; fi
      [ -n "$sending" ] || note 'Sending the outputs'
      sending=1
      put_file "$name" "$url" "$output_folder/$name" || staging_failed 69 "Could not send the output $name"
    done 8< "$manifest"
  fi
  each_value --output name_output "$@" || fail 69 'An output could not be given its final name'
}

# put_file NAME URL FILE: and notes it for the list of what arrived.
put_file() {
  transfer put "$2" "$3" || return
  adler=$(adler32_of "$3")
  sha=$(sha256_of "$3")
  sent_list="$sent_list${sent_list:+,
  }{\"name\": $(json_text "$1"), \"size\": $(size_of "$3"), \"adler32\": \"${adler:--}\", \"sha256\": \"${sha:--}\"}"
}

# Logs, summary and resources, then the list of all that arrived: its presence means that nothing is missing.
send_last_files() {
  [ -n "$manifest_reference" ] && [ -s "${manifest-}" ] || return 0
  # The site may end us any moment now.
  [ -z "$stopped_by" ] || longest_transfer=20
  done_url=
  while IFS=$tab read -r kind name url <&8; do
    case $kind in
      done) done_url=$url ;;
      put)
        if is_log_name "$name"; then
          log_file "$name"
          # What never ran has printed nothing.
          [ -f "$file" ] || continue
          put_file "$name" "$url" "$file" || say "Could not send $name: $why"
        fi
        ;;
    esac
  done 8< "$manifest"
  [ -n "$done_url" ] || return 0
  printf '{"version": 1, "exitCode": %s, "payloadExitCode": %s, "files": [\n  %s\n]}\n' \
    "$failure" "${payload_code:-null}" "$sent_list" > "$control/manifest.out.json"
  if ! transfer put "$done_url" "$control/manifest.out.json"; then
    printf 'ERROR Could not send the list of outputs: %s\n' "$why" >&2
    [ "$failure" -ne 0 ] || failure=69
  fi
}

log_file() {
  case $1 in
    payload.*) file=$(kept_output "${1#payload.}") ;;
    pipeline_summary) file=$summary ;;
    *) file=$control/$1 ;;
  esac
}

# The manifest of the job's files, by a reference that holds no secret, as everybody can read the words of a job:
#
#   URL[#N]               of the kinds file, http and https
#   secret:KEY:NAME[#N]   its URL is the secret KEY of the job's owner; NAME only tells people which object it is
#
# Without N the object is the manifest. With N, from 1, it holds those of a whole submission: first an index, in it for
# each of them a line of 24 bytes with its offset and its length, both of eleven digits, then the manifests themselves.

manifest_reference=
secrets=

# The secrets that the pilot was given for the job. The file goes at once: the payload has no business with it, and some
# pilots pack it with the log.
take_secrets() {
  [ -e panda_secrets.json ] || return 0
  secrets=$(head -c 16777216 panda_secrets.json 2> /dev/null | tr -d '\000-\037')
  rm -rf panda_secrets.json || fail 72 'The working directory cannot be written to'
}

# Leaves it in the file `manifest`.
get_manifest() {
  manifest=$control/manifest
  manifest_url=$manifest_reference
  manifest_number=
  case $manifest_reference in
    *'#'*)
      manifest_url=${manifest_reference%'#'*}
      manifest_number=${manifest_reference##*'#'}
      case $manifest_number in
        0*) manifest_number= ;;
      esac
      is_number "$manifest_number" || fail 64 'The manifest of the job has no number behind its #'
      ;;
  esac
  case $manifest_url in
    secret:*) find_manifest_url ;;
  esac
  if [ -z "$manifest_number" ]; then
    transfer get "$manifest_url" "$manifest" || manifest_failed
  else
    get_numbered_manifest
  fi
  manifest_url=
}

# A missing one is like one that has expired: it takes signing the URLs again.
find_manifest_url() {
  key=${manifest_url#secret:}
  key=${key%%:*}
  case $key in
    '' | *[!A-Za-z0-9_]*) fail 64 'The manifest of the job is behind a secret without a name' ;;
  esac
  # The text is a flat object, and a URL holds no quotes: between them stand, in turn, names, colons and values.
  manifest_url=$(printf '%s' "$secrets" | tr '"' '\n' | sed -n "/^$key\$/{n;/^ *: *\$/{n;s#\\\\/#/#g;p;};}")
  secrets=
  [ -n "$manifest_url" ] ||
    fail 73 "The pilot gave no secret $key, which leads to the files of the job: it was removed, or is not of the user whose job this is"
}

get_numbered_manifest() {
  whole=
  line=$control/index
  get_part $((24 * (manifest_number - 1))) 24 "$line"
  if [ "$(size_of "$line")" -ne 24 ] || ! grep -q '^[0-9]\{11\} [0-9]\{11\}$' "$line"; then no_such_manifest; fi
  read -r from length < "$line"
  from=${from#"${from%%[!0]*}"}
  length=${length#"${length%%[!0]*}"}
  # It lies behind the index, at least behind its own line.
  [ "${from:-0}" -ge $((24 * manifest_number)) ] || no_such_manifest
  case ${#length} in
    [1-8]) ;;
    *) no_such_manifest ;;
  esac
  get_part "$from" "$length" "$manifest"
  [ "$(size_of "$manifest")" -eq "$length" ] || fail 64 'The manifest is cut'
  rm -f "$line" "$control/object"
}

# get_part FROM COUNT FILE: of the object. A server that knows no ranges sends all of it.
get_part() {
  case $manifest_url in
    file://*)
      decode_path "$manifest_url" && [ -f "$path" ] || fail 65 'Could not fetch the manifest of the job: it is not there'
      whole=$path
      ;;
  esac
  if [ -z "$whole" ]; then
    if ! transfer get "$manifest_url" "$3" "$1" "$2"; then
      [ "$status" != 416 ] || no_such_manifest
      manifest_failed
    fi
    [ "$status" != 206 ] || return 0
    whole=$control/object
    mv -f "$3" "$whole"
  fi
  cut_out "$whole" "$1" "$2" > "$3" || fail 65 'Could not read the manifest of the job'
}

# Keeps it without a name, where that can be: however the wrapper ends, nothing of it is left for whoever packs the
# directory.
hide_manifest() {
  exec 9< "$manifest"
  [ -r "/proc/$$/fd/9" ] || return 0
  rm -f "$manifest" && manifest=/proc/$$/fd/9
}

manifest_failed() {
  staging_failed 65 'Could not fetch the manifest of the job'
}

no_such_manifest() {
  fail 64 "There is no manifest number $manifest_number where the job looks for its own"
}

# What the pilot packs with the log is to hold no URL.
remove_urls() {
  secrets=
  rm -rf panda_secrets.json
  exec 9<&-
  for file in manifest object request trouble body; do rm -f "$control/$file"; done
}

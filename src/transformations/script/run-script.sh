# A script of the user's own. The tarball holds it and `.desc-panda/run`, which knows how to start it.

payload_label='The script'

payload_setup() {
  # Else Python keeps back what it prints, and nobody can follow it.
  PYTHONUNBUFFERED=1
  export PYTHONUNBUFFERED
  [ -x .desc-panda/run ] || fail 64 'The tarball holds no script'
}

payload_run() {
  exec ./.desc-panda/run "$@"
}

# Shell functions that make a machine ready; sourced by the commands beside this folder, run from the checkout.

refuse() {
  echo "$1" >&2
  exit 1
}

may_be_root() {
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

# Runs a command with root's rights; fails where there is no way without a password.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
  else
    return 1
  fi
}

installer() {
  for manager in apt-get dnf apk pacman; do
    if command -v "$manager" >/dev/null; then echo "$manager" && return; fi
  done
  return 1
}

install_words() {
  case "$(installer)" in
    apt-get) echo "apt-get install --no-install-recommends $*" ;;
    dnf) echo "dnf install $*" ;;
    apk) echo "apk add $*" ;;
    pacman) echo "pacman -S --needed $*" ;;
    *) echo "$* (with your package manager)" ;;
  esac
}

# A package that brings a service must not start it: the tests start their own, on their own ports.
without_services() {
  policy=/usr/sbin/policy-rc.d
  if [ -e "$policy" ]; then
    "$@"
    return
  fi
  as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy" || return 1
  outcome=0
  "$@" || outcome=$?
  as_root rm -f "$policy"
  return "$outcome"
}

install_with_apt() {
  as_root apt-get -qq update && without_services as_root apt-get -qq -y install --no-install-recommends "$@"
}

install_packages() {
  may_be_root && installer >/dev/null || return 1
  echo "Installing $* …"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  outcome=0
  case "$(installer)" in
    apt-get) install_with_apt "$@" ;;
    dnf) as_root dnf -q -y install "$@" ;;
    apk) as_root apk add -q "$@" ;;
    pacman) as_root pacman -Sy --noconfirm --needed "$@" ;;
    *) false ;;
  esac >"$log" 2>&1 </dev/null || outcome=1
  if [ "$outcome" != 0 ] && [ "$(id -u)" = 0 ]; then tail -n 5 "$log" >&2; fi
  rm -f "$log"
  return "$outcome"
}

has_program() {
  command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ]
}

find_python() {
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name" && return
    fi
  done
  return 1
}

require_venv_module() {
  if "$1" -c 'import ensurepip, venv' 2>/dev/null; then return; fi
  package=python3-venv
  case "$1" in *python3.*) package="${1##*/}-venv" ;; esac
  install_packages "$package" || true
  "$1" -c 'import ensurepip, venv' 2>/dev/null ||
    refuse "Python's venv module is missing. Install it, then start again: $(install_words "$package")"
}

# Another checkout path or another Python makes a new environment.
make_environment() {
  python=$(find_python) ||
    refuse "Backup Manager needs Python 3.11 or newer. Install it, then start again: $(install_words python3 python3-venv)"
  made_from=$({ pwd && "$python" -V; } | sha256sum)
  if [ "$(cat .venv/made-from 2>/dev/null)" = "$made_from" ] && .venv/bin/python -c '' 2>/dev/null; then return; fi
  require_venv_module "$python"
  echo "Making the virtual environment .venv …"
  rm -rf .venv
  "$python" -m venv .venv && echo "$made_from" >.venv/made-from
}

# require_packages FILE: what FILE pins is installed, checked against its hashes.
require_packages() {
  stamp=".venv/$1.sha256"
  pinned=$(sha256sum <"$1")
  if [ "$(cat "$stamp" 2>/dev/null)" = "$pinned" ]; then return; fi
  echo "Installing what $1 names …"
  if [ ! -w "${HOME:-/nonexistent}" ]; then export PIP_NO_CACHE_DIR=1; fi
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --require-hashes --requirement "$1" ||
    refuse "The packages that $1 names could not be installed. See the lines above, then start again."
  echo "$pinned" >"$stamp"
}

# Every run starts a process of ours, so its modules are compiled once, whatever the environment says of that.
compile_modules() {
  .venv/bin/python -m compileall -q core engines flask_app models storage utils || true
}


# ready FILE…: the environment holds what the files pin. Two commands started together take turns.
ready() {
  (
    flock 9
    make_environment
    for requirements in "$@"; do require_packages "$requirements"; done
    compile_modules
  ) 9>.venv.lock
}

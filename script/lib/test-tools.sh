# The real programs that tests drive; sourced by the commands that run tests.

# They start hundreds of servers and supervisors, and each would compile the whole app anew.
unset PYTHONDONTWRITEBYTECODE

missing_packages() {
  has_program chromium || has_program chromium-browser || has_program google-chrome || echo chromium
  has_program sshd || case "$(installer)" in apk | pacman) echo openssh ;; *) echo openssh-server ;; esac
  has_program setfacl || echo acl
  has_program rg || echo ripgrep
  has_libatomic || case "$(installer)" in apk | dnf) echo libatomic ;; pacman) ;; *) echo libatomic1 ;; esac
  for program in rsync rclone nginx openssl strace; do has_program "$program" || echo "$program"; done
}

# Playwright's driver needs it, and the smallest systems do not have it.
has_libatomic() {
  for library in /lib/libatomic.so.1 /lib64/libatomic.so.1 /lib/*/libatomic.so.1; do
    if [ -e "$library" ]; then return 0; fi
  done
  return 1
}

# A current rclone beside the system's own. Not in .venv/bin: there it would be taken for the one of this machine.
require_current_rclone() {
  (
    flock 9
    install_current_rclone
  ) 9>.venv.lock
}

install_current_rclone() {
  stamp=.venv/tools/rclone.sha256
  pinned=$(sha256sum <requirements-rclone.txt)
  if [ "$(cat "$stamp" 2>/dev/null)" = "$pinned" ] && [ -x .venv/tools/rclone/bin/rclone ]; then return; fi
  echo "Installing what requirements-rclone.txt names …"
  rm -rf .venv/tools/rclone
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target .venv/tools/rclone --require-hashes --requirement requirements-rclone.txt ||
    refuse "rclone could not be installed for the tests. See the lines above, then start again."
  echo "$pinned" >"$stamp"
}

# The same browser without windows is half the work for the processor; where it cannot be had, the other is used.
prefer_headless_shell() {
  if has_program chromium-headless-shell || [ "$(installer)" != apt-get ]; then return; fi
  install_packages chromium-headless-shell || true
}

require_test_tools() {
  prefer_headless_shell
  missing=$(missing_packages | tr '\n' ' ')
  if [ -z "$missing" ]; then return; fi
  # shellcheck disable=SC2086 # a list of words
  install_packages $missing || true
  missing=$(missing_packages | tr '\n' ' ')
  if [ -n "$missing" ]; then refuse "The tests need programs that are missing. Install them: $(install_words "$missing")"; fi
}

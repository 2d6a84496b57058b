# The real programs that tests drive; sourced by the commands that run tests.

missing_packages() {
  has_program chromium || has_program chromium-browser || has_program google-chrome || echo chromium
  has_program sshd || case "$(installer)" in apk | pacman) echo openssh ;; *) echo openssh-server ;; esac
  has_program setfacl || echo acl
  has_program rg || echo ripgrep
  has_libatomic || case "$(installer)" in apk | dnf) echo libatomic ;; pacman) ;; *) echo libatomic1 ;; esac
  for program in rsync rclone nginx strace; do has_program "$program" || echo "$program"; done
}

# Playwright's driver needs it, and the smallest systems do not have it.
has_libatomic() {
  for library in /lib/libatomic.so.1 /lib64/libatomic.so.1 /lib/*/libatomic.so.1; do
    if [ -e "$library" ]; then return 0; fi
  done
  return 1
}

require_test_tools() {
  missing=$(missing_packages | tr '\n' ' ')
  if [ -z "$missing" ]; then return; fi
  # shellcheck disable=SC2086 # a list of words
  install_packages $missing || true
  missing=$(missing_packages | tr '\n' ' ')
  if [ -n "$missing" ]; then refuse "The tests need programs that are missing. Install them: $(install_words "$missing")"; fi
}

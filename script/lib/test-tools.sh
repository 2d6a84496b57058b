# The real programs that tests drive; sourced by the commands that run tests.

missing_packages() {
  has_program chromium || has_program chromium-browser || has_program google-chrome || echo chromium
  has_program sshd || case "$(installer)" in apk | pacman) echo openssh ;; *) echo openssh-server ;; esac
  has_program setfacl || echo acl
  has_program rg || echo ripgrep
  for program in rsync rclone nginx strace; do has_program "$program" || echo "$program"; done
}

require_test_tools() {
  missing=$(missing_packages | tr '\n' ' ')
  if [ -z "$missing" ]; then return; fi
  # shellcheck disable=SC2086 # a list of words
  install_packages $missing || true
  missing=$(missing_packages | tr '\n' ' ')
  if [ -n "$missing" ]; then refuse "The tests need programs that are missing. Install them: $(install_words "$missing")"; fi
}

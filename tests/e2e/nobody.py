"""A server that runs as the user nobody, wherever checkout and interpreter lie; for tests of rights."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.server import ROOT, serving
from tests.e2e.service import Service

# In a mount namespace of its own, folders that nobody may not enter are replaced by empty ones that
# hold only what the server needs. Then rights are given up for good.
_BECOME_NOBODY = """
set -eu
stash=$1; shift
for place in "$@"; do
  [ "$place" = -- ] && break
  mkdir -p "$stash$place"; mount --bind "$place" "$stash$place"
done
for place in "$@"; do
  [ "$place" = -- ] && break
  folder=$place
  while [ "$folder" != / ]; do
    case $(stat -c %A "$folder") in *x|*t) ;; *) mount -t tmpfs -o mode=755 tmpfs "$folder" ;; esac
    folder=$(dirname "$folder")
  done
done
while [ "$1" != -- ]; do
  mkdir -p "$1"; mount --bind "$stash$1" "$1"; shift
done
shift
exec setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs "$@"
"""


def can_become_nobody() -> bool:
    """Root can, unless its root folder is no mount point (a plain chroot): then nothing can be mounted privately."""
    private = ["unshare", "--mount", "true"]
    return os.geteuid() == 0 and subprocess.run(private, check=False, capture_output=True).returncode == 0


@contextmanager
def served_by_nobody() -> Iterator[tuple[Service, Path]]:
    """The service, and a folder of nobody's own in which it may do everything."""
    place = Path(tempfile.mkdtemp(prefix="nobody-"))
    user = pwd.getpwnam("nobody")
    try:
        for folder in (place, place / "data", place / "stash"):
            folder.mkdir(mode=0o755, exist_ok=True)
            os.chown(folder, user.pw_uid, user.pw_gid)
            folder.chmod(0o755)
        needed = dict.fromkeys((str(ROOT), os.path.realpath(sys.base_prefix), sys.base_prefix))
        under = ("unshare", "--mount", "sh", "-c", _BECOME_NOBODY, "sh", str(place / "stash"), *needed, "--")
        with serving(place / "data", environment={"HOME": str(place)}, under=under) as server:
            service = Service(server)
            service.is_there()
            yield service, place
    finally:
        shutil.rmtree(place)

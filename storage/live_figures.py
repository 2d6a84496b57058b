"""The figures that active runs show meanwhile, in memory where there is a tmpfs; not their records."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from models.run import Run
from storage.data_folder import DataFolder, file_system_type
from storage.run_json import encoded, read_json, run_of
from storage.shared_file import replace_file

_REMEMBERED = 1000  # paths of runs
_SHARED_MEMORY = "/dev/shm"  # noqa: S108  # nosec B108 # make_private refuses what others prepared there


class LiveFigures:
    """One file per active run; where it lies is chosen by the run's creator and kept in its folder."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._paths: dict[str, Path] = {}

    def choose(self, job_id: str, run_id: str) -> None:
        """Decide, for all processes, where the new run shows its figures."""
        place = self._folder.run_folder(job_id, run_id)
        chosen = choose_live_folder(self._folder.root) or place
        replace_file(place / "live", os.fsencode(chosen), durable=False)

    def path(self, job_id: str, run_id: str) -> Path:
        known = self._paths.get(run_id)
        if known is None:
            if len(self._paths) > _REMEMBERED:
                self._paths.clear()
            place = self._folder.run_folder(job_id, run_id)
            try:
                chosen = Path(os.fsdecode((place / "live").read_bytes()))
            except OSError:
                return place / "live.json"
            known = self._paths[run_id] = place / "live.json" if chosen == place else chosen / f"{run_id}.json"
        return known

    def write(self, run: Run) -> None:
        """Atomic, not durable."""
        path = self.path(run.job_id, run.id)
        if not path.parent.is_dir():
            make_private(path.parent)
        replace_file(path, encoded(run), durable=False)

    def read(self, job_id: str, run_id: str) -> Run | None:
        return run_of(read_json(self.path(job_id, run_id)))

    def remove(self, job_id: str, run_id: str) -> None:
        with suppress(OSError):
            self.path(job_id, run_id).unlink(missing_ok=True)
        self._paths.pop(run_id, None)


def choose_live_folder(root: Path) -> Path | None:
    """A 0700 folder of ours on tmpfs for this data folder, None where there is no safe one."""
    status = root.stat()
    name = f"backup-manager-{status.st_dev:x}-{status.st_ino:x}-{os.geteuid()}"
    for base in (os.environ.get("XDG_RUNTIME_DIR", ""), "/run", _SHARED_MEMORY):
        # On a disk every new figure would wait for that disk: ext4 writes out what is renamed over a file.
        in_memory = base.startswith("/") and file_system_type(Path(base)) == "tmpfs"
        if in_memory and make_private(Path(base) / name):
            return Path(base) / name
    return None


def make_private(folder: Path) -> bool:
    """Make the folder; False unless it is then a folder that nobody else can have prepared."""
    with suppress(OSError):
        with suppress(FileExistsError):
            folder.mkdir(0o700)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            folder.chmod(0o700)
            return True
    return False

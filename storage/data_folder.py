"""Where everything of the data folder stands, and making the folder fit for use; not what is in the files."""

import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

from models.errors import JobNotFound, RunNotFound, StoreUnavailable
from utils.ids import is_job_id, is_run_id

_REMOTE_TYPES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "fuse.sshfs"})
_ENGINE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class DataFolder(NamedTuple):
    """The data folder at `root`. Names only; nothing is opened before `prepare`."""

    root: Path

    @property
    def jobs_file(self) -> Path:
        return self.root / "jobs.yaml"

    @property
    def jobs_lock(self) -> Path:
        return self.root / "jobs.lock"

    @property
    def jobs_checked(self) -> Path:
        """Which jobs.yaml was last found good (see `checked_mark`)."""
        return self.root / "jobs.checked"

    @property
    def settings_file(self) -> Path:
        return self.root / "settings.yaml"

    @property
    def settings_lock(self) -> Path:
        return self.root / "settings.lock"

    @property
    def config_file(self) -> Path:
        return self.root / "config.yaml"

    @property
    def config_lock(self) -> Path:
        return self.root / "config.lock"

    @property
    def keys(self) -> Path:
        """The ssh keys of our own making."""
        return self.root / "keys"

    @property
    def keys_lock(self) -> Path:
        return self.root / "keys.lock"

    @property
    def settings_changes_file(self) -> Path:
        return self.root / "settings-changes.jsonl"

    @property
    def secrets_file(self) -> Path:
        return self.root / "secrets.yaml"

    @property
    def secrets_lock(self) -> Path:
        return self.root / "secrets.lock"

    @property
    def remotes_lock(self) -> Path:
        """Held while we change rclone.conf, which lies elsewhere."""
        return self.root / "remotes.lock"

    @property
    def secret_key_file(self) -> Path:
        return self.root / "secret_key"

    @property
    def known_hosts(self) -> Path:
        return self.root / "known_hosts"

    @property
    def changes_file(self) -> Path:
        return self.root / "changes.jsonl"

    @property
    def foreign_seen(self) -> Path:
        """Its time says when another program last wrote jobs.yaml."""
        return self.root / "foreign.seen"

    @property
    def figures_lock(self) -> Path:
        """Held by the one process that puts figures into jobs.yaml."""
        return self.root / "figures.lock"

    @property
    def generations(self) -> Path:
        return self.root / "generations"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def active(self) -> Path:
        return self.root / "active"

    @property
    def ended_file(self) -> Path:
        return self.runs / "ended.jsonl"

    @property
    def ledger_file(self) -> Path:
        return self.root / "runs.ledger"

    @property
    def ended_lock(self) -> Path:
        return self.root / "ended.lock"

    @property
    def admission_lock(self) -> Path:
        return self.root / "admission.lock"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def sessions(self) -> Path:
        return self.root / "sessions"

    def job_folder(self, job_id: str) -> Path:
        """`runs/<job id>`; the id is checked before it meets a path."""
        if not is_job_id(job_id):
            raise JobNotFound
        return self.runs / job_id

    def run_folder(self, job_id: str, run_id: str) -> Path:
        """`runs/<job id>/<run id>`; both ids are checked."""
        if not is_run_id(run_id):
            raise RunNotFound
        return self.job_folder(job_id) / run_id

    def scratch_folder(self, job_id: str, run_id: str) -> Path:
        """Where a rehearsal restores to; it goes with the end of the run."""
        return self.run_folder(job_id, run_id) / "scratch"

    def identity_file(self, job_id: str) -> Path:
        """The file systems of the job's last good run."""
        return self.job_folder(job_id) / "identity.json"

    def log_file(self, engine: str, job_id: str) -> Path:
        """The log that the legacy app shows: `logs/<type>_<job id>.log`."""
        if not is_job_id(job_id) or not _ENGINE.fullmatch(engine):
            raise JobNotFound
        return self.logs / f"{engine}_{job_id}.log"

    def prepare(self, allow_network: bool = False) -> None:
        """Create what is missing; `StoreUnavailable` where that, or the file system, will not do.

        Our own folders are 0700 whatever the umask; an existing root and `logs` keep their mode.
        """
        try:
            made = _make_folder(self.root, 0o700)
            self._refuse_network(allow_network)
            for folder in (self.generations, self.runs, self.active, self.sessions):
                _make_folder(folder, 0o700)
                folder.chmod(0o700)
            self._make_logs(made)
        except OSError as error:
            raise StoreUnavailable(
                f"The data folder {self.root} cannot be used: {error.strerror}. "
                "Choose another with BACKUP_MANAGER_DATA_DIR or correct its permissions."
            ) from error

    def unwritable(self) -> str:
        """A sentence if the data folder cannot be written now, "" while it can."""
        try:
            space = os.statvfs(self.root)
        except OSError as error:
            return f"The data folder {self.root} cannot be reached: {error.strerror}."
        if not os.access(self.root, os.W_OK):
            return f"The data folder {self.root} cannot be written: it is read-only."
        if space.f_bavail == 0:
            return f"The data folder {self.root} cannot be written: the disk is full."
        return ""

    def _make_logs(self, private: bool) -> None:
        """`logs` is shared with the legacy app: a new one follows its folder's owner and mode."""
        if not _make_folder(self.logs, 0o700) or private:
            return
        parent = self.root.stat()
        if os.geteuid() == 0:
            os.chown(self.logs, parent.st_uid, parent.st_gid)
        self.logs.chmod(stat.S_IMODE(parent.st_mode) & 0o777 | 0o700)

    def _refuse_network(self, allowed: bool) -> None:
        kind = file_system_type(self.root)
        if kind in _REMOTE_TYPES and not allowed:
            raise StoreUnavailable(
                f"The data folder {self.root} lies on a network file system ({kind}), where locks "
                "and renames are not safe. Choose a local folder with BACKUP_MANAGER_DATA_DIR."
            )


def _make_folder(folder: Path, mode: int) -> bool:
    """Create the folder and its parents; True if it was missing."""
    if folder.is_dir():
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir()
    except FileExistsError:
        if not folder.is_dir():
            raise
        return False
    folder.chmod(mode)
    return True


def file_system_type(path: Path, mounts: str = "") -> str:
    """The type of the file system that holds `path`, "" where the system does not say.

    `mounts` is text in the form of /proc/self/mountinfo (read from there by default).
    """
    place = os.path.realpath(path)
    best, kind = "", ""
    for line in (mounts or _mounts()).splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[4])
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ")[0]
    return kind


def _mounts() -> str:
    try:
        return Path("/proc/self/mountinfo").read_text("utf-8", "replace")
    except OSError:
        return ""

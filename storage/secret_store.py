"""secrets.yaml: what engines need and nobody else may see, by job; never logged, never in argv."""

from typing import Any

from models.errors import StoreBroken
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.map_file import load_map
from storage.shared_file import replace_file
from storage.yaml_scalars import dump_yaml

SHARED = "shared"  # stands in the place of a job's id for what belongs to no single job


class SecretStore:
    """The file is 0600 under any umask and written whole, durable."""

    def __init__(self, folder: DataFolder) -> None:
        self._path = folder.secrets_file
        self._lock = FileLock(folder.secrets_lock)

    def get(self, job_id: str, name: str) -> str:
        """The secret, "" if there is none."""
        value = self._of(self._load(), job_id).get(name, "")
        if not isinstance(value, str):
            raise StoreBroken(f"{self._path.name}: job {job_id}: `{name}` must be text; put it in quotes")
        return value

    def every(self) -> tuple[str, ...]:
        """All secrets of all jobs, for taking them out of what is given away."""
        secrets = self._load()
        return tuple(str(value) for owner in secrets for value in self._of(secrets, owner).values())

    def set(self, job_id: str, name: str, value: str) -> None:
        with self._lock.hold():
            secrets = self._load()
            secrets[job_id] = {**self._of(secrets, job_id), name: value}
            self._save(secrets)

    def forget(self, job_id: str) -> None:
        """Remove all secrets of a job."""
        with self._lock.hold():
            secrets = self._load()
            if secrets.pop(job_id, None) is not None:
                self._save(secrets)

    def _load(self) -> dict[str, Any]:
        return load_map(self._path)[0]

    def _of(self, secrets: dict[str, Any], job_id: str) -> dict[str, Any]:
        found = secrets.get(job_id, {})
        if not isinstance(found, dict):
            raise StoreBroken(f"{self._path.name}: job {job_id}: there must be names and secrets")
        return found

    def _save(self, secrets: dict[str, Any]) -> None:
        replace_file(self._path, dump_yaml(secrets).encode())

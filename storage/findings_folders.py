"""A run's findings gathered by the folder they lie in, for a page that cannot show a million names; not the names."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.findings import Finding, What
from storage.data_folder import DataFolder
from storage.findings import each_finding, folder_of


@dataclass(frozen=True, slots=True)
class FolderTally:
    """The findings of one kind right in one folder; `first` are some of them, `path` has no closing slash."""

    what: What
    path: bytes
    files: int
    bytes: int
    first: tuple[Finding, ...]


def findings_by_folder(
    folder: DataFolder, job_id: str, run_id: str, what: Iterable[What], shown: int
) -> tuple[FolderTally, ...]:
    """Every folder with findings of the kinds `what`, the largest first; `shown` names of each at most."""
    gathered: dict[tuple[What, bytes], list[Finding]] = {}
    files: dict[tuple[What, bytes], int] = {}
    sizes: dict[tuple[What, bytes], int] = {}
    for finding in each_finding(folder, job_id, run_id, what):
        key = finding.what, folder_of(finding.name)
        files[key] = files.get(key, 0) + 1
        sizes[key] = sizes.get(key, 0) + (finding.size or 0)
        if files[key] <= shown:
            gathered.setdefault(key, []).append(finding)
    tallies = [FolderTally(*key, files[key], sizes[key], tuple(first)) for key, first in gathered.items()]
    return tuple(sorted(tallies, key=lambda tally: (-tally.bytes, -tally.files, tally.path)))

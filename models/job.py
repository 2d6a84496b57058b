"""What to do: a definition a person owns. It has no process and no percent of its own."""

from typing import Any, NamedTuple

RSYNC_OPTIONS = (
    "hard_links",
    "acls",
    "xattrs",
    "numeric_ids",
    "one_file_system",
    "compress",
    "sparse",
)
VERIFY_MODES = ("fast", "checksum", "verify_after")
DELETION_MODES = ("verify_then_delete", "per_file")
STATUSES = ("pending", "running", "paused", "completed", "failed")


class SshAccess(NamedTuple):
    """How a remote host is reached; `None` leaves it to ssh's own configuration."""

    port: int | None = None
    key: str | None = None


class JobSettings(NamedTuple):
    """The definition fields under a job's `settings`. `None` means: the global setting.

    `bandwidth_limit` is KiB/s (0 = unlimited); `exclude` and `include` are patterns of the
    engine, in order; `options` names the engine's switches that are on; `stall_minutes` may be
    a fraction. `verify` is one of `VERIFY_MODES`. `delete_source_after` asks for the source's files
    to go once their copy is proven, in one of `DELETION_MODES`; it is carried out only where
    `deletion_confirmed` says that a person agreed, and not in the one run that
    `skip_deletion_this_run` names. `unbuilt` names settings found in the file that this version does not carry out:
    they are shown, and the job refuses to start.
    """

    bandwidth_limit: int | None = None
    enabled: bool = True
    mode: str = "copy"
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    max_retries: int | None = None
    tags: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    ssh: SshAccess = SshAccess()
    list_files: bool = False
    stall_minutes: float = 2.0
    verify: str | None = None
    delete_source_after: bool = False
    deletion_mode: str = "verify_then_delete"
    deletion_confirmed: bool = False
    skip_deletion_this_run: bool = False
    unbuilt: tuple[str, ...] = ()


class Job(NamedTuple):
    """One job of jobs.yaml.

    `source` and `dest` go to the tool as typed. `type` is the engine's name, `status` one of
    `STATUSES` (the legacy words). Times are naive local ISO 8601 text, as the legacy app writes.
    """

    id: str
    name: str
    source: str
    dest: str
    type: str
    status: str = "pending"
    settings: JobSettings = JobSettings()
    created_at: str = ""
    updated_at: str = ""

    @property
    def definition(self) -> "Job":
        """What a person owns of it: without status and time, which every run changes."""
        return self._replace(status="pending", updated_at="")


class JobDraft(NamedTuple):
    """A definition as somebody asks for it, before it is checked against engine and disks.

    `password` is for an rsync daemon: None leaves the stored one as it is, "" forgets it.
    """

    name: str
    type: str
    source: str
    dest: str
    settings: JobSettings = JobSettings()
    password: str | None = None


def job_to_json(job: Job) -> dict[str, Any]:
    """The definition as plain JSON values (for a run's spec)."""
    return job._asdict() | {"settings": job.settings._asdict() | {"ssh": job.settings.ssh._asdict()}}


def job_from_json(record: dict[str, Any]) -> Job:
    """The reverse of `job_to_json`."""
    settings = dict(record["settings"])
    for name in ("exclude", "include", "tags", "options", "unbuilt"):
        settings[name] = tuple(settings[name])
    settings["ssh"] = SshAccess(**settings["ssh"])
    return Job(**{**record, "settings": JobSettings(**settings)})

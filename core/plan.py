"""What a supervisor is given to carry out: the job as it was when it was asked for, and all it depends on."""

from typing import Any, NamedTuple

from engines.base import Context, Tool
from models.job import Job, job_from_json, job_to_json
from storage.log_archive import LogLimits


class Plan(NamedTuple):
    """The contents of spec.json.

    `tries` counts the tries that a network failure may cost, the first included, `stall_seconds` how long silence lasts
    before it is named, `password` the name of the secret that the tool gets by file ("" = none),
    `network_seconds` how often a silent host is asked. `original` is the
    folder that the copy came from, for a job turned around ("" = it is not); `backup_at` is when its last good
    backup began, `began_at` when the restore was first begun that this run carries on ("" = with this run),
    `rehearsed_files` how many files a rehearsal takes.
    """

    job: Job
    tool: Tool
    bandwidth_limit: int = 0
    tries: int = 10
    stall_seconds: float = 120.0
    nice: int = 10
    known_hosts: str = ""
    password_file: str = ""
    large_tree: bool = False
    exact_times: bool = False
    kind: str = "backup"
    verify: str = "fast"
    deletion_mode: str = ""
    selection: str = ""
    overwrite: bool = False
    config_file: str = ""
    network_seconds: float = 30.0
    logs: LogLimits = LogLimits()
    original: str = ""
    backup_at: str = ""
    began_at: str = ""
    rehearsed_files: int = 20

    def context(self, has_partial_files: bool, as_root: bool) -> Context:
        """What the engine needs to build the commands of the next try."""
        return Context(
            tool=self.tool,
            bandwidth_limit=self.bandwidth_limit,
            has_partial_files=has_partial_files,
            known_hosts=self.known_hosts,
            password_file=self.password_file,
            as_root=as_root,
            large_tree=self.large_tree,
            exact_times=self.exact_times,
            kind=self.kind,
            verify=self.verify,
            deletes_source=bool(self.deletion_mode),
            selection=self.selection,
            overwrite=self.overwrite,
            config_file=self.config_file,
        )

    def to_json(self) -> dict[str, Any]:
        inner = {"job": job_to_json(self.job), "tool": self.tool._asdict(), "logs": self.logs._asdict()}
        return self._asdict() | inner

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Plan":
        tool = Tool(**{**record["tool"], "version": tuple(record["tool"]["version"])})
        logs = LogLimits(**record.get("logs", {}))
        return cls(**{**record, "job": job_from_json(record["job"]), "tool": tool, "logs": logs})

"""What each call of the JSON API takes and answers, by its endpoint, for the OpenAPI document; it calls nothing."""

from dataclasses import dataclass, field
from typing import Any, get_args

from core.audit_actions import ACTIONS, GROUPS
from flask_app import answer_shapes as shapes
from flask_app import run_shapes as runs
from flask_app.restore_bodies import RestoreBody
from flask_app.schemas import JobBody, StartBody, Strict
from flask_app.settings_body import GlobalBody
from models.findings import What
from models.settings import Settings

Schema = dict[str, Any]
JSON, YAML, TEXT = "application/json", "application/yaml", "text/plain"
WORD: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 1}
FLAGS = ["0", "1", "false", "true"]
OFFSET: Schema = {"type": "integer", "minimum": 0, "default": 0}
IF_MATCH = ("If-Match", "The job's ETag as it was read: the change is done only while that holds.")
KEY = ("Idempotency-Key", "Chosen by the caller: the same key for the same job begins one run within 24 hours.")
LAST = ("Last-Event-ID", "Repeats what came after that event, or says `reset` where that is not known any more.")
JOBS: Schema = {"type": "object", "properties": {"jobs": {"type": "array"}}}
EVENT: Schema = {
    "type": "object",
    "properties": {
        "id": WORD,
        "event": {"enum": ["job_update", "jobs_progress", "job_finished", "jobs_changed", "log_lines", "reset"]},
        "data": {"type": "string", "description": "JSON"},
    },
}
# What any call may be answered, whatever it does.
ALWAYS = {
    400: "The request could not be understood, or names another host than this server",
    401: "Who asks is not known",
    403: "Who asks may not do this, or the request came from another site",
    413: "The body is larger than 1 MB",
    429: "Asked too often: wait a little",
    503: "The data folder cannot be written, or too much is open at once",
}
_JOB, _RUN = "Jobs", "Runs"


@dataclass(frozen=True, slots=True)
class Operation:
    """`answer` is the type of `data` (None: there is none, or no JSON), `more` what stands beside it.

    `text` is what a body or an answer that is no JSON holds; of a stream: what each of its events holds.
    `refusals` are the statuses that this call adds to those that any call may answer.
    """

    group: str
    summary: str
    answer: Any = None
    status: int = 200
    body: type[Strict] | str | None = None
    query: dict[str, Schema] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    answered: dict[str, str] = field(default_factory=dict)
    more: dict[str, Schema] = field(default_factory=dict)
    media: str = JSON
    text: Schema = field(default_factory=lambda: WORD)
    refusals: tuple[int, ...] = (404,)


_TAG = {"ETag": "Stands for the definition; runs do not change it."}
_PAGES = {"total": OFFSET, "page": NUMBER, "per_page": NUMBER}
_BEGIN = (404, 409, 422)

OPERATIONS: dict[str, Operation] = {
    "api.list_jobs": Operation(
        _JOB, "List the jobs", list[shapes.JobAnswer], more=_PAGES, refusals=(422,),
        query={"status": WORD, "type": WORD, "tag": WORD, "search": WORD, "page": NUMBER,
               "per_page": NUMBER | {"maximum": 500, "default": 50}},
    ),
    "api.create_job": Operation(
        _JOB, "Create a job", shapes.JobAnswer, 201, JobBody, answered=_TAG, refusals=(409, 415, 422)
    ),
    "api.show_job": Operation(_JOB, "Show a job", shapes.JobAnswer, answered=_TAG),
    "api.replace_job": Operation(
        _JOB, "Replace a job's definition", shapes.JobAnswer, body=JobBody, headers=(IF_MATCH,), answered=_TAG,
        refusals=(404, 409, 412, 415, 422),
    ),
    "api.change_job": Operation(
        _JOB, "Change what is named of a job; settings are merged by key", shapes.JobAnswer, body=JobBody,
        headers=(IF_MATCH,), answered=_TAG, refusals=(404, 409, 412, 415, 422),
    ),
    "api.delete_job": Operation(
        _JOB, "Delete a job and its history, and none of its files", status=204, headers=(IF_MATCH,),
        refusals=(404, 409, 412),
    ),
    "api.start": Operation(
        _JOB, "Start or carry on a job", runs.Started, 202, StartBody, headers=(KEY,),
        answered={"Idempotency-Replayed": "`true` where an earlier request with this key began the run."},
        refusals=(404, 409, 415, 422),
    ),
    "api.preview": Operation(_JOB, "Find out what a run would copy", runs.Started, 202, Strict, refusals=_BEGIN),
    "api.verify": Operation(_JOB, "Compare the copy with the source", runs.Started, 202, Strict, refusals=_BEGIN),
    "api.pause": Operation(_JOB, "Pause the job's run", runs.Started, 202, refusals=(404, 409)),
    "api.cancel": Operation(_JOB, "Take the job's run out of the queue", runs.Started, 202, refusals=(404, 409)),
    "restore_api.browse": Operation(
        _JOB, "Look into a folder of the copy", shapes.Folder, refusals=_BEGIN,
        query={"folder": WORD, "token": WORD, "page": NUMBER, "accept_identity": {"enum": FLAGS}},
    ),
    "restore_api.restore": Operation(_JOB, "Restore from the copy", runs.Started, 202, RestoreBody, refusals=_BEGIN),
    "restore_api.rehearse": Operation(
        _JOB, "Restore a few files for a test and remove them again", runs.Started, 202, StartBody, refusals=_BEGIN
    ),
    "api.list_runs": Operation(
        _RUN, "List a job's runs, newest first", list[runs.RunAnswer], refusals=(404, 422),
        query={"limit": NUMBER | {"maximum": 500, "default": 50}, "before": WORD},
    ),
    "restore_api.resume": Operation(
        _RUN, "Carry on a restore that was stopped", runs.Started, 202, StartBody, refusals=_BEGIN
    ),
    "retries_api.retry_by_script": Operation(
        _RUN, "Copy only what this run left out", runs.Started, 202, StartBody, refusals=_BEGIN
    ),
    "api.show_run": Operation(_RUN, "Show a run", runs.RunAnswer),
    "api.show_log": Operation(
        _RUN, "Read a run's log from a byte on", media=TEXT, query={"offset": OFFSET},
        answered={"X-Next-Offset": "Where to go on."}, refusals=(404, 422),
    ),
    "api.show_findings": Operation(
        _RUN, "List what a run found out about single files", list[runs.FindingAnswer], refusals=(404, 422),
        query={"what": {"enum": ["", *get_args(What)]}, "search": WORD, "offset": OFFSET,
               "limit": NUMBER | {"maximum": 500, "default": 100}},
        more={"total": OFFSET, "offset": OFFSET, "next_offset": {"type": ["integer", "null"]}},
    ),
    "api.stats": Operation("Installation", "Show the dashboard's figures", shapes.Stats, refusals=()),
    "api.tools": Operation("Installation", "List the tools", list[shapes.ToolAnswer], refusals=()),
    "settings_api.show": Operation("Installation", "Show the global settings", Settings, refusals=()),
    "settings_api.save": Operation(
        "Installation", "Change the global settings that are named", Settings, body=GlobalBody,
        refusals=(409, 415, 422),
    ),
    "audit_api.list_records": Operation(
        "Installation", "List who did what, newest first", list[shapes.AuditAnswer], refusals=(422, 503),
        query={"account": WORD, "action": {"enum": ["", *ACTIONS, *GROUPS]},
               "outcome": {"enum": ["", "done", "refused", "failed"]},
               "since": WORD, "until": WORD, "before": WORD, "limit": NUMBER | {"maximum": 500, "default": 50}},
        more={"older": {"type": ["string", "null"]}},
    ),
    "remotes_api.list_remotes": Operation(
        "Installation", "List the remotes of rclone.conf, without secrets", list[shapes.RemoteAnswer], refusals=(409,)
    ),
    "remotes_api.test_remote": Operation(
        "Installation", "Ask a remote whether it answers", shapes.RemoteTest, refusals=(404, 409)
    ),
    "events.events": Operation(
        "Events", "Follow the live events as a stream; job_id, once or more, follows single jobs",
        media="text/event-stream", text=EVENT, query={"job_id": WORD}, headers=(LAST,), refusals=(404, 422),
    ),
    "transfer.export": Operation("Many jobs", "Take all jobs out as YAML", media=YAML, text=JOBS, refusals=()),
    "transfer.take_in": Operation(
        "Many jobs", "Take in the jobs of a file, all or none", shapes.Imported, 201, YAML, text=JOBS,
        query={"dry_run": {"enum": FLAGS}}, refusals=(409, 415, 422),
    ),
}  # fmt: skip

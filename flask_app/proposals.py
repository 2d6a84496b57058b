"""Jobs of a file as proposals: what each would become, and what is wrong with it for the API; it makes none."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from core.imports import Imports, Twin
from flask_app.schemas import JobBody, editable_settings, parsed
from models.errors import InvalidInput
from models.job import Job, JobDraft
from storage.file_problem import Unreadable
from storage.shared_jobs import Listed, read_shared_jobs

MOST = 1_000
_TWIN = "There is a job with this name, source and destination already."
_FIELD = re.compile(r"`([^`]*)`")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One job of the file. `fields` is what is wrong with it: then it cannot be created, and may have no draft."""

    listed: Listed
    draft: JobDraft | None = None
    fields: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def answer(self, job: Job | None = None) -> dict[str, Any]:
        """As the API tells it; `job` is what it became."""
        draft = self.draft
        return {
            "line": self.listed.line,
            "name": self.listed.name,
            "id": job.id if job else None,
            "type": draft.type if draft else None,
            "source": draft.source if draft else None,
            "dest": draft.dest if draft else None,
            "settings": editable_settings(draft.settings) if draft else None,
            "fields": self.fields,
            "not_understood": {_field(sentence): sentence for sentence in self.listed.left_out},
            "warnings": list(self.warnings),
        }


def proposals(content: bytes, imports: Imports, breathe: Callable[[], None]) -> tuple[Proposal, ...]:
    """What the file asks for, in its order; `InvalidInput` where it is no file of jobs, or has none or too many."""
    try:
        listed = read_shared_jobs(content, breathe)
    except Unreadable as error:
        raise InvalidInput({"body": _sentence(error.line, error.reason)}) from error
    if not 1 <= len(listed) <= MOST:
        raise InvalidInput({"body": f"There are {len(listed):,} jobs in this file. From 1 to {MOST:,} are taken in."})
    present = imports.present()
    found = [_proposal(one, present) for one in listed]
    problems = iter(imports.problems([proposal.draft for proposal in found if proposal.draft]))
    return tuple(replace(proposal, fields=next(problems)) if proposal.draft else proposal for proposal in found)


def _proposal(listed: Listed, present: set[Twin]) -> Proposal:
    """What it would become, or why nothing; how it stands with this machine is not looked at."""
    if listed.draft is None:
        return Proposal(listed, fields={_field(listed.reason): _sentence(listed.line, listed.reason)})
    try:
        draft = _by_the_rules(listed.draft)
    except InvalidInput as error:
        return Proposal(listed, fields=error.fields)
    twin = (draft.name, draft.source, draft.dest)
    warnings = (_TWIN,) if twin in present else ()
    present.add(twin)
    return Proposal(listed, draft, warnings=warnings)


def _by_the_rules(draft: JobDraft) -> JobDraft:
    """The draft as POST /jobs would take it; `InvalidInput` where it would not."""
    values = {name: getattr(draft, name) for name in ("name", "type", "source", "dest")}
    return parsed(JobBody, values | {"settings": editable_settings(draft.settings)}).draft()


def accepted(found: tuple[Proposal, ...]) -> tuple[JobDraft, ...]:
    """The drafts, if nothing is wrong with any; else `InvalidInput` with `jobs.<number from 0>.<field>`."""
    wrong = {
        f"jobs.{number}.{name}": sentence
        for number, proposal in enumerate(found)
        for name, sentence in proposal.fields.items()
    }
    if wrong:
        raise Unfit(wrong, sum(1 for proposal in found if proposal.fields), len(found))
    return tuple(proposal.draft for proposal in found if proposal.draft)


class Unfit(InvalidInput):
    """Some jobs of the file cannot be created."""

    def __init__(self, fields: dict[str, str], wrong: int, total: int) -> None:
        super().__init__(fields)
        subject = "The one job" if total == 1 else f"{wrong:,} of the {total:,} jobs"
        self.message = f"{subject} in this file cannot be created as it stands, so none was. `fields` says why."


def _field(sentence: str) -> str:
    """The name that a sentence is about: it stands in it first, as `name`."""
    found = _FIELD.search(sentence)
    return found[1] if found else "body"


def _sentence(line: int | None, reason: str) -> str:
    return f"{'' if line is None else f'Line {line}: '}{reason}."

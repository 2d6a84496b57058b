"""The tag of a job's definition, and what a caller demands of it; status and figures have none."""

import hashlib
import json

from flask import Response, request

from models.errors import JobChanged
from models.job import Job, job_to_json


def tag_of(job: Job) -> str:
    """The same for the same definition, in every process."""
    text = json.dumps(job_to_json(job.definition), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def tagged(answer: Response, job: Job) -> Response:
    answer.set_etag(tag_of(job))
    return answer


def expected(job: Job) -> Job | None:
    """The job as it must still be when it is changed; None where the caller does not care. `JobChanged`."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    if not request.if_match.contains(tag_of(job)):
        raise JobChanged
    return job

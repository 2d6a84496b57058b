"""A record of the audit log in words for its page; the words of actions stand with them in the core."""

from typing import NamedTuple

from core.audit_actions import action_words
from flask_app.utils.audit_filters import LOOKS
from flask_app.utils.container import services
from flask_app.utils.looks import Look
from models.audit import AuditRecord
from utils.ids import is_run_id
from utils.text import plural

_WAYS = {
    "": "nobody",
    "open": "no account needed",
    "session": "browser",
    "proxy": "by the proxy",
    "command line": "command line",
    "service": "the server",
}


class Said(NamedTuple):
    """`others` says how many attempts before it are not listed, `page` leads to its run or job while that is there."""

    record: AuditRecord
    action: str
    look: Look
    who: str
    way: str
    names: str
    others: str
    page: str


def said_of(record: AuditRecord) -> Said:
    return Said(
        record,
        action_words(record.action),
        LOOKS.get(record.outcome, LOOKS["failed"]),
        _who(record),
        _way(record),
        ", ".join(record.names),
        _others(record),
        _page(record),
    )


def _page(record: AuditRecord) -> str:
    if record.job_id not in services().jobs.snapshot().jobs:
        return ""
    return f"/jobs/{record.job_id}" + (f"/runs/{record.run_id}" if is_run_id(record.run_id) else "")


def _who(record: AuditRecord) -> str:
    """`anna, operator`, or how somebody without an account came."""
    if not record.account:
        return _WAYS.get(record.via, record.via).capitalize()
    return f"{record.account}, {record.role}" if record.role else record.account


def _way(record: AuditRecord) -> str:
    """`browser, 192.0.2.7`; what `who` says already is not said again."""
    way = _WAYS.get(record.via, record.via.replace("token:", "token ", 1)) if record.account else ""
    return ", ".join(filter(None, [way, record.address]))


def _others(record: AuditRecord) -> str:
    if not record.left_out:
        return ""
    if record.action == "audit.lost":
        return f"{plural(record.left_out, 'record')} could not be written"
    return f"{plural(record.left_out, 'refused attempt')} before this one not listed"

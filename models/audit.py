"""A line of the audit log: who did what, from where, and what came of it; it never holds the value of a setting."""

from typing import Any, Literal, NamedTuple

from utils.clock import parse_utc

Outcome = Literal["done", "refused", "failed"]


class AuditRecord(NamedTuple):
    """`at` is UTC text; "" and None are "not known" or "does not apply".

    `via` is how they came: `session`, `token:NAME`, `proxy`, `open` (no account was needed),
    `command line`, or `service` for what the server did by itself. `asked` is the method and the
    pattern of the address, or the command. `names` are what it was about besides: settings, remotes,
    keys. `left_out` says how many refused attempts before this one are not listed.
    """

    at: str
    action: str
    outcome: Outcome = "done"
    code: str = ""
    status: int | None = None
    account: str = ""
    role: str = ""
    via: str = ""
    address: str = ""
    asked: str = ""
    job_id: str = ""
    job_name: str = ""
    run_id: str = ""
    names: tuple[str, ...] = ()
    left_out: int = 0


_TEXTS = tuple(name for name in AuditRecord._fields if name not in {"status", "names", "left_out"})


def audit_to_json(record: AuditRecord) -> dict[str, Any]:
    """Every field, in order."""
    return record._asdict() | {"names": list(record.names)}


def audit_from_json(record: dict[str, Any]) -> AuditRecord:
    """The reverse, of what is known of it; ValueError or TypeError for what is no record."""
    known = {name: record[name] for name in AuditRecord._fields if name in record}
    found = AuditRecord(**known | {"names": tuple(map(str, known.get("names", ())))})
    if not all(isinstance(getattr(found, name), str) for name in _TEXTS) or type(found.left_out) is not int:
        raise TypeError
    parse_utc(found.at)
    return found

"""What is asked of the audit log: on its page, in the address and back, and by scripts; it finds no records."""

from collections.abc import Mapping
from datetime import UTC, datetime

from core.audit_actions import ACTIONS, GROUPS, WORDS, is_action
from flask_app.utils.days import typed_days
from flask_app.utils.list_filters import NO_CHOICE, ListFilters, typed
from flask_app.utils.looks import Look
from models.errors import InvalidInput
from storage.audit_reading import Wanted, place_of
from utils.clock import utc_text

NAMES = ("account", "action", "outcome", "from", "to")
LOOKS = {
    "done": Look("Done", "check", "neutral"),
    "refused": Look("Refused", "circle-off", "warn"),
    "failed": Look("Failed", "octagon-x", "error"),
}
CHOICES = {
    name: {group: f"All about {name}"} | {action: WORDS[action] for action in ACTIONS if action.startswith(group)}
    for group, name in GROUPS.items()
}
_BY_SCRIPT = ("account", "action", "outcome", "since", "until", "before")
_NO_MOMENT = "This is no moment. Write it like 2026-11-21 or 2026-11-21T07:02:04Z."
_NO_CURSOR = "This is not what an earlier answer gave for older records."


def read_audit_filters(arguments: Mapping[str, str]) -> ListFilters[Wanted]:
    asked = typed(arguments, NAMES)
    errors = _choices(asked["action"], asked["outcome"])
    first, end = typed_days(asked, errors)
    times = (utc_text(first) if first else "", utc_text(end) if end else "")
    wanted = Wanted(asked["account"], asked["action"], asked["outcome"], *times)
    return ListFilters("/settings/audit", asked, wanted, errors)


def wanted_by_script(arguments: Mapping[str, str]) -> Wanted:
    """From `account`, `action`, `outcome`, `since` and `until`; `InvalidInput`."""
    asked = {name: arguments.get(name, "")[:200] for name in _BY_SCRIPT}
    errors = _choices(asked["action"], asked["outcome"])
    since, until = (_moment(asked[name], name, errors) for name in ("since", "until"))
    if asked["before"] and not place_of(asked["before"]):
        errors["before"] = _NO_CURSOR
    if errors:
        raise InvalidInput(errors)
    return Wanted(asked["account"], asked["action"], asked["outcome"], since, until)


def _choices(action: str, outcome: str) -> dict[str, str]:
    errors = {} if not action or is_action(action) else {"action": NO_CHOICE}
    return errors if outcome in ("", *LOOKS) else errors | {"outcome": NO_CHOICE}


def _moment(text: str, name: str, errors: dict[str, str]) -> str:
    """As UTC text; what names no zone is UTC."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        moment = None
    if text and (moment is None or not 1971 <= moment.year <= 9000):
        errors[name] = _NO_MOMENT
    elif moment:
        return utc_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return ""

"""Actions on many jobs at once: who may ask for each, and sentences about what came of it."""

from core.bulk import BulkResult, Refused
from flask_app.roles import ADMINISTRATOR, OPERATOR
from flask_app.utils.htmx_helpers import Toast
from utils.text import plural, visible

_NAMED = 5
BULK_NEEDS = {"start": OPERATOR, "pause": OPERATOR} | dict.fromkeys(
    ("enable", "disable", "tag", "add_tag", "remove_tag", "delete"), ADMINISTRATOR
)
_DONE = {
    "start": "started",
    "pause": "told to stop",
    "enable": "enabled",
    "disable": "disabled",
    "delete": "deleted",
    "add_tag": "tagged",
    "remove_tag": "without the tag now",
}
_STAYS = {"delete": "The backed-up files are untouched.", "pause": "What is copied is kept."}


def told(action: str, result: BulkResult) -> Toast:
    """`12 jobs started, 1 refused`, with the reasons."""
    fact = f"{plural(result.done, 'job')} {_DONE[action]}"
    if not result.refused:
        return Toast(fact, _STAYS.get(action, ""))
    return Toast(f"{fact}, {len(result.refused)} refused", refusals(result.refused), "warn")


def refusals(refused: tuple[Refused, ...]) -> str:
    """`Photos, Mail: This job is already running.`, for each reason."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in refused:
        by_reason.setdefault(reason, []).append(visible(name) if name else "unknown job")
    return " ".join(f"{_names(names)}: {reason}" for reason, names in by_reason.items())


def _names(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")

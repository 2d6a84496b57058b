"""What a person has chosen on the page of runs: read from the address and written back into it; finds no runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.past_runs import Wanted
from flask_app.utils.days import typed_days
from flask_app.utils.kinds import KINDS
from flask_app.utils.looks import RUN_LOOKS
from flask_app.utils.spans import address_of, recent_days, span_words
from models.run import ENDED, RunState

NAMES = ("search", "job_id", "state", "kind", "engine", "from", "to")
STATES = {state.value: RUN_LOOKS[state.value].word for state in RunState if state in ENDED}
RUN_KINDS = {name: "Backup" if name == "backup" else kind.name for name, kind in KINDS.items()}
DAYS = (1, 7, 30, 365)
_NO_CHOICE = "There is no such choice."


@dataclass(frozen=True)
class RunFilters:
    """`asked` as it stands in the address, by name; `errors` are sentences by name."""

    asked: Mapping[str, str]
    wanted: Wanted
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_any(self) -> bool:
        return any(self.asked.values())

    def address(self, path: str = "/logs/runs", **more: str) -> str:
        """The address of these filters and of `more`, in its shortest form."""
        return address_of(path, {**self.asked, **more})

    @property
    def days_words(self) -> str:
        return span_words(self.asked["from"], self.asked["to"], recent_days(*DAYS))


def read_run_filters(arguments: Mapping[str, str]) -> RunFilters:
    asked = {name: arguments.get(name, "")[:200].strip() for name in NAMES}
    errors = {
        name: _NO_CHOICE for name, known in (("state", STATES), ("kind", RUN_KINDS)) if asked[name] not in ("", *known)
    }
    first, end = typed_days(asked, errors)
    wanted = Wanted(
        asked["search"],
        asked["job_id"],
        asked["state"],
        asked["kind"],
        asked["engine"],
        _ms(first) if first else 0,
        _ms(end) if end else Wanted().until,
    )
    return RunFilters(asked, wanted, errors)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)

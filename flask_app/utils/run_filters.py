"""What a person has chosen on the page of runs: read from the address and written back into it; finds no runs."""

from collections.abc import Mapping
from datetime import datetime

from core.past_runs import Wanted
from flask_app.utils.days import typed_days
from flask_app.utils.kinds import KINDS
from flask_app.utils.list_filters import NO_CHOICE, ListFilters, typed
from flask_app.utils.looks import RUN_LOOKS
from models.run import ENDED, RunState

NAMES = ("search", "job_id", "state", "kind", "engine", "from", "to")
STATES = {state.value: RUN_LOOKS[state.value].word for state in RunState if state in ENDED}
RUN_KINDS = {name: "Backup" if name == "backup" else kind.name for name, kind in KINDS.items()}


def read_run_filters(arguments: Mapping[str, str]) -> ListFilters[Wanted]:
    asked = typed(arguments, NAMES)
    errors = {
        name: NO_CHOICE for name, known in (("state", STATES), ("kind", RUN_KINDS)) if asked[name] not in ("", *known)
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
    return ListFilters("/logs/runs", asked, wanted, errors)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)

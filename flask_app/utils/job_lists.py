"""What is asked of the list of jobs, as it stands in the address; the jobs themselves are found elsewhere."""

from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from flask import request

from core.views import Page
from flask_app.utils.container import services

SORTS = {"name": "name", "state": "state", "updated": "last run"}
FILTERS = {"": "All", "attention": "Attention", "active": "Active", "protected": "Protected"}
MOST_TAGS = 40  # in the menu; what is beyond is found by the search
_LONGEST = 200
_NAMES = ("search", "state", "engine", "tag", "sort")
_DEFAULTS = {"sort": "name", "page": 1, "revision": "", "select": ""}


class Wanted(NamedTuple):
    """The filters; "" asks for nothing. `state` is a filter's name or a state's word."""

    search: str = ""
    state: str = ""
    engine: str = ""
    tag: str = ""
    sort: str = "name"
    page: int = 1


Address = Callable[..., str]


def wanted() -> Wanted:
    """The filters of this request; what makes no sense counts as not asked."""
    search, state, engine, tag, sort = (request.args.get(name, "")[:_LONGEST] for name in _NAMES)
    page = max(1, request.args.get("page", 1, type=int))
    return Wanted(search, state, engine, tag, sort if sort in SORTS else "name", page)


def page_of_jobs(asked: Wanted) -> Page:
    return services().queries.job_views(**asked._asdict())


def address_of(asked: Wanted) -> Address:
    """Makes addresses of the same list with other filters: `address(state="active")`; the page is 1 unless given."""
    kept = {name: getattr(asked, name) for name in _NAMES}

    def address(**changes: str | int) -> str:
        return "/jobs/" + _query({**kept, **changes})

    return address


def _query(values: Mapping[str, str | int]) -> str:
    told = {name: value for name, value in values.items() if value != _DEFAULTS.get(name, "")}
    return f"?{urlencode(told)}" if told else ""


def back_to_list(query: str, select: str = "") -> str:
    """The list as a form remembers it; nothing but its own filters is taken over."""
    known = (*_NAMES, "page")
    kept = {name: value[:_LONGEST] for name, value in parse_qsl(query) if name in known}
    return "/jobs/" + _query({**kept, "select": select})


class Filter(NamedTuple):
    """A menu of the list: its word, what is chosen of it, and what there is to choose (value → word)."""

    name: str
    word: str
    chosen: str
    choices: Mapping[str, str]


def filters_of(asked: Wanted, page: Page) -> tuple[Filter, ...]:
    """The menus that make sense here: an engine to choose needs two of them."""
    found = [Filter("sort", "Sort", asked.sort, {name: f"by {word}" for name, word in SORTS.items()})]
    if page.tags or asked.tag:
        tags = dict.fromkeys((*filter(None, [asked.tag]), *page.tags[:MOST_TAGS]))
        found.insert(0, Filter("tag", "Tag", asked.tag, {"": "All tags"} | {tag: tag for tag in tags}))
    if len(page.engines) > 1 or asked.engine:
        engines = {name: name for name in (*page.engines, asked.engine) if name}
        found.insert(0, Filter("engine", "Engine", asked.engine, {"": "All engines"} | engines))
    return tuple(found)

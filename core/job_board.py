"""The views of all jobs with what lists need of them, each put together anew only when something of it changed."""

from collections.abc import Callable, Collection, Mapping
from operator import attrgetter
from typing import NamedTuple

from core.views import JobView
from models.job import Job


class Card(NamedTuple):
    """A view, and what it is counted, found and sorted by. What needs attention is not counted as protected."""

    view: JobView
    word: str
    needs_attention: bool
    is_protected: bool
    places: str  # case-folded: what a search looks through
    name: tuple[str, str]
    updated: str
    state: tuple[object, ...]

    def matches(self, search: str, state: str, engine: str, tag: str = "") -> bool:
        """`search` is case-folded; `state` a filter name or a state's word; "" asks for nothing."""
        if engine and self.view.job.type != engine:
            return False
        if tag and tag not in self.view.job.settings.tags:
            return False
        if search and search not in self.places:
            return False
        if state in ("", "all"):
            return True
        if state == "attention":
            return self.needs_attention
        if state == "active":
            return self.view.active is not None
        if state == "protected":
            return self.is_protected
        return state in (self.word, self.view.job.status)


class JobBoard:
    """Kept by `Queries`; `build` puts one view together. `counts` are for the filters."""

    def __init__(self, build: Callable[[Job], JobView]) -> None:
        self._build = build
        self._jobs: Mapping[str, Job] = {}
        self._orders: dict[str, list[Card]] = {}
        self._choices: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self.cards: dict[str, Card] = {}
        self.counts = {"all": 0, "attention": 0, "active": 0, "protected": 0}
        self.last_good_at = ""
        self.never_run = 0

    def update(self, jobs: Mapping[str, Job], changed: Collection[str]) -> None:
        """Take in other definitions, and jobs of which something else changed: all of it, or nothing if one fails."""
        before = cards = self.cards
        if jobs is not self._jobs:
            cards = {job_id: self._kept(before.get(job_id), job) for job_id, job in jobs.items()}
        elif changed:
            cards = dict(before)
        for job_id in changed:
            if job_id in jobs and cards[job_id] is before.get(job_id):
                cards[job_id] = self._card(jobs[job_id])
        if cards is not before:
            self._jobs, self.cards = jobs, cards
            self._count()

    def _kept(self, card: Card | None, job: Job) -> Card:
        return card if card is not None and card.view.job is job else self._card(job)

    def _card(self, job: Job) -> Card:
        view = self._build(job)
        name = (job.name.casefold(), job.id)
        needs_attention = view.needs_attention
        is_protected = view.is_protected and not needs_attention
        rank = 0 if needs_attention else 1 if view.active else 2 if not is_protected else 3
        return Card(
            view=view,
            word=view.state,
            needs_attention=needs_attention,
            is_protected=is_protected,
            places="\0".join((job.name, job.source, job.dest, *job.settings.tags)).casefold(),
            name=name,
            updated=_last_run(view),
            state=(rank, *name),
        )

    def _count(self) -> None:
        cards = self.cards.values()
        self._orders, self._choices = {}, None
        self.never_run = sum(card.word == "never_run" for card in cards)
        self.last_good_at = max((card.view.last_good.ended_at for card in cards if card.view.last_good), default="")
        self.counts = {
            "all": len(cards),
            "attention": sum(card.needs_attention for card in cards),
            "active": sum(card.view.active is not None for card in cards),
            "protected": sum(card.is_protected for card in cards),
        }

    def sorted(self, sort: str) -> list[Card]:
        """All cards by "name", "state" or "updated" (the newest first)."""
        known = self._orders.get(sort)
        if known is None and sort == "updated":
            known = sorted(self.sorted("name"), key=attrgetter(sort), reverse=True)
        elif known is None:
            known = sorted(self.cards.values(), key=attrgetter(sort if sort == "state" else "name"))
        self._orders[sort] = known
        return known

    def choices(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The engines and the tags that there are, in the order of the alphabet."""
        if self._choices is None:
            engines, tags = set[str](), set[str]()
            for job in self._jobs.values():
                engines.add(job.type)
                tags.update(job.settings.tags)
            self._choices = tuple(sorted(engines)), tuple(sorted(tags, key=lambda tag: (tag.casefold(), tag)))
        return self._choices


def _last_run(view: JobView) -> str:
    """When the job last ran, to be sorted by; what runs now is the newest of all, and what never ran the oldest."""
    if view.active:
        return f"~{view.active.started_at}"
    return view.last.ended_at if view.last else ""

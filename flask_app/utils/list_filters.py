"""What a person has chosen of a list that goes back in time, as it stands in the address; finds no rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from flask_app.utils.spans import Choices, address_of, recent_days, span_words

_DAYS = (1, 7, 30, 365)
NO_CHOICE = "There is no such choice."
Wanted = TypeVar("Wanted")


@dataclass(frozen=True)
class ListFilters(Generic[Wanted]):
    """`path` is the list's page; `asked` are the typed texts by name, `from` and `to` among them; `wanted` is what
    finds the rows; `errors` are sentences by name."""

    path: str
    asked: Mapping[str, str]
    wanted: Wanted
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_any(self) -> bool:
        return any(self.asked.values())

    def address(self, path: str = "", **more: str) -> str:
        """The address of these filters and of `more`, in its shortest form; `path` is another page than the list's."""
        return address_of(path or self.path, {**self.asked, **more})

    @property
    def recent(self) -> Choices:
        return recent_days(*_DAYS)

    @property
    def days_words(self) -> str:
        return span_words(self.asked["from"], self.asked["to"], self.recent)


def typed(arguments: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: arguments.get(name, "")[:200].strip() for name in names}

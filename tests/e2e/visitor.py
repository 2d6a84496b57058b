"""A person with a browser that knows no JavaScript: pages, forms, cookies; judges nothing."""

import http.client
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

Typed = Mapping[str, str] | Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """A page as it came; `location` is where a redirect points."""

    status: int
    text: str
    location: str = ""

    @property
    def words(self) -> str:
        """What a person reads, on one line."""
        return _Form.of(self.text).words

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields of the page's forms."""
        return _Form.of(self.text).values

    def all_values(self, name: str) -> list[str]:
        return [value for field, value in _Form.of(self.text).fields if field == name]

    def beside(self, field: str) -> str:
        """The message that belongs to a field ("" = none)."""
        return _Form.of(self.text).messages.get(field, "")


class Visitor:
    """Keeps cookies and sends the token of the last page with every form."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self._token = ""

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, typed: Typed = ()) -> Answer:
        if not self._token:
            self.get("/jobs/")
        fields = [*(typed.items() if isinstance(typed, Mapping) else typed), ("csrf_token", self._token)]
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self._port}"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if found := re.search(r'name="csrf-token" content="([^"]+)"', text):
            self._token = found[1]
        connection.close()
        return Answer(answer.status, text, answer.headers.get("Location", ""))


class _Form(HTMLParser):
    """Reads fields, the messages beside them, and the words of a page."""

    @classmethod
    def of(cls, text: str) -> "_Form":
        form = cls()
        form.feed(text)
        return form

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.messages: dict[str, str] = {}
        self._words: list[str] = []
        self._area = self._message = ""
        self._typed: list[str] = []

    @property
    def values(self) -> dict[str, str]:
        return dict(self.fields)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input" and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
            self.fields.append((given.get("name", ""), given.get("value", "")))
        if tag == "textarea":
            self._area, self._typed = given.get("name", ""), []
        if found := re.fullmatch(r"field-(\w+)-error", given.get("id", "")):
            self._message = found[1]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # A line end right after the tag is not content.
            self.fields.append((self._area, "".join(self._typed).removeprefix("\n")))
            self._area = ""
        elif tag == "p":
            self._message = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._typed.append(data)
        else:
            self._words.append(data)
        if self._message:
            self.messages[self._message] = f"{self.messages.get(self._message, '')} {data}".strip()

"""What the pages offer to somebody: every link, form, key and polled part, found by following them; no judge."""

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient

from tests.e2e.crawl import kind_of

REQUESTS = {"href": "GET", "hx-get": "GET", "hx-post": "POST", "hx-put": "PUT", "hx-delete": "DELETE"}
CHOICES = {"do", "action"}  # fields by which one address does several things
MOST = 2  # pages of a kind


class Offer(NamedTuple):
    """`choice` is "do=verify" where the address takes several; `endpoint` is "" where nothing answers."""

    method: str
    endpoint: str
    choice: str = ""


class Link(NamedTuple):
    method: str
    address: str
    choice: str = ""
    region: str = ""


class Reader(HTMLParser):
    """Every address on a page, with the method and the choice that would be sent there."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []
        self._form = Link("GET", "")

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = Link(told.get("method", "get").upper(), told.get("action", ""))
            self.links.append(self._form)
        if "formaction" in told:
            self.links.append(Link(self._form.method, told["formaction"]))
        if tag in {"button", "input"} and told.get("name") in CHOICES and told.get("value"):
            self.links.append(self._form._replace(choice=f"{told['name']}={told['value']}"))
        if tag != "link":
            self.links += [
                Link(method, told[name], region=told.get("id", "")) for name, method in REQUESTS.items() if name in told
            ]


def links_in(page: str) -> list[Link]:
    """Those that lead to the server."""
    reader = Reader()
    reader.feed(page)
    return [link for link in reader.links if link.address.startswith("/")]


def offers(app: Flask, client: FlaskClient, starts: tuple[str, ...]) -> Iterator[tuple[str, Link, Offer]]:
    """Where each stands, as it stands there, and what it is; from `starts` on wherever links lead."""
    queue, seen, of_kind = [Link("GET", start) for start in starts], set[str](), Counter[str]()
    while queue:
        link = queue.pop(0)
        answer = client.get(link.address, headers=_headers(link), buffered=True)
        assert answer.status_code < 500, (link.address, answer.status, answer.text[:500])
        if answer.mimetype != "text/html":
            continue
        for found in links_in(answer.text):
            yield link.address, found, _offer(app, found)
            target = _steady(found)
            kind = kind_of(target.address) + found.region
            if found.method == "GET" and target.address + found.region not in seen and of_kind[kind] < MOST:
                seen.add(target.address + found.region)
                of_kind[kind] += 1
                queue.append(target)


def _headers(link: Link) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": link.region} if link.region else {}


def _steady(link: Link) -> Link:
    """Without the tag that would be answered by nothing."""
    path, _, query = link.address.partition("#")[0].partition("?")
    kept = urlencode([pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "revision"])
    return link._replace(address=path + (f"?{kept}" if kept else ""))


def _offer(app: Flask, link: Link) -> Offer:
    path = urlsplit(link.address).path
    endpoint, _ = app.url_map.bind("localhost").match(path, link.method)
    return Offer(link.method, str(endpoint), link.choice)

"""Follows every link of the product, some pages of a kind, so that a new page is looked at without being named here."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qsl, urljoin, urlsplit

from playwright.sync_api import Page
from requests import Session

LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href'))"
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{8}T\d{9}Z-[0-9a-f]{6}")


def kind_of(path: str) -> str:
    """`/jobs/<id>/runs/<id>?search` for any job, run and search."""
    parts = urlsplit(path)
    if parts.path == "/jobs/":  # whatever is asked of the list, it is the list
        return "/jobs/?" if parts.query else "/jobs/"
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return IDS.sub("<id>", parts.path) + ("?" + "&".join(names) if names else "")


def pages(
    page: Page, address: str, starts: tuple[str, ...], downloads: dict[str, bytes], most: int = 2
) -> Iterator[str]:
    """Opens one page after the other, `most` of a kind, and gives its path; what is no page goes into `downloads`."""
    queue, seen, of_kind = list(starts), set(starts), Counter[str]()
    session = Session()
    while queue:
        path = queue.pop(0)
        answer = session.get(address + path, timeout=30)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            downloads[path] = answer.content
            continue
        page.goto(path)
        yield path
        for link in page.evaluate(LINKS):
            target = _inside(address, path, link)
            if target and target not in seen:
                seen.add(target)
                of_kind[kind_of(target)] += 1
                if of_kind[kind_of(target)] <= most:
                    queue.append(target)


def _inside(address: str, path: str, link: str) -> str:
    """The link as a path of the product, "" where it leads elsewhere."""
    whole = urlsplit(urljoin(address + path, link))
    if f"{whole.scheme}://{whole.netloc}" != address:
        return ""
    return whole.path + (f"?{whole.query}" if whole.query else "")

"""What a malicious page in the owner's browser tries, from a real Chromium. Each attack says what it gained."""

import contextlib
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Error, Page

from tests.security.site import EVIL, Site, evil_site
from tests.whole import some

# Two other programs of this machine, of which the first gets our cookies too, and a stranger.
SITES = some(("127.0.0.1", "localhost", EVIL), 0)
SECRET = "Photos of the owner"
PAGE = """<!doctype html><title>evil</title><iframe name="hidden" id="frame"></iframe><div id="images"></div>
<script>
const quietly = (promise) => promise.then((answer) => answer.text()).catch((error) => "");
const within = (seconds, promise) =>
  Promise.race([promise, new Promise((done) => setTimeout(() => done(""), seconds * 1000))]);
const sent = (address, fields) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: address, target: "hidden" });
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement("input"), { name, value }));
  document.body.append(form);
  const over = new Promise((done) => (document.getElementById("frame").onload = () => done("")));
  form.submit();
  return within(5, over);
};
const listened = (address) => within(5, new Promise((done) => {
  const socket = new WebSocket(address);
  socket.onmessage = ({ data }) => done(data);
  socket.onerror = () => done("");
}));
const shown = (address) => new Promise((done) => {
  const image = new Image();
  image.onload = image.onerror = () => done("");
  image.src = address;
});
</script>"""


@contextlib.contextmanager
def evil_page(site: Site, name: str, **options: Any) -> Iterator[Page]:
    """The attacker's page, opened in the browser of an owner who has been on ours."""
    with evil_site(PAGE) as port, site.visitor(**options) as context:
        page = context.new_page()
        page.goto(f"http://{name}:{port}/")
        yield page


def _fields(site: Site) -> dict[str, str]:
    return {"name": "Stolen", "type": "rsync", "source": f"{site.root}/", "dest": f"{site.root}-stolen"}


def _stolen(site: Site) -> str:
    return "a job was made" if any(job["name"] == "Stolen" for job in site.jobs()) else ""


def _ran(site: Site, job_id: str) -> str:
    found = [job for job in site.jobs() if job["id"] == job_id]
    return "" if found and found[0]["state"] == "never_run" else "a job was started or is gone"


def a_form_makes_a_job(site: Site) -> str:
    for name in SITES:
        with evil_page(site, name) as page:
            page.evaluate(
                "([address, fields]) => sent(address, fields)", [f"{site.address}/jobs/create", _fields(site)]
            )
        if gained := _stolen(site):
            return f"{gained} from {name}"
    return ""


def a_script_sends_what_is_no_form(site: Site) -> str:
    """`no-cors` needs nobody's leave, and a body of JSON may be called a form."""
    send = """([address, body, type]) =>
      quietly(fetch(address, { method: "POST", mode: "no-cors", credentials: "include", body,
                               headers: { "Content-Type": type } }))"""
    body = '{"name": "Stolen", "type": "rsync", "source": "/etc/", "dest": "/tmp/stolen"}'
    for name in SITES:
        with evil_page(site, name) as page:
            for kind in ("text/plain", "application/x-www-form-urlencoded"):
                page.evaluate(send, [f"{site.address}/api/v1/jobs", body, kind])
        if gained := _stolen(site):
            return f"{gained} from {name}"
    return ""


def a_script_starts_a_job(site: Site) -> str:
    job_id = site.job(name=SECRET)
    for name in SITES:
        with evil_page(site, name) as page:
            for path in (f"/api/v1/jobs/{job_id}/start", f"/jobs/{job_id}/start", f"/jobs/{job_id}/delete"):
                options = '{ method: "POST", mode: "no-cors", credentials: "include" }'
                page.evaluate(f"(address) => quietly(fetch(address, {options}))", site.address + path)
        if gained := _ran(site, job_id):
            return f"{gained} from {name}"
    return ""


def an_image_changes_something(site: Site) -> str:
    """Every address that takes a change, asked for as an image: that brings cookies, and no Origin."""
    job_id = site.job(name=SECRET)
    before = (site.data / "jobs.yaml").read_bytes()
    posts = [
        f"/api/v1/jobs/{job_id}/start",
        f"/jobs/{job_id}/start",
        f"/jobs/{job_id}/delete",
        f"/jobs/{job_id}/disable",
    ]
    with evil_page(site, "127.0.0.1") as page:
        for path in posts:
            page.evaluate("(address) => within(5, shown(address))", site.address + path)
    changed = before != (site.data / "jobs.yaml").read_bytes()
    return _ran(site, job_id) or ("jobs.yaml was changed" if changed else "")


def a_page_reads_an_answer(site: Site) -> str:
    site.job(name=SECRET)
    read = "(address) => quietly(fetch(address, { credentials: 'include' }))"
    with evil_page(site, EVIL) as page:
        origin = str(page.evaluate("location.origin"))
        for path in ("/api/v1/jobs", "/jobs/", "/logs/export", "/socket.io/?EIO=4&transport=polling"):
            text = _with_origin(site, page, read, path, origin)
            if SECRET in text or '"sid"' in text:
                return f"{path} was read"
    return ""


def _with_origin(site: Site, page: Page, script: str, path: str, origin: str) -> str:
    """Chromium lets a page read what its own origin is named for; the attacker's port is new each time."""
    from flask_app import front_door

    kept = list(front_door.HEADERS)
    if any(name == "Access-Control-Allow-Origin" for name, _ in kept):
        front_door.HEADERS[:] = [(name, origin if name == "Access-Control-Allow-Origin" else it) for name, it in kept]
    try:
        return str(page.evaluate(script, site.address + path))
    finally:
        front_door.HEADERS[:] = kept


def a_page_listens_to_the_live_connection(site: Site) -> str:
    address = f"ws://127.0.0.1:{site.port}/socket.io/?EIO=4&transport=websocket"
    for name in SITES:
        with evil_page(site, name) as page:
            if heard := page.evaluate("(address) => listened(address)", address):
                return f"{name} heard {heard[:40]}"
    return ""


def a_rebound_name_is_this_server(site: Site) -> str:
    """DNS rebinding: the page was the attacker's, then its name leads here, and all is of one origin."""
    site.job(name=SECRET)
    steal = """async (fields) => {
      const text = await quietly(fetch("/jobs/"));
      const token = /csrf-token" content="([^"]*)/.exec(text)?.[1] ?? "";
      const body = new URLSearchParams({ ...fields, csrf_token: token });
      await quietly(fetch("/jobs/create", { method: "POST", body }));
      const api = await quietly(fetch("/api/v1/jobs"));
      const heard = await listened(`ws://${location.host}/socket.io/?EIO=4&transport=websocket`);
      return text + api + heard;
    }"""
    with rebound_page(site) as page:
        text = page.evaluate(steal, _fields(site))
    return "the jobs were read" if SECRET in text or '"sid"' in text else _stolen(site)


@contextlib.contextmanager
def rebound_page(site: Site) -> Iterator[Page]:
    """A page that came from the attacker's server, at the port where ours listens."""
    own = f"http://{EVIL}:{site.port}/"
    with site.visitor() as context:
        context.route(own, lambda route: route.fulfill(content_type="text/html", body=PAGE))
        page = context.new_page()
        page.goto(own)
        yield page


def a_rebound_page_says_that_it_was_forwarded(site: Site) -> str:
    """What a page may add to its requests is no proxy's word."""
    site.job(name=SECRET)
    headers = f'{{ "X-Forwarded-Host": "127.0.0.1:{site.port}", "X-Forwarded-For": "127.0.0.1" }}'
    with site.configured(access="off"), rebound_page(site) as page:
        text = page.evaluate(f"() => quietly(fetch('/jobs/', {{ headers: {headers} }}))")
    return "the jobs were read" if SECRET in text else ""


def a_frame_shows_our_page_under_theirs(site: Site) -> str:
    """Clickjacking."""
    with evil_page(site, EVIL) as page:
        for path in ("/jobs/", "/settings/", "/api/v1/jobs", "/healthz"):
            page.evaluate(
                """(address) => new Promise((done) => {
                  const frame = document.getElementById("frame");
                  frame.onload = done;
                  frame.src = address;
                })""",
                site.address + path,
            )
            if _framed(page, site):
                return f"{path} in a frame"
    return ""


def _framed(page: Page, site: Site) -> bool:
    for frame in page.frames[1:]:
        with contextlib.suppress(Error):  # the page that Chromium shows in its place has no script
            if str(frame.evaluate("document.documentURI")).startswith(site.address):
                return True
    return False


def a_window_that_they_opened_stays_in_their_hands(site: Site) -> str:
    with evil_page(site, EVIL) as page:
        with page.expect_popup() as opened:
            page.evaluate("(address) => { window.ours = window.open(address); }", f"{site.address}/jobs/")
        opened.value.wait_for_load_state()
        return "" if page.evaluate("window.ours.closed") else "a hold of our window"

"""What texts try that others wrote: names, errors, lines of logs, live events. Each attack says what it gained."""

from urllib.parse import quote

from playwright.sync_api import Page

from tests.e2e.hostile_tree import HARD_NAMES
from tests.security.markup import MARKUP, RUN
from tests.security.site import Site
from tests.servers import until
from tests.whole import IS_WHOLE, some
from utils.text import HOSTILE

FOREIGN = (
    "iframe, object, embed, base, marquee, script:not([src]), [onerror], [onload], [onfocus], [onbegin], [ontoggle]"
)
CONTROLS = HOSTILE  # as it is before anybody takes it out
LINES_MAY_END = "\n\r\t\ufeff"


def paths(runs: dict[str, str]) -> list[str]:
    """Pages that show them: all of them, or those that show most."""
    job_id, run_id = next(iter(runs.items()))
    run = f"/jobs/{job_id}/runs/{run_id}"
    found = ["/jobs/", "/logs/", run, f"/jobs/{job_id}"]
    asked = [f"/{place}={quote(text)}" for text in MARKUP for place in ("jobs/?search", "jobs/?tag", "logs/?search")]
    found += some(asked, 24)
    if IS_WHOLE:
        found += ["/", "/jobs/?page=2", "/logs/?level=error", "/logs/runs", "/templates/", "/settings/"]
        for job_id, run_id in runs.items():
            found += [f"/jobs/{job_id}/edit", f"/jobs/{job_id}/runs/{run_id}"]
    return found


def markup_in_a_text_runs_a_script(site: Site) -> str:
    with site.visitor() as context:
        page = context.new_page()
        for path in paths(site.furnished):
            page.goto(f"{site.address}{path}")
            if ran(page):
                return f"a script on {path}"
    return ""


def become(page: Page, expression: str) -> None:
    """Wait until it is true, without the `eval` that our policy refuses."""

    def is_true() -> bool:
        page.wait_for_timeout(20)
        return bool(page.evaluate(expression))

    until(is_true)


def ran(page: Page) -> bool:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)))")
    return bool(page.evaluate("window.pwned"))


def markup_in_a_text_becomes_elements(site: Site) -> str:
    with site.visitor(java_script_enabled=False) as context:
        page = context.new_page()
        for path in paths(site.furnished):
            page.goto(f"{site.address}{path}")
            if found := page.locator(FOREIGN).count():
                return f"{found} elements on {path}"
    return ""


def markup_in_a_live_event_runs_a_script(site: Site) -> str:
    """Lines of a log as they come, and what is said at the end of a run."""
    with site.visitor() as context:
        job_id, run_id = next(iter(site.furnished.items()))
        page = context.new_page()
        page.goto(f"{site.address}/jobs/{job_id}/runs/{run_id}")
        become(page, "document.documentElement.dataset.connection === 'live'")
        emit = site.app.extensions["live"].socketio.emit
        offset = int(page.locator("[data-log]").first.get_attribute("data-offset") or 0)
        lines = "".join(f"2026-11-21T07:02:04.000Z error {text}\n" for text in MARKUP)
        emit("log_lines", {"run_id": run_id, "offset": offset, "text": f"{lines}2026-11-21T07:02:04.000Z info over\n"})
        become(page, "document.querySelector('[data-log]').textContent.includes('over')")
        end = {"job_id": job_id, "run_id": run_id, "status": "failed", "state": "failed"}
        emit("job_finished", {**end, "reason": f"<img src=x onerror={RUN}>ended"})
        become(page, "document.getElementById('announcer').textContent.includes('ended')")
        return "a script" if ran(page) else ""


def control_characters_reach_whoever_reads(site: Site) -> str:
    """Through names of files that a real run lists: into its log, pages, exports and a terminal."""
    source = site.root / "hostile"
    if not source.exists():
        source.mkdir()
        for number, name in enumerate(name for name in HARD_NAMES if b"/" not in name):
            (source / f"{number}").mkdir()
            with open(f"{source}/{number}/".encode() + name, "wb") as file:
                file.write(b"content")
    dest = site.root / f"copies {len(list(site.root.iterdir()))}"
    job_id = site.job(name="Hostile", source=f"{source}/", dest=str(dest), settings={"list_files": True})
    run = site.run(job_id)
    own = f"/jobs/{job_id}/runs/{run['id']}"
    places = [
        f"/api/v1/runs/{run['id']}/log",
        f"{own}/log",
        own,
        f"/logs/?job_id={job_id}",
        f"/logs/export?job_id={job_id}",
    ]
    for path in places:
        text = site.ask("GET", path).content.decode("utf-8", "surrogateescape")
        if found := [raw for raw in CONTROLS.findall(text) if raw not in LINES_MAY_END]:
            return f"{found[0]!r} in {path}"
    said = site.app.test_cli_runner().invoke(args=["runs", "log", run["id"]]).output
    return "control characters in a terminal" if set(CONTROLS.findall(said)) - set(LINES_MAY_END) else ""


def a_line_break_in_a_name_forges_a_line(site: Site) -> str:
    """One record is one line: what a name says stands behind the time and the level that we wrote."""
    source, forged = site.root / "forging", "2026-11-21T07:02:04.000Z error everything is lost"
    source.mkdir(exist_ok=True)
    (source / f"x\n{forged}").write_text("content")
    dest = site.root / f"forged {len(list(site.root.iterdir()))}"
    run = site.run(site.job(source=f"{source}/", dest=str(dest), settings={"list_files": True}))
    log = site.ask("GET", f"/api/v1/runs/{run['id']}/log").text
    if run["state"] != "done":
        return f"the run is {run['state']}"
    return "a line of its own" if any(line.startswith(forged) for line in log.split("\n")) else ""

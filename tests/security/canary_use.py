"""Uses every function of the product once, with a secret wherever something can be typed; it judges nothing."""

import re
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests

from storage.shared_file import replace_file
from tests.security.canaries import Said
from tests.security.canary_world import World, own_key, webdav_fields
from tests.servers import DEADLINE, until
from tests.whole import IS_WHOLE

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
SENTENCES = re.compile(r'<p class="mb-6[^>]*>([^<]+)|-error">.*?<span>([^<]+)', re.DOTALL)
ELSEWHERE = {"X-Forwarded-For": "192.0.2.7"}  # whoever comes so has to log in
JOB = {"type": "rsync", "enabled": "true"}


class Person:
    """A browser without scripts, and a script of the same person."""

    def __init__(self, world: World) -> None:
        self.world, self.session, self.script = world, world.session(), world.session()

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.world.server.address + path, timeout=DEADLINE, **more)

    def post(self, path: str, status: int, **fields: Any) -> requests.Response:
        found = TOKEN.search(self.get("/login" if path == "/login" else "/logs/").text)
        data = {"csrf_token": found[1] if found else "", **fields}
        answer = self.session.post(
            self.world.server.address + path, data=data, headers={"Origin": self.world.server.address},
            timeout=DEADLINE, allow_redirects=False,
        )  # fmt: skip
        assert answer.status_code == status, (path, answer.status_code, *SENTENCES.findall(answer.text))
        return answer

    def api(self, method: str, path: str, status: int, **more: Any) -> Any:
        self.script.cookies.clear()  # a script has none, so it needs no token either
        answer = self.script.request(method, f"{self.world.server.address}/api/v1{path}", timeout=DEADLINE, **more)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json().get("data") if answer.content else None


def use_everything(world: World) -> None:
    person = Person(world)
    listening = threading.Thread(target=_follow, args=(world,), daemon=True)
    listening.start()
    with world.server.connected() as live:
        remotes(world, person)
        make_jobs(world, person)
        for job_id in world.job_ids.values():
            live.client.emit("subscribe_to_job", {"job_id": job_id})
        type_wrongly(world, person)
        run_all(world, person)
        log_in_and_out(world, person)
        change_things(world, person)
        write_by_hand(world, person)
        see_everything(world, person)
        commands(world)
        world.said.append(Said("event", repr(live.heard).encode()))
    listening.join(DEADLINE)
    world.said.append(Said("console", world.server.printed.read_bytes()))


def _follow(world: World) -> None:
    """The live events for scripts, until the first run has ended."""
    heard = b""
    asked = requests.get(f"{world.server.address}/api/v1/events", stream=True, timeout=DEADLINE)
    with asked as answer, suppress(requests.RequestException):  # the server may be over first
        for piece in answer.iter_content(None):
            heard += piece
            if b"job_finished" in heard:
                break
    world.said.append(Said("live events", heard))


def remotes(world: World, person: Person) -> None:
    person.post("/remotes/add", 303, **webdav_fields(world))
    s3 = {"kind": "s3", "name": "store", "provider": "Other", "endpoint": "http://127.0.0.1:9"}
    person.post("/remotes/add", 303, access_key_id="AK", secret_access_key=world.secrets["S3 secret key"], **s3)
    person.post("/remotes/password", 409, password=world.secrets["password for no encrypted rclone.conf"])
    person.post("/remotes/cloud/test", 303)
    person.post("/settings/keys/create", 303, name="nas")
    world.secrets["our own ssh key"] = own_key(world)


def make_jobs(world: World, person: Person) -> None:
    source, daemon = f"{world.root}/source/", world.daemon.address("photos")
    by_api = {"name": "By API", "type": "rsync", "source": source, "dest": daemon}
    made = person.api("POST", "/jobs", 201, json=by_api | {"password": world.secrets["rsync password by API"]})
    world.job_ids["api"] = made["id"]
    by_form = JOB | {"name": "By form", "source": source, "dest": world.daemon.address("others")}
    answer = person.post("/jobs/create", 303, password=world.secrets["rsync password by form"], **by_form)
    world.job_ids["form"] = answer.headers["Location"].rpartition("/")[2]
    words = ("--name", "By command", "--source", source, "--dest", world.daemon.address("third"), "--password-stdin")
    said = world.command("jobs", "create", *words, given=world.secrets["rsync password by command"] + "\n")
    world.job_ids["command"] = said.strip()
    cloud = {"name": "To the cloud", "type": "rclone", "source": source, "dest": "cloud:photos"}
    world.job_ids["cloud"] = person.api("POST", "/jobs", 201, json=cloud)["id"]
    over = {"name": "By ssh", "type": "rsync", "source": source, "dest": world.host.address(world.root / "far")}
    world.job_ids["ssh"] = person.api("POST", "/jobs", 201, json=over | {"settings": world.host.access})["id"]
    place = f"/jobs/{world.job_ids['ssh']}/host-key"
    shown = re.findall(r'name="fingerprint" value="([^"]+)"', person.get(place).text)
    person.post(place, 303, fingerprint=shown)


def type_wrongly(world: World, person: Person) -> None:
    """What people do: a password in a form that is refused, in an address, in a text that is pasted."""
    told = world.secrets
    form = JOB | {"name": "Wrong", "source": "relative", "dest": "/srv/x"}
    person.post("/jobs/create", 422, password=told["password in a refused form"], **form)
    person.post("/jobs/check", 200, password=told["password in a check"], **form)
    person.post("/jobs/browse", 200, password=told["password in the folder browser"], field="source", **form)
    address = "rsync://anna:{}@127.0.0.1/data/x"
    by_form = form | {"dest": address.format(told["password in an address, by form"]), "source": "/srv/"}
    person.post("/jobs/create", 422, **by_form)
    person.post("/jobs/check", 200, **by_form)
    by_api = {"name": "Wrong", "type": "rsync", "source": "/srv/"}
    for dest in (
        address,
        "anna:{}@nas.lan:/srv",
        "anna:{}@nas.lan::data",
        ":webdav,pass={}:x",
        "https://a:{}@nas.lan/",
    ):
        secret = told["password in an address, by API"]
        person.api("POST", "/jobs", 422, json=by_api | {"dest": dest.format(secret)})
        person.api("POST", "/jobs", 422, json=by_api | {"type": "rclone", "dest": dest.format(secret)})
    crontab = "1 1 * * * RSYNC_PASSWORD={0} rsync -a /srv/ rsync://anna:{0}@nas/data --password-file=/{0}\n"
    text = crontab.format(told["password in a crontab"])
    person.post("/jobs/adopt", 200, text=text, action="read")
    person.post("/jobs/adopt", 422, text=text, action="create", take="0")
    listed = "backup_manager_jobs: 1\njobs:\n- name: x\n  type: rsync\n  source: /srv/\n  dest: rsync://a:{0}@h/m\n"
    listed = (listed + "  password: {0}\n").format(told["password in a list of jobs"])
    yaml = {"Content-Type": "application/yaml"}
    person.script.post(f"{world.server.address}/api/v1/import", data=listed, headers=yaml, timeout=DEADLINE)


def run_all(world: World, person: Person) -> None:
    """Every kind of run, of each kind of place; one with a wrong password."""
    for name, kinds in {"api": ("preview", "verify"), "cloud": ("verify",), "ssh": (), "form": ()}.items():
        job_id = world.job_ids[name]
        ended = [_ended(world, person, job_id, kind) for kind in ("start", *kinds)]
        states = {(run["kind"], run["state"], run["reason"]) for run in ended}
        assert {state for _, state, _ in states} == {"failed" if name == "form" else "done"}, (name, states)
    restored = {"target": str(world.root / "restored")}
    assert _ended(world, person, world.job_ids["api"], "restore", restored)["state"] == "done"


def _ended(world: World, person: Person, job_id: str, kind: str, asked: Any = None) -> dict[str, Any]:
    run_id = person.api("POST", f"/jobs/{job_id}/{kind}", 202, json=asked or {})["run_id"]
    world.run_ids.append((job_id, run_id))

    def ended() -> dict[str, Any] | None:
        run: dict[str, Any] = person.api("GET", f"/runs/{run_id}", 200)
        return run if run["ended_at"] else None

    return until(ended)


def log_in_and_out(world: World, person: Person) -> None:
    told = world.secrets
    world.command("users", "add", "anna", "--role", "administrator", "--password-stdin",
                  given=told["account's password"] + "\n")  # fmt: skip
    words = ("tokens", "create", "script", "--user", "anna")
    told["API token"] = world.command(*words).splitlines()[0].strip()
    person.post("/login", 422, name="anna", password=told["wrong password"])
    person.post("/login", 422, name=told["password in the field for the name"], password="x")
    visitor = Person(world)
    visitor.post("/login", 303, name="anna", password=told["account's password"])
    told["cookie of a login"] = visitor.session.cookies["backup_manager"]
    visitor.get("/account/")
    address = f"{world.server.address}/api/v1/jobs"
    for name, status in (("API token", 200), ("wrong token", 401)):
        head = {"Authorization": f"Bearer {told[name]}", **ELSEWHERE}
        answer = world.session().get(address, headers=head, timeout=DEADLINE)
        assert answer.status_code == status, (name, answer.text)


def change_things(world: World, person: Person) -> None:
    first = world.job_ids["api"]
    person.api(
        "PATCH", f"/jobs/{world.job_ids['command']}", 200, json={"password": world.secrets["rsync password changed"]}
    )
    world.job_ids["copy"] = person.post(f"/jobs/{first}/duplicate", 303).headers["Location"].split("/")[2]
    person.post(f"/jobs/{first}/template", 303, name="A template")
    person.post("/settings/save", 303, section="defaults", max_retry_attempts="3")
    person.post("/jobs/bulk", 303, action="disable", job_id=world.job_ids["copy"])


def write_by_hand(world: World, person: Person) -> None:
    """An address with a password that a person wrote into jobs.yaml."""
    secret = world.secrets["password in an address, by hand"]
    file = world.root / "data/jobs.yaml"
    text = file.read_text()
    text = text.replace(world.daemon.address("others"), f"rsync://anna:{secret}@127.0.0.1/data/others")
    unnamed = world.secrets["password of an unnamed remote, by hand"]
    replace_file(file, text.replace("cloud:photos", f"':webdav,user=a,pass={unnamed}:photos'").encode())
    job_id = world.job_ids["form"]
    until(lambda: person.api("GET", f"/jobs/{job_id}", 200).get("problem"))
    person.api("POST", f"/jobs/{job_id}/start", 409, json={})


def see_everything(world: World, person: Person) -> None:
    """Every address that can be read, of every job and every run."""
    for path in every_address(world):
        assert person.get(path).status_code < 500, path
    for path in ("/logs/?search=rsync", "/logs/export?format=jsonl", "/settings/report.tar.gz", "/logs/runs.csv"):
        assert person.get(path).ok, path
    for job_id in world.job_ids.values():
        for tab in ("overview", "runs", "log", "configuration"):
            person.get(f"/jobs/{job_id}?tab={tab}")


def every_address(world: World) -> list[str]:
    """All that can be asked for, with the ids of each job and its first run; in the whole form, of each run."""
    first = dict(reversed(world.run_ids))
    runs = world.run_ids if IS_WHOLE else list(first.items())
    found = []
    for rule in world.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static" and rule.rule != "/api/v1/events":
            for job_id, run_id in runs:
                path = rule.rule.replace("<job_id>", job_id).replace("<run_id>", run_id)
                names = ("cloud", "store", "drive", "nas", "anna") if "<name>" in path else ("",)
                found += [path.replace("<name>", name) for name in names]
    return list(dict.fromkeys(found))


def commands(world: World) -> None:
    """Every command that shows something, and one run from the console."""
    first, run_id = world.run_ids[0]
    report = str(world.root / "report.tar.gz")
    shown: tuple[tuple[str, ...], ...] = (
        ("jobs", "list"), ("jobs", "show", first), ("jobs", "browse", first), ("runs", "list", first),
        ("runs", "show", run_id), ("users", "list"), ("tokens", "list"), ("doctor",),
    )  # fmt: skip
    for words in shown:
        world.command(*words)
        world.command(*words, "--json")
    more: tuple[tuple[str, ...], ...] = (
        ("doctor", "--bundle", report), ("runs", "log", run_id), ("jobs", "export"),
        ("jobs", "start", first, "--wait", "--json"),
    )  # fmt: skip
    for words in (*more, *(("jobs", "export", first, "--as", form) for form in ("yaml", "script", "cron"))):
        world.command(*words)
    world.said.append(Said("$ doctor: the file", Path(report).read_bytes()))
    world.command("jobs", "delete", world.job_ids["copy"], "--yes")

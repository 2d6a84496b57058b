"""What attackers type, and every field of a job that it can be typed into; it asserts nothing."""

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engines.test_rclone import PAYLOADS as RCLONE_PAYLOADS

CANARY = "bm-injection-canary"
OLD_CANARY = Path("/tmp/pwned")  # what the payloads of the engines' own tests would make
TOUCH = f"touch {CANARY}"
MORE = (
    f"$({TOUCH})", f"`{TOUCH}`", f"; {TOUCH} ;", f"&& {TOUCH}", f"| {TOUCH}", f"x & {TOUCH} &",
    f"x\n{TOUCH}\n", f"'; {TOUCH}; '", f"\"; {TOUCH}; \"", f"$'\\n'{TOUCH}", f"<({TOUCH})",
    f">{CANARY}", f"-e sh -c '{TOUCH}'", f"--rsh=sh -c '{TOUCH}'", f"--rsync-path={TOUCH};rsync",
    f"--password-command={TOUCH}", f"ssh -oProxyCommand={TOUCH} x", f"-oProxyCommand={TOUCH}",
    f"-oLocalCommand={TOUCH}", f"x -oProxyCommand={TOUCH}", f":webdav,bearer_token_command={TOUCH}:",
    f":sftp,ssh={TOUCH}:", f":sftp,ssh='sh -c \"{TOUCH}\"',host=x:/", f"nas,ssh={TOUCH}:path",
    f"nas,bearer_token_command='{TOUCH}':", ":local,links=true:/etc", ":alias,remote=/etc:",
    f"RSYNC_RSH=sh -c '{TOUCH}'", f"RCLONE_PASSWORD_COMMAND={TOUCH}", "LD_PRELOAD=/tmp/x.so",
    f"x\x00{TOUCH}", "x\x08\x7f", "مرحبا بالعالم", "naïve 日本語 ﬁ", "x\u2066y", "**/*?[!a]", "{a,b}{c}",
    "<script>alert(1)</script>", "{{ 7*7 }}{% raw %}", "&lt;&#10;",
    f"!!python/object/apply:os.system ['{TOUCH}']", "&a [*a, *a]", "key: value", "~ # comment",
    "../../x", "/../..", "٢٢", f"22 -oProxyCommand={TOUCH}", "1e3",
)  # fmt: skip
# Of the engines' own, which meet every field there: other hosts, connection strings, other configurations, length.
ENGINES_OWN = [text for text in RCLONE_PAYLOADS if re.search(r"^:\w|\w,|host::|-e sh/|x{9}", text)]
PAYLOADS = tuple(dict.fromkeys((*MORE, *ENGINES_OWN)))
ENGINES = ("rsync", "rclone")
# Fields whose shape alone refuses a text; one request tries them all, and each must be named.
SHAPED = ("bandwidth_limit", "max_retries", "stall_minutes", "ssh_port", "verify", "deletion_mode")
SHAPED_IN_BODIES = (*SHAPED, "mode", "list_files", "hooks", "a key of settings")
SHAPED_IN_FILES = (*SHAPED, "list_files", "type", "id")
KEY = 500  # a longer key needs another spelling in YAML
TEXTS = ("name", "exclude", "include", "tags", "options", "ssh_key")
SIDES = {
    "rsync": {
        "source": "{}", "dest": "{}", "source folder": "{root}/from/{n}/deep/{}/", "dest folder": "{root}/to/{n}/{}",
        "host": "{}:/srv/copy", "user": "{}@127.0.0.1:/srv/copy", "remote folder": "127.0.0.1:/srv/{}",
        "module": "127.0.0.1::{}", "url": "rsync://{}/data",
    },
    "rclone": {
        "source": "{}", "dest": "{}", "source folder": "{root}/from/{n}/deep/{}/", "dest folder": "{root}/to/{n}/{}",
        "remote": "{}:copy", "options of a remote": "nas,{}:copy", "remote folder": "nas:{}",
        "on the fly": ":{}:copy", "legacy's local": ":local:{root}/to/{n}/{}",
    },
}  # fmt: skip
Body = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One payload in one field of a job that is good but for that."""

    way: str
    engine: str
    field: str
    number: int
    root: Path

    @property
    def payload(self) -> str:
        return PAYLOADS[self.number]

    @property
    def product_field(self) -> str:
        """What the product calls the field when it says that something is wrong with it."""
        if self.field in SIDES[self.engine]:
            return "source" if self.field.startswith("source") else "dest"
        return {"key folder": "ssh_key", "a key of settings": self.payload[:KEY]}.get(self.field, self.field)

    @property
    def product_fields(self) -> set[str]:
        """Where a refusal may stand: what is wrong between two sides stands beside one of them."""
        return {"source", "dest"} if self.field in SIDES[self.engine] else {self.product_field}

    def __str__(self) -> str:
        return f"{self.way}, {self.engine}, {self.field}: {self.payload[:60]!r}"


def all_cases(way: str, root: Path) -> Iterator[Case]:
    for number in range(len(PAYLOADS)):
        for engine in ENGINES:
            for field in one_by_one(engine):
                yield Case(way, engine, field, number, root)


def one_by_one(engine: str) -> tuple[str, ...]:
    """Every field there is, for a way that takes thousands of jobs at once."""
    return ("id", "type", *TEXTS, "key folder", *SHAPED_IN_BODIES, *SIDES[engine])


def together(engine: str, shaped: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The fields for a way that takes one job after the other: those that do not disturb each other at once."""
    other = {"rsync": "host", "rclone": "options of a remote"}[engine]
    return (shaped, TEXTS, ("type",), ("source",), ("dest",), (other,), ("source folder", "dest folder"))


def good_body(engine: str, number: int, root: Path, is_remote: bool = False) -> Body:
    """A job nothing is wrong with."""
    dest = f"{root}/plain copies/{engine} {number}"
    if is_remote:
        dest = {"rsync": "127.0.0.1:/srv/copy", "rclone": f"nas:copy {number}"}[engine]
    settings = {"exclude": ["*.tmp"], "include": ["*.jpg"], "max_retries": 0}
    return {"name": "Photos", "type": engine, "source": f"{root}/plain/", "dest": dest, "settings": settings}


def body_of(*tried: Case) -> Body:
    """The definition with the payload in the field of each of these cases, which differ in the field only."""
    first = tried[0]
    body = good_body(
        first.engine, first.number, first.root, bool({"ssh_key", "key folder"} & {case.field for case in tried})
    )
    for case in tried:
        _put(case, body)
    return body


def _put(case: Case, body: Body) -> None:
    field, text, settings = case.field, case.payload, body["settings"]
    if field in SIDES[case.engine]:
        typed = SIDES[case.engine][field].format(text, root=case.root, n=case.number)
        body[case.product_field] = typed
        if field == "source folder":
            _make(Path(typed) if "\x00" not in typed else case.root)
    elif field in ("name", "type", "id"):
        body[field] = f"{text}.{case.engine}" if field == "id" else text
    elif field in ("exclude", "include", "tags", "options"):
        settings[field] = [text]
    elif field in ("ssh_key", "key folder"):
        settings["ssh"] = {"key": text if field == "ssh_key" else f"/keys/{text}"}
    elif field == "ssh_port":
        settings["ssh"] = {"port": text}
    else:
        settings[text[:KEY] if field == "a key of settings" else field] = text


def body_of_many(engine: str, taken: list[Case], root: Path) -> Body:
    """A job that holds all these payloads at once, each in the field of its case: folders one inside the other."""
    body = good_body(engine, taken[0].number, root)
    deep = f"{taken[0].number}/a/b/c/d/e/f/g/h/"
    folders = {"source": f"{root}/from/{deep}", "dest": f"{root}/to/{deep}", "key": "/keys/", "far": "127.0.0.1:/srv/"}
    named = {"source folder": "source", "dest folder": "dest", "key folder": "key", "remote folder": "far"}
    for case in taken:
        if case.field == "name":
            body["name"] = case.payload
        elif case.field in named:
            folders[named[case.field]] += f"{case.payload}/"
        else:
            body["settings"].setdefault(case.field, []).append(case.payload)
    _make(Path(folders["source"]))
    _make(Path(folders["dest"]))  # rsync's --mkpath fails where `..` stands behind a folder that it has to make
    is_remote = any(case.field == "key folder" for case in taken)
    if is_remote:
        body["settings"]["ssh"] = {"key": folders["key"]}
    return body | {"source": folders["source"], "dest": folders["far"] if is_remote else folders["dest"]}


def _make(folder: Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "file").write_text("content")


def as_form(body: Body) -> dict[str, str]:
    """The same as a page sends it: lists are lines."""
    settings = body["settings"]
    fields = {name: body[name] for name in ("name", "type", "source", "dest")}
    for name, value in settings.items():
        if name == "ssh":
            fields |= {f"ssh_{key}": str(item) for key, item in value.items()}
        else:
            fields[name] = "\n".join(value) if isinstance(value, list) else str(value)
    return fields


def as_stored_from_form(body: Body) -> Body:
    """What a form means: a line break ends an entry, a comma too where there are tags."""
    settings = dict(body["settings"])
    for name in ("exclude", "include", "options", "tags"):
        lines = [line for text in settings.get(name, []) for line in text.replace("\r", "\n").split("\n") if line]
        if name == "tags":
            lines = [tag.strip() for line in lines for tag in line.split(",") if tag.strip()]
        settings[name] = lines
    return body | {"settings": settings}


def document(job_id: str, body: Body) -> Body:
    """The whole of a job as it stands in jobs.yaml."""
    figures = dict.fromkeys(("bytes_transferred", "total_bytes", "percent", "speed_bytes", "eta_seconds"), 0)
    moment = "2026-11-21T08:00:00.000001"
    progress = {"status": "pending", "progress": figures}
    order = {"id": job_id, **{name: body[name] for name in ("name", "source", "dest", "type")}, **progress}
    return order | {"settings": body["settings"], "created_at": moment, "updated_at": moment}


def by_hand(job: Body) -> str:
    """A job as a person may write it: every text in quotes, maps on one line."""
    first, *others = [f"{key}: {json.dumps(value)}" for key, value in job.items()]
    return "\n".join([f"- {first}", *(f"  {line}" for line in others), ""]).replace("\x7f", "\\x7f")

"""Every form of the pages by its view: what its fields may hold, what it may change, and made-up entries for it."""

from dataclasses import dataclass
from typing import NamedTuple

from hypothesis import strategies as some

from flask_app.forms import SWITCHES, TEXT_FIELDS
from flask_app.settings_forms import LABELS, SECTIONS

Words = tuple[str, ...]
Fields = dict[str, Words]
# `{root}`, `{job}` and `{run}` stand for the world, one of its jobs and a run of that.
PATHS: Words = (
    "{root}/photos/",
    "{root}/photos",
    "{root}/nas/new",
    "nas:photos",
    "host:/srv",
    "host::module",
    "rel",
    "",
)
NUMBERS: Words = ("", "0", "5", "-1", "2.5", "1e9", "٣", "9" * 40, " 7 ")
BOX: Words = ("1", "true", "on", "", "false")
HUGE = "h" * 1_100_000
NASTY: Words = (
    "", " ", "\0", "\x1b[31mred", "a\r\nb", "\n\n", "\u202egnp", "\u2028", "\ud800", "\udcff", "\x85", "é" * 300,
    "<script>alert(1)</script>", "\"'><img src=x>", "{{ 7 * 7 }}", "{% raise %}", "../../etc", "%00", "&amp;", "-e sh",
    "null", "[]", "a" * 20_000, HUGE, "\ufeff", "a\tb", "𝔘𝔫𝔦", "=1+1", "--", "~", "*", "(", "\\",
)  # fmt: skip
_JOB: Fields = dict.fromkeys(TEXT_FIELDS, NUMBERS) | {
    "name": ("Photos", "ö", "a/b"), "type": ("rsync", "rclone", "tar"), "source": PATHS, "dest": PATHS,
    "exclude": ("*.tmp\ncache/", "["), "include": ("*.jpg",), "tags": ("a, b", "weekly"), "ssh_key": ("", "{root}/x"),
    "verify": ("", "fast", "checksum", "verify_after"), "deletion_mode": ("verify_then_delete", "per_file"),
    "options": ("", "hard_links", "compress\nsparse"), "password": ("secret",), "forget_password": BOX,
    "form": ("", "first"), "then": ("", "preview"), "suggest_name": BOX, "job_id": ("", "{job}"),
} | dict.fromkeys(SWITCHES, BOX)  # fmt: skip
_JOB_TEXTS = frozenset(TEXT_FIELDS) - {"type", "verify", "deletion_mode"}
_SETTINGS: Fields = dict.fromkeys(LABELS, NUMBERS) | {
    "section": ("", *SECTIONS), "verification_mode": ("fast", "checksum"), "auto_start_on_launch": BOX,
    "rsync": ("", "/usr/bin/rsync", "{root}/bin/rsync"), "rclone": ("", "{root}/bin/rclone", "{root}"),
    "rclone_config": ("", "{root}/home/.config/rclone/rclone.conf"), "was_nice": NUMBERS,
}  # fmt: skip
_CONSENT: Fields = {"accept_identity": BOX}
_REMOTE: Fields = {
    "kind": ("webdav", "sftp", "smb", "s3", "local", "crypt", "alias"), "name": ("cloud", "nas", "a b"),
    "url": ("http://127.0.0.1:1/",), "host": ("127.0.0.1",), "user": ("anna",), "pass": ("secret",), "port": NUMBERS,
    "vendor": ("other",), "remote": ("nas:", "{root}/remote"), "path": ("{root}/remote",),
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """`texts`: fields whose words come back when the form is refused. `adds`: how many jobs it may make at most.

    `touches`: which jobs it may change or remove: the one of the `address`, those that are `chosen`, or none.
    """

    fields: Fields
    texts: frozenset[str] = frozenset()
    adds: int = 0
    touches: str = ""


_PASSWORDS: Words = ("correct horse battery", "wrong", "new words for it")
_NEXT: Words = ("/jobs/", "//other.example/", "/\\other.example", "https://other.example/", "")
_ROLES: Words = ("viewer", "operator", "administrator", "owner", "")
# By the name of the view. A view that takes a form and is not here fails the tests.
FORMS: dict[str, Form] = {
    "job_form.create": Form(_JOB, _JOB_TEXTS, adds=1),
    "job_form.edit": Form(_JOB, _JOB_TEXTS, touches="address"),
    "job_form.check": Form(_JOB),
    "job_form.catch": Form(_JOB),
    "browser.browse": Form(_JOB | {
        "browse": ("source", "dest"), "at": ("Lw", "L3RtcA", "!"), "here": ("Lw",), "page": NUMBERS, "find": ("a",),
        "below": ("new", "../x"), "choose": ("Lw", ""), "back": BOX,
    }),
    "jobs.start": Form(_CONSENT),
    "jobs.pause": Form({}),
    "jobs.cancel": Form({}),
    "jobs.delete": Form({}, touches="address"),
    "jobs.accept_host_key": Form({"fingerprint": ("SHA256:x",)}),
    "proofs.preview": Form({}),
    "proofs.verify": Form({}),
    "upkeep.enable": Form({}, touches="address"),
    "upkeep.disable": Form({}, touches="address"),
    "upkeep.duplicate": Form({}, adds=1),
    "upkeep.do": Form(
        {"do": ("preview", "verify", "enable", "disable", "duplicate", "template", "export")}, adds=1, touches="address"
    ),
    "upkeep.keep_template": Form({"name": ("Kept", "Tagged")}, frozenset({"name"})),
    "bulk.act": Form({
        "action": ("all", "start", "pause", "delete", "enable", "disable", "tag", "add_tag", "remove_tag", ""),
        "job_id": ("{job}", "none"), "tag": ("a", "new tag", "b"), "confirmed": ("1", ""), "back": ("search=a", "x"),
    }, touches="chosen"),
    "adopting.adopt": Form({
        "text": ("0 3 * * * rsync -a {root}/photos/ {root}/nas/adopted\n", "rclone copy {root}/photos nas:x", "x"),
        "kind": ("", "crontab", "script"), "action": ("", "read", "create"), "take": ("0", "1", "99"),
        "name-0": ("Adopted",), "source-0": PATHS, "dest-0": PATHS,
    }, frozenset({"text"}), adds=40),
    "restore.restore": Form(_CONSENT | {
        "folder": ("", "MjAyMQ"), "name": ("MjAyMQ", "bGFyZ2U"), "place": ("new", "original"), "what": ("", "all"),
        "target": ("{root}/nas/back", "rel", "nas:back"), "merge": BOX, "previewed": ("", "{run}"), "overwrite": BOX,
    }, frozenset({"target"})),
    "restore.rehearse": Form(_CONSENT),
    "restore.resume": Form(_CONSENT),
    "retries.retry": Form(_CONSENT),
    "dashboard.recover_jobs": Form({"job_id": ("{job}", ""), "action": ("resume", "mark_paused")}),
    "dashboard.dismiss_recovery": Form({}),
    "dashboard.confirm_missing": Form({}),
    "settings.save": Form(_SETTINGS, frozenset(LABELS) - {"verification_mode", "auto_start_on_launch"}),
    "settings.reset": Form({"section": ("", *SECTIONS)}),
    "settings.look_again": Form({}),
    "ssh_keys.create": Form({"name": ("nas", "k2")}, frozenset({"name"})),
    "ssh_keys.delete": Form({}),
    "known_hosts.remove": Form({"name": ("127.0.0.1", "nas")}),
    "remotes.add": Form(_REMOTE, frozenset({"name"})),
    "remotes.edit": Form(_REMOTE),
    "remotes.test": Form({}),
    "remotes.accept_host_key": Form({"fingerprint": ("SHA256:x",)}),
    "remotes.delete": Form({}),
    "remotes.password": Form({"password": ("secret",), "forget": BOX}),
    "auth.enter": Form(
        {"name": ("anna", "nobody"), "password": _PASSWORDS, "remember": BOX, "next": _NEXT}, frozenset({"name"})
    ),
    "auth.first_account": Form(
        {"code": ("x", "ABCD-EFGH"), "name": ("eve",), "password": _PASSWORDS, "next": _NEXT}, frozenset({"name"})
    ),
    "auth.leave": Form({}),
    "account.change_password": Form({"present": _PASSWORDS, "new": _PASSWORDS}),
    "account.end_login": Form({}),
    "account.create_token": Form(
        {"name": ("script",), "role": _ROLES, "days": ("30", "", "1000")}, frozenset({"name"})
    ),
    "account.revoke_token": Form({}),
    "accounts.add": Form(
        {"name": ("dora", "anna"), "role": _ROLES, "password": _PASSWORDS, "by_proxy": BOX}, frozenset({"name"})
    ),
    "accounts.set_role": Form({"role": _ROLES}),
    "accounts.set_password": Form({"password": _PASSWORDS}),
    "accounts.remove": Form({}),
    "accounts.revoke": Form({}),
    "templates.delete": Form({"name": ("Tagged", "Kept")}),
    "templates.take_in": Form({
        "text": ("backup_manager_job: 1\nname: T\ntype: rsync\nsource: {root}/photos\ndest: {root}/nas/t\n", "a: ["),
        "name": ("T", ""), "action": ("template", "form"),
    }, frozenset({"text", "name"})),
}  # fmt: skip
# What may stand in the query of a page; every GET of a page is asked for with all of these.
QUERY: Fields = {
    "search": ("Photos", "("), "state": ("done", "failed", "active"), "engine": ("rsync",), "tag": ("a",),
    "page": NUMBERS, "sort": ("name", "updated"), "select": ("all",), "revision": ("1",), "run": ("{run}",),
    "job_id": ("{job}", "Photos"), "level": ("warn", "error"), "from": ("2026-11-21", "0001-01-01", "9999-12-31T23:59"),
    "to": ("2026-11-21T07:30", "9999-12-31", "+1"), "follow": ("1",), "before": ("{run}", "1-2-3"), "after": ("1-a-2",),
    "day": ("Today",), "behind": ("1", "9" * 15), "above": NUMBERS, "format": ("txt", "jsonl"),
    "kind": ("backup", "webdav", "drive"), "folder": ("", "MjAyMQ"), "accept_identity": BOX, "what": ("new", "failed"),
    "q": ("a",), "offset": NUMBERS, "name": ("Tagged", "nas", "127.0.0.1"), "section": ("", *SECTIONS),
    "template": ("Tagged",), "at": ("Lw",), "browse": ("source",), "here": ("Lw",), "days": NUMBERS,
}  # fmt: skip


class Entry(NamedTuple):
    """What is sent: pairs as in a form, the parts of the address, and how."""

    pairs: tuple[tuple[str, str], ...]
    address: Words
    is_htmx: bool = False
    file: bytes | None = None
    has_token: bool = True


TEXT = some.text(some.characters(), max_size=30)
SPOTS: Words = (*[""] * 14, "{job}", "none", "é", "%00", "a" * 300, "..")  # "" is what belongs there
FILES = some.one_of(some.none(), some.none(), some.binary(max_size=60))


def entries(fields: Fields, arguments: int, most: int = 60) -> some.SearchStrategy[Entry]:
    """Each field is there once, not at all, or more than once; now and then there is one that nobody asked for."""
    names = list(fields)
    chosen = some.lists(some.sampled_from(names), max_size=most) if names else some.just([])
    whole = some.just(names)
    pairs = (whole | whole | chosen).flatmap(lambda given: some.tuples(*(_pair(name, fields[name]) for name in given)))
    strange = some.lists(some.tuples(TEXT, TEXT), max_size=2)
    return some.builds(
        lambda own, more, *rest: Entry((*own, *more), *rest),
        pairs, strange, some.tuples(*[some.sampled_from(SPOTS)] * arguments), some.booleans(), FILES,
        some.sampled_from([True] * 20 + [False]),
    )  # fmt: skip


def _pair(name: str, words: Words) -> some.SearchStrategy[tuple[str, str]]:
    good = some.sampled_from(words)
    odd = some.integers(0, len(NASTY) - 1).map(lambda number: NASTY[number]) | TEXT  # by number: some are long
    return some.tuples(some.just(name), some.integers(0, 9).flatmap(lambda dice: odd if dice == 0 else good))

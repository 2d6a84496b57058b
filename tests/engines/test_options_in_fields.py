"""No field of a job ever becomes an option: it is refused with a sentence or stays one argument of its kind."""

import pytest

from engines.base import Context, Tool
from engines.registry import engine
from models.job import Job, JobSettings, SshAccess
from tests import build

PAYLOADS = (
    "-e sh",
    "-e",
    "--rsh=sh -c id",
    "--rsh=x",
    "-esh",
    "--rsync-path=touch /tmp/pwned",
    "--rsync-path",
    "--files-from=/etc/passwd",
    "--password-file=/etc/shadow",
    "--log-file=/etc/cron.d/x",
    "--include-from=/etc/shadow",
    "--exclude-from=/etc/shadow",
    "--filter=merge /etc/shadow",
    "--delete",
    "--remove-source-files",
    "--partial-dir=/",
    "--temp-dir=/etc",
    "--config=/tmp/x",
    "--daemon",
    "--server",
    "--sender",
    "-M--fake-super",
    "--write-batch=x",
    "--",
    "-",
    "--help",
    "-oProxyCommand=touch /tmp/pwned",
    "-o ProxyCommand=id",
    "-F/tmp/config",
    "host::",
    "host:",
    "host:dir",
    "host::module",
    ":",
    "::",
    "::module",
    "[::1]:",
    "$(touch /tmp/pwned)",
    "`touch /tmp/pwned`",
    "${IFS}id",
    ";touch /tmp/pwned",
    "|id",
    "&& id",
    "a b",
    " -e sh",
    "'",
    '"',
    "'; id; '",
    '" -o ProxyCommand=id "',
    "' -o 'ProxyCommand=id",
    "''",
    "\\",
    "\\' id",
    "a\nb",
    "a\n--delete",
    "\r",
    "\x00",
    "\x1b[2J",
    "\u202e",
    "\u2028--delete",
    "~",
    "~/.ssh/id",
    "../../etc",
    "/",
    "//",
    "*",
    "[a-z]*",
    "{a,b}",
    "%h%p",
    "!",
    "+ *",
    "- *",
    ". /etc/shadow",
    "rsync://host/module",
    "rsync://-e sh/module",
    ":webdav,bearer_token_command=id:",
    "x" * 10_000,
    "",
)
CONTEXT = Context(Tool("/usr/bin/rsync", (3, 5, 0)), known_hosts="/data/known_hosts", password_file="/data/password")
SAFE = "placeholder"


def job(field: str, text: str) -> Job:
    """A job that is good but for `text` in `field`."""
    ssh = SshAccess()
    ends = {"source": "/srv/photos/", "dest": "/srv/backup/"}
    settings = {"include": ("*.jpg",), "exclude": ("*.tmp",)}
    if field in ends:
        ends[field] = text
    elif field == "folder":
        ends["dest"] = f"/srv/backup/{text}"
    elif field == "remote folder":
        ends["dest"] = f"nas:/srv/{text}"
    elif field == "host":
        ends["dest"] = f"{text}:/srv"
    elif field == "user":
        ends["dest"] = f"{text}@nas:/srv"
    elif field == "module":
        ends["dest"] = f"nas::{text}"
    elif field == "key":
        ends["dest"] = "nas:/srv"
        ssh = SshAccess(key=text)
    else:
        settings[field] = (text,)
    return build.job(**ends, settings=JobSettings(ssh=ssh, **settings))  # type: ignore[arg-type]


def arguments(made: Job) -> tuple[str, ...]:
    (step,) = engine("rsync").steps(made, CONTEXT)
    return step.argv


def split_like_rsync(command: str) -> list[str]:
    """The words rsync makes of an `-e` value: spaces separate, quotes hold together, doubled ones are literal."""
    words: list[str] = []
    word, quote, place = "", "", 0
    while place < len(command):
        character = command[place]
        if quote and character == quote:
            if command[place + 1 : place + 2] == quote:
                word, place = word + quote, place + 1
            else:
                quote = ""
        elif not quote and character in "'\"":
            quote = character
        elif not quote and character == " ":
            words, word = [*words, word], ""
        else:
            word += character
        place += 1
    return [*words, word]


@pytest.mark.parametrize("text", PAYLOADS, ids=lambda text: ascii(text[:30]))
@pytest.mark.parametrize("field", ["source", "dest", "folder", "remote folder", "module", "host", "user"])
def test_a_location_is_refused_or_stands_behind_the_dashes(field: str, text: str) -> None:
    made = job(field, text)
    problems = engine("rsync").problems(made)
    if problems:
        assert set(problems) <= {"source", "dest"}
        assert all(len(sentence) > 20 and sentence.endswith(".") for sentence in problems.values())
        return
    argv = arguments(made)
    position = argv.index("--")
    assert argv[position + 1 :] == (made.source, without_idle_steps(made.dest))
    assert not any(end.startswith("-") for end in argv[position + 1 :])
    (kind,) = {side.kind for side in engine("rsync").locations(made)} - {"local"} or {"local"}
    example = arguments(job("dest", {"local": "/srv/x", "ssh": "nas:/srv", "daemon": "nas::data"}[kind]))
    assert argv[:position] == example[: example.index("--")]


def without_idle_steps(dest: str) -> str:
    """What rsync is given for a destination: `//` and `/./` lead nowhere, and it fails to make them."""
    scheme = "rsync://" if dest.startswith("rsync://") else ""
    head, slash, path = dest.removeprefix(scheme).partition("/")
    *steps, last = path.split("/")
    kept = [step for step in steps if step not in ("", ".")]
    return scheme + head + slash + "".join(f"{step}/" for step in kept) + ("" if last == "." else last)


@pytest.mark.parametrize("text", PAYLOADS, ids=lambda text: ascii(text[:30]))
@pytest.mark.parametrize("field", ["include", "exclude"])
def test_a_pattern_is_refused_or_glued_to_its_option(field: str, text: str) -> None:
    made = job(field, text)
    problems = engine("rsync").problems(made)
    if problems:
        assert set(problems) == {field}
        assert problems[field].endswith(".")
        return
    expected = tuple(word.replace(f"--{field}={SAFE}", f"--{field}={text}") for word in arguments(job(field, SAFE)))
    assert arguments(made) == expected


@pytest.mark.parametrize(
    "text", [*PAYLOADS, *(f"/keys/{text}" for text in PAYLOADS)], ids=lambda text: ascii(text[:30])
)
def test_a_key_is_refused_or_one_word_for_ssh(text: str) -> None:
    made = job("key", text)
    problems = engine("rsync").problems(made)
    if problems:
        assert set(problems) == {"ssh_key"}
        assert problems["ssh_key"].endswith(".")
        return
    argv, example = arguments(made), arguments(job("key", f"/{SAFE}"))
    shell = argv.index("-e") + 1
    assert (*argv[:shell], example[shell], *argv[shell + 1 :]) == example
    expected = [text if word == f"/{SAFE}" else word for word in split_like_rsync(example[shell])]
    assert split_like_rsync(argv[shell]) == expected


@pytest.mark.parametrize("option", PAYLOADS, ids=lambda text: ascii(text[:30]))
def test_an_option_that_is_not_one_of_ours_is_refused(option: str) -> None:
    made = build.job(settings=JobSettings(options=(option,)))
    assert set(engine("rsync").problems(made)) == {"options"}
    assert arguments(made) == arguments(build.job())

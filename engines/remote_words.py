"""What remotes are and why one does not answer, in words without secrets; reads sections and output, runs nothing."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from engines.remote_fields import remote_in
from engines.remote_kinds import RemoteField, secret_keys
from utils.text import visible

Section = Mapping[str, str]
_WRAPPERS = frozenset({"alias", "cache", "chunker", "combine", "compress", "crypt", "hasher", "union"})
_SECRET_KEY = re.compile(r"pass|secret|token|key|auth|credential|cookie|headers", re.IGNORECASE)
_SHORTEST_SECRET = 4
_REFUSED = (
    r"unable to authenticate|\b40[13]\b|unauthorized|forbidden|accessdenied|invalidaccesskeyid|"
    "signaturedoesnotmatch|logon is invalid|logon failure|status_logon|access is denied|login incorrect"
)
_STAMP = re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?:[A-Z]+ *: )?")


class Trouble(NamedTuple):
    """Why a remote did not answer; `code` is a word for scripts."""

    code: str
    sentence: str


def described(section: Section) -> str:
    """Where the remote leads, from values that are no secrets ("" = nothing harmless is known)."""
    kind = section.get("type", "")
    if section.get("host"):
        port = section.get("port", "")
        user = f"{section['user']} at " if section.get("user") else ""
        return f"{user}{section['host']}{f', port {port}' if port else ''}"
    if section.get("url"):
        user = f"{section['user']} at " if section.get("user") else ""
        return f"{user}{_harmless_url(section['url'])}"
    if kind == "s3":
        return ", ".join(filter(None, (section.get("provider"), _harmless_url(section.get("endpoint", "")))))
    if kind in _WRAPPERS:
        return _over(section.get("remote", ""))
    return "Folders of this machine" if kind == "local" else ""


def shown(field: RemoteField, value: str) -> str:
    """A stored value for a form: others may have put a secret where none belongs."""
    if field.check in {"url", "endpoint"}:
        return _harmless_url(value)
    if field.check == "place":
        return value if value.startswith("/") or remote_in(value) else ""
    return "" if field.is_secret else value


def _harmless_url(text: str) -> str:
    """The address without user, password, query and fragment, which may be secrets."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not parts.scheme or not host:
        return "" if "@" in text else text
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"


def _over(place: str) -> str:
    return f"over {place}" if place.startswith("/") or remote_in(place) else ""


def built_on(section: Section) -> frozenset[str]:
    """The remotes that this one needs."""
    words = [section.get("remote", ""), *section.get("upstreams", "").split()]
    places = [word.rpartition("=")[2] if section.get("type") == "combine" else word for word in words]
    return frozenset(filter(None, map(remote_in, places)))


# The first that is found in the output (lower case) counts; the sentence may use {name} and {version}.
_TROUBLES: tuple[tuple[str, str, str], ...] = (
    ("key is unknown|parse known_hosts_file", "host_key_unknown", "The host's key has not been accepted yet."),
    (
        "knownhosts: key mismatch",
        "host_key_differs",
        "The host shows another key than the accepted one. Find out on the host itself which key is right.",
    ),
    (
        "invalid_grant|couldn't fetch token|empty token|token has expired|token expired",
        "sign_in_expired",
        "The sign-in has run out. Renew it on this machine with: rclone config reconnect {name}:",
    ),
    (
        "failed to read private key|failed to parse private key|couldn't open.*key|passphrase",
        "key_unusable",
        "The private key cannot be used: it is not there, not readable, or has a passphrase.",
    ),
    (
        _REFUSED,
        "refused",
        "The server answers, but it refused the user, the password or the key.",
    ),
    ("revealing password", "not_obscured", "The password in rclone.conf cannot be read. Edit the remote and enter it."),
    (
        "didn't find section in config|failed to make remote",
        "base_missing",
        "It is built on a remote that does not exist or cannot be used.",
    ),
    ("didn't find backend", "kind_unknown", "This version of rclone does not know this kind of remote."),
    (
        "no such host|server misbehaving|temporary failure in name",
        "name_unknown",
        "The host's name could not be looked up. Check its spelling and the network.",
    ),
    (
        "x509:|certificate|tls: ",
        "certificate",
        "The server's certificate cannot be trusted: it is expired, for another name, or signed by nobody known here.",
    ),
    (
        "http response to https client",
        "no_encryption",
        "The server speaks http, not https. Correct the address, or the port in it.",
    ),
    ("connection refused", "unreachable", "The host refused the connection: nothing listens on that port."),
    (r"\beof\b|connection reset|broken pipe", "unreachable", "The server broke off the connection."),
    ("no route to host|network is unreachable", "unreachable", "There is no way to the host from here. Is it on?"),
    (
        "i/o timeout|deadline exceeded|timed out|timeout",
        "unreachable",
        "Nothing answered in time. Check that the host is on, and its address.",
    ),
    (
        r"directory not found|\b404\b|nosuchbucket|object not found|not found|no such file",
        "not_found",
        "The server answers, but there is no such folder. Check the address.",
    ),
)


def trouble(name: str, section: Section, output: str) -> Trouble:
    """Why listing the remote failed, by what rclone printed."""
    text = output.lower()
    for pattern, code, sentence in _TROUBLES:
        if re.search(pattern, text):
            return Trouble(code, sentence.format(name=name))
    said = last_words(section, output)
    return Trouble("unknown", f"rclone said: {said}" if said else "rclone ended without saying why.")


def warning(section: Section) -> str:
    """What is unsafe about a remote ("" = nothing known)."""
    if section.get("type") == "sftp" and not section.get("known_hosts_file") and not section.get("ssh"):
        return "rclone does not check this host's key. Save the remote here once (Edit) to have it checked."
    return ""


def is_empty_wrapper(section: Section, found: Trouble) -> bool:
    """Whether only the folder is missing that the first copy makes."""
    return found.code == "not_found" and section.get("type") in _WRAPPERS


def unreadable(output: str) -> str:
    """Why rclone could not read its file, without the line it stumbled over: that may hold a secret."""
    if "could not parse line" in output:
        return "One of its lines is neither a section, a comment nor key = value."
    return last_words({}, output)


def last_words(section: Section, output: str) -> str:
    """The last line that rclone printed, fit to show and without secrets."""
    lines = [line for line in output.splitlines() if line.strip()]
    words = _STAMP.sub("", lines[-1]) if lines else ""
    return visible(without_secrets(section, words))[:300]


def without_secrets(section: Section, text: str) -> str:
    """The text with every value of the section that may be a secret left out."""
    known = secret_keys(section.get("type", ""))
    for key, value in section.items():
        if (key in known or _SECRET_KEY.search(key)) and len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "…")
    return text

"""Who is let in, judged by the bare request: the bind, the Host, the Origin; not sessions and tokens."""

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask_app.config import LOOPBACK_NAMES, ServerConfig

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ACCESS_SENTENCE = "From here an account is required: log in, or send a token (Authorization: Bearer …)."
FOREIGN_SENTENCE = (
    "This came from a page of another site, so nothing was done. If it was you: reload this page and try again. "
    "Behind a proxy, BACKUP_MANAGER_TRUSTED_PROXIES says how many to trust."
)
DEFAULT_PORTS = {"http": 80, "https": 443}
FORWARDED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_CLIENT_IP")
FORWARDED_PREFIXES = ("HTTP_X_FORWARDED", "HTTP_CF_", "HTTP_TRUE_CLIENT", "HTTP_X_ORIGINAL_", "HTTP_X_PROXY")


def is_open(environ: "WSGIEnvironment", config: ServerConfig) -> bool:
    """Whether this request is served without an account.

    A proxy that was set up without forwarding headers gives itself away by HTTP/1.0, which no browser speaks.
    """
    if config.access != "auto":
        return config.access == "off"
    return (
        _is_loopback(environ.get("SERVER_NAME", ""))
        and _is_loopback(environ.get("REMOTE_ADDR", ""))
        and _origin_of(f"http://{environ.get('HTTP_HOST', '')}")[1] in LOOPBACK_NAMES
        and not _was_forwarded(environ)
        and environ.get("SERVER_PROTOCOL") != "HTTP/1.0"
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _was_forwarded(environ: "WSGIEnvironment") -> bool:
    return any(name in environ for name in FORWARDED) or any(name.startswith(FORWARDED_PREFIXES) for name in environ)


def is_foreign(environ: "WSGIEnvironment") -> bool:
    """Whether a page of another origin sent this; a caller that says nothing about it is no page."""
    if environ.get("HTTP_SEC_FETCH_SITE", "same-origin") not in {"same-origin", "none"}:
        return True
    told = environ.get("HTTP_ORIGIN", environ.get("HTTP_REFERER"))
    if told is None:
        return False
    own = _origin_of(f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}")
    return _origin_of(told) != own


def says_where_from(environ: "WSGIEnvironment") -> bool:
    """Whether the caller told where it comes from, as every browser does on a change."""
    return "HTTP_ORIGIN" in environ or "HTTP_SEC_FETCH_SITE" in environ


def _origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of a URL; three empty parts where it has none ("null")."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, (parts.hostname or "").lower(), port

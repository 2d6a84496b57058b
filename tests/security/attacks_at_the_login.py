"""What somebody tries who has no account here, or had one: guesses, cookies, a proxy's header. Each says its gain."""

import re
from ipaddress import ip_network
from urllib.parse import quote

import requests

from core.doors import Doors
from models.role import Role
from tests.flask_app.people import PASSWORD
from tests.security.site import EVIL, Site
from tests.servers import DEADLINE

OWNER = "owner"
AIMS = (
    f"//{EVIL}", f"https://{EVIL}/", f"/\\{EVIL}", f"\\/{EVIL}", f"/\t/{EVIL}", f"/\n/{EVIL}", f" //{EVIL}",
    f"/ /{EVIL}", f"///{EVIL}", f"http:{EVIL}", f"javascript:alert(1)//{EVIL}", f"/x\r\nLocation: https://{EVIL}",
    f"{EVIL}", f"//{EVIL}/%2f..", f"/\u2028/{EVIL}", f"data:text/html,{EVIL}",
)  # fmt: skip


def doors(site: Site) -> Doors:
    """Of a site that has an owner."""
    found: Doors = site.app.extensions["doors"]
    if found.accounts.find(OWNER) is None:
        found.accounts.create(OWNER, Role.ADMINISTRATOR, PASSWORD)
    return found


def sent(site: Site, own: requests.Session, path: str, **fields: str) -> requests.Response:
    """A form with the token of the page before it."""
    page = own.get(f"{site.address}/login", timeout=DEADLINE, allow_redirects=False)
    if "csrf-token" not in page.text:  # whoever is logged in is led away from there
        page = own.get(f"{site.address}/logs/", timeout=DEADLINE)
    found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    fields = {"csrf_token": found.group(1) if found else "", **fields}
    headers = {"Origin": site.address}
    return own.post(f"{site.address}{path}", data=fields, headers=headers, timeout=DEADLINE, allow_redirects=False)


def gets_in(site: Site, own: requests.Session) -> bool:
    return own.get(f"{site.address}/settings/", timeout=DEADLINE, allow_redirects=False).status_code == 200


def logged_in(site: Site, own: requests.Session, password: str = PASSWORD) -> bool:
    return sent(site, own, "/login", name=OWNER, password=password).status_code == 303


def the_login_leads_elsewhere(site: Site) -> str:
    """Whoever is logged in already is led on at once; a link to it looks like one of ours."""
    for aim in AIMS:
        answer = site.ask("GET", f"/login?next={quote(aim)}")
        place = answer.headers.get("Location", "")
        if answer.status_code != 303 or not re.fullmatch(r"/(?![/\\])[!-~]*", place):
            return f"{aim!r} leads to {place!r}"
    return ""


def a_session_that_somebody_else_knows_is_logged_in(site: Site) -> str:
    """Fixation: the attacker's own good cookie is put into the owner's browser, who then logs in."""
    doors(site)
    with site.configured(access="required"), requests.Session() as attacker, requests.Session() as owner:
        attacker.get(f"{site.address}/login", timeout=DEADLINE)
        owner.cookies.update(attacker.cookies)
        assert logged_in(site, owner)
        assert gets_in(site, owner)
        return "the owner's session" if gets_in(site, attacker) else ""


def a_copied_cookie_outlives_the_logout(site: Site) -> str:
    doors(site)
    with site.configured(access="required"), requests.Session() as owner, requests.Session() as thief:
        assert logged_in(site, owner)
        thief.cookies.update(owner.cookies)
        sent(site, owner, "/logout")
        return "the session of somebody who left" if gets_in(site, thief) else ""


def passwords_are_guessed(site: Site) -> str:
    """A list of usual ones; the right one is among them, behind more than anybody mistypes."""
    doors(site)
    with site.configured(access="required"):
        for word in (*(f"summer {year} in the garden" for year in range(2000, 2008)), PASSWORD):
            with requests.Session() as guess:
                if logged_in(site, guess, word):
                    return "the password"
    return ""


def a_token_makes_one_that_lasts_longer(site: Site) -> str:
    """A token of a day, found in somebody's script, asks for one without an end, or for an account."""
    found = doors(site)
    secret, weak = found.tokens.create(OWNER, "of a day", Role.ADMINISTRATOR, 1)
    with site.configured(access="required"):
        for path, fields in (
            ("/account/tokens", {"name": "for ever", "role": "viewer", "days": ""}),
            ("/accounts/add", {"name": "eve", "role": "administrator", "password": PASSWORD}),
        ):
            headers = {"Authorization": f"Bearer {secret}"}
            requests.post(f"{site.address}{path}", data=fields, headers=headers, timeout=DEADLINE)
    owned, eve = found.tokens.of_account(OWNER), found.accounts.find("eve")
    for token in owned:
        found.tokens.revoke(token.id, OWNER)
    if eve:
        found.accounts.remove("eve")
    return "a token for ever, or an account" if owned != [weak] or eve else ""


def anybody_sends_the_header_of_the_proxy(site: Site) -> str:
    """The name that the proxy let in, from a machine that is no proxy."""
    doors(site)
    gate = site.app.extensions["gate"]
    before, gate._header = gate._header, "HTTP_REMOTE_USER"
    try:
        with site.configured(access="required", auth_proxies=(ip_network("10.1.2.0/24"),)):
            told = {"Remote-User": OWNER, "X-Forwarded-For": "10.1.2.3"}
            return "the owner's account" if site.ask("GET", "/settings/", headers=told).status_code == 200 else ""
    finally:
        gate._header = before

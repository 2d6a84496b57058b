"""Logging in and out and the first account, as somebody on another machine meets them, and as somebody who attacks."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from core.guessing import FREE_BY_ADDRESS, FREE_BY_DEVICE, FREE_BY_PAIR
from core.passwords import TooBusy
from flask_app import create_app
from flask_app.config import ServerConfig, read_environment
from models.role import Role
from tests import build, fakes
from tests.flask_app.people import AFAR, OTHER, PASSWORD, Person, bearer, doors, quickly

CODE = re.compile(r"[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}")


@pytest.fixture
def app(config: ServerConfig) -> Flask:
    return started(config)


def started(config: ServerConfig, **environ: str) -> Flask:
    places = {"BACKUP_MANAGER_DATA_DIR": str(config.data_dir), "BACKUP_MANAGER_ALLOWED_HOSTS": AFAR}
    return quickly(create_app(fakes.container(), read_environment(places | environ)))


@pytest.fixture
def person(app: Flask) -> Person:
    doors(app).accounts.create("anna", Role.ADMINISTRATOR, PASSWORD)
    return Person(app)


def secret_job(app: Flask) -> None:
    """A job whose name no stranger may see."""
    jobs = app.extensions["container"].jobs.jobs
    jobs[build.JOB_ID] = build.job(id=build.JOB_ID, name="Divorce papers")


# Logging in


def test_a_stranger_is_led_to_the_form_and_back(person: Person) -> None:
    answer = person.get("/jobs/?search=a+b&tag=x")
    assert answer.status_code == 303
    place = urlsplit(answer.headers["Location"])
    assert (place.netloc, place.path) == ("", "/login")
    wanted = parse_qs(place.query)["next"][0]
    form = person.get(answer.headers["Location"])
    assert f'name="next" value="{wanted}"'.replace("&", "&amp;") in form.text
    assert person.log_in(next=wanted).headers["Location"] == "/jobs/?search=a+b&tag=x"
    assert person.is_in()
    assert person.get("/login?next=/logs/").headers["Location"] == "/logs/"


ELSEWHERE = (
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "///evil.example",
    "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", " //evil.example", "evil.example", "",
    "/\r\nSet-Cookie: a=b", "http:evil.example", "/é", "/\u2028",
)  # fmt: skip
ODD = ("/.//evil.example", "/@evil.example", "/jobs/..//evil.example", "/%2f/evil.example")


@pytest.mark.parametrize(
    ("page", "led"),
    [(f"http://{AFAR}/jobs/?tag=x", "/login?next=/jobs/"), ("http://[", "/login?next="), ("", "/login?next=")],
)
def test_a_page_of_which_the_login_is_over_is_led_to_the_form_whatever_it_calls_itself(
    person: Person, page: str, led: str
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    answer = person.client.get("/active-jobs", base_url=person.base, headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, led)


def test_next_leads_to_no_other_site(person: Person) -> None:
    for place in ELSEWHERE:
        assert person.log_in(next=place).headers["Location"] == "/", place
    for place in ODD:
        assert person.log_in(next=place).headers["Location"] == place, "a path of this site, for every browser"


def test_a_wrong_name_and_a_wrong_password_are_told_alike(person: Person) -> None:
    doors(person.app).accounts.create("proxied", Role.VIEWER, None)
    answers = []
    for name in ("anna", "nobody", "proxied", "ANNA", "x" * 5000, "a\x00b", "' OR 1=1"):
        answer = Person(person.app, f"192.0.2.{len(name) % 200}").log_in(name, "wrong horse")
        answers.append(
            (answer.status_code, "Name or password is wrong." in answer.text, "Set-Cookie" in answer.headers)
        )
    assert set(answers) == {(422, True, False)}


def test_the_form_keeps_the_name_and_never_the_password(person: Person) -> None:
    page = person.log_in("<b>anna", "wrong horse", remember="1").text
    assert 'value="&lt;b&gt;anna"' in page
    assert "wrong horse" not in page
    assert 'role="alert"' in page
    assert re.search(r'name="remember" value="1"\s+checked', page)


def test_a_name_is_typed_in_any_case(person: Person) -> None:
    assert person.log_in(" ANNA ").status_code == 303
    assert person.is_in()


# Sessions


def test_a_session_that_somebody_planted_is_not_logged_in(person: Person) -> None:
    attacker = Person(person.app, "198.51.100.9")
    attacker.get("/login")
    planted = attacker.cookie()
    person.client.set_cookie("backup_manager", planted, domain=AFAR)
    person.log_in()
    assert person.is_in()
    assert person.cookie() != planted
    assert not attacker.is_in()


def test_each_login_has_another_id_and_ends_the_one_before(person: Person) -> None:
    person.log_in()
    first, thief = person.cookie(), Person(person.app)
    person.log_in()
    assert person.cookie() != first
    thief.client.set_cookie("backup_manager", first, domain=AFAR)
    assert not thief.is_in()
    assert len(doors(person.app).logins.of_account("anna")) == 1


def cookies(answer_headers: list[str]) -> dict[str, list[str]]:
    return {one.partition("=")[0]: one.split("; ")[1:] for one in answer_headers}


@pytest.mark.parametrize(("scheme", "is_secure"), [("http", False), ("https", True)])
@pytest.mark.parametrize(("remember", "stays"), [("", False), ("1", True)])
def test_cookies_are_kept_from_scripts_and_other_sites(
    person: Person, scheme: str, is_secure: bool, remember: str, stays: bool
) -> None:
    answer = Person(person.app, scheme=scheme).log_in(remember=remember)
    found = cookies(answer.headers.getlist("Set-Cookie"))
    assert set(found) == {"backup_manager", "backup_manager_device"}
    for name, attributes in found.items():
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes), name
        assert ("Secure" in attributes) is is_secure
        assert not any(one.startswith("Domain") for one in attributes)
    assert any(one == "Max-Age=2678400" for one in found["backup_manager"]) is stays
    assert any(one.startswith(("Max-Age", "Expires")) for one in found["backup_manager"]) is stays


def test_logging_out_ends_the_login_and_the_id_and_takes_a_token(person: Person) -> None:
    person.log_in()
    former = person.cookie()
    assert person.client.post("/logout", base_url=person.base, headers={"Origin": person.base}).status_code == 403
    assert person.post("/logout", {"Origin": "http://evil.example"}).status_code == 403
    assert person.get("/logout").status_code in {303, 401, 405}
    assert person.is_in()
    assert person.post("/logout").headers["Location"] == "/login"
    assert not person.is_in()
    assert person.cookie() not in ("", former)
    person.client.set_cookie("backup_manager", former, domain=AFAR)
    assert not person.is_in()
    assert doors(person.app).logins.of_account("anna") == []


def test_logging_out_forgets_the_browser_also_where_nothing_can_be_saved(person: Person, config: ServerConfig) -> None:
    person.log_in()
    former = person.cookie()
    lock = config.data_dir / "logins.lock"
    lock.unlink()
    lock.mkdir()
    assert person.post("/logout").status_code == 503
    assert person.cookie() != former
    assert not person.is_in()


def test_nobody_is_logged_in_by_a_page_of_another_site(person: Person) -> None:
    sent = {"name": "anna", "password": PASSWORD}
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert person.post("/login", headers, **sent).status_code == 403
    assert person.client.post("/login", base_url=person.base, data=sent).status_code == 403
    assert not person.is_in()


# Guessing


def wrong(person: Person, times: int, name: str = "anna") -> list[int]:
    return [person.log_in(name, f"wrong horse {number}").status_code for number in range(times)]


def test_after_some_wrong_ones_even_the_right_one_waits(person: Person) -> None:
    assert wrong(person, FREE_BY_PAIR) == [422] * FREE_BY_PAIR
    answer = person.log_in()
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert "looked at in 1 s" in answer.text
    assert not person.is_in()


def test_no_header_and_no_spelling_goes_around_the_wait(person: Person) -> None:
    wrong(person, FREE_BY_PAIR)
    spoofed: list[dict[str, str]] = [{}, {"X-Forwarded-For": "203.0.113.5"}, {"Forwarded": "for=203.0.113.5"}]
    for headers in (*spoofed, {"X-Real-IP": "203.0.113.5"}):
        for name in ("ANNA", "anna ", " Anna"):
            for browser in (person, Person(person.app)):
                assert browser.post("/login", headers, name=name, password=PASSWORD).status_code == 429


def test_a_trusted_proxy_names_the_address_and_a_visitor_cannot(config: ServerConfig) -> None:
    app = started(config, BACKUP_MANAGER_TRUSTED_PROXIES="1")
    doors(app).accounts.create("anna", Role.ADMINISTRATOR, PASSWORD)
    person = Person(app, "127.0.0.1")
    found = []
    for number in range(FREE_BY_PAIR + 1):
        told = {"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.9"}
        found.append(person.post("/login", told, name="anna", password="wrong horse").status_code)
    assert found == [422] * FREE_BY_PAIR + [429]
    told = {"X-Forwarded-For": "198.51.100.10"}
    assert person.post("/login", told, name="anna", password=PASSWORD).status_code == 303


def test_an_owner_is_not_kept_out_by_strangers(person: Person) -> None:
    person.log_in()
    person.post("/logout")
    stranger = Person(person.app)
    assert 429 in wrong(stranger, FREE_BY_PAIR + 1), "from the same address"
    assert person.log_in().status_code == 303
    assert Person(person.app, "192.0.2.8").log_in().status_code == 303


def test_the_mark_of_a_browser_is_of_use_for_its_own_account_only(person: Person) -> None:
    doors(person.app).accounts.create("bert", Role.VIEWER, OTHER)
    person.log_in("bert", OTHER)
    person.post("/logout")
    assert wrong(person, FREE_BY_PAIR + 1) == [422] * FREE_BY_PAIR + [429]
    assert wrong(person, FREE_BY_DEVICE + 1, "bert") == [422] * FREE_BY_DEVICE + [429]
    forged = Person(person.app)
    forged.client.set_cookie("backup_manager_device", person.cookie("backup_manager_device") + "x", domain=AFAR)
    assert forged.log_in("bert", OTHER).status_code == 303, "bert's own mark has waits now, a pair has none"


def test_names_are_not_tried_one_after_the_other(person: Person) -> None:
    found = [person.log_in(f"name{number}", "password123").status_code for number in range(FREE_BY_ADDRESS + 1)]
    assert found == [422] * FREE_BY_ADDRESS + [429]


def test_a_try_that_nobody_had_time_for_is_told_and_not_counted(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = doors(person.app).accounts

    def busy(name: str, password: str) -> None:
        raise TooBusy

    with monkeypatch.context() as patch:
        patch.setattr(accounts, "verified", busy)
        for _ in range(2 * FREE_BY_ADDRESS):
            answer = person.log_in()
            assert (answer.status_code, "Too many people" in answer.text) == (429, True)
    assert person.log_in().status_code == 303


# The first account


def test_the_first_account_is_made_with_the_code_on_the_console(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    person = Person(app)
    page = person.get("/login").text
    printed = CODE.findall(capsys.readouterr().out)
    assert len(printed) == 1
    assert printed[0] not in page
    made = {"code": printed[0].lower(), "name": "Anna", "password": PASSWORD}
    refused = person.post("/setup", **{**made, "code": "AAAA-AAAA-AAAA-AAAA"})
    assert refused.status_code == 422
    assert 'id="field-code-error"' in refused.text
    assert 'value="Anna"' in refused.text
    refused = person.post("/setup", **{**made, "password": "short"})
    assert refused.status_code == 422
    assert 'id="field-password-error"' in refused.text
    assert doors(app).accounts.is_empty()
    assert person.post("/setup", {"Origin": "http://evil.example"}, **made).status_code == 403
    assert person.post("/setup", **made, next="/jobs/").headers["Location"] == "/jobs/"
    assert person.is_in()
    assert doors(app).accounts.get("anna").role is Role.ADMINISTRATOR
    assert CODE.findall(capsys.readouterr().out) == []


def test_the_code_is_of_no_use_once_an_account_exists(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    late, person = Person(app), Person(app, "192.0.2.8")
    late.get("/login")
    (code,) = CODE.findall(capsys.readouterr().out)
    doors(app).accounts.create("anna", Role.ADMINISTRATOR, PASSWORD)
    answer = late.post("/setup", code=code, name="mallory", password=PASSWORD)
    assert answer.status_code == 409
    assert "The first account exists already." in answer.text
    assert "One-time code" not in answer.text
    for empty in ("", "-"):
        assert person.post("/setup", code=empty, name="mallory", password=PASSWORD).status_code == 422
    assert [one.name for one in doors(app).accounts.all()] == ["anna"]


def test_the_code_is_not_guessed(app: Flask) -> None:
    person = Person(app)
    found = [person.post("/setup", code=f"{number}", name="m", password=PASSWORD).status_code for number in range(7)]
    assert found == [422] * FREE_BY_PAIR + [429] * 2
    assert Person(app, "192.0.2.8").post("/setup", code="x", name="m", password=PASSWORD).status_code == 422


# What is broken


@pytest.mark.parametrize("content", [b"", b'{"accounts": {"anna": {}}}'])
def test_with_broken_accounts_nobody_comes_in_from_afar_and_the_machine_itself_goes_on(
    person: Person, config: ServerConfig, content: bytes
) -> None:
    secret_job(person.app)
    person.log_in()
    token = bearer(person.app, Role.ADMINISTRATOR)["Authorization"]
    (config.data_dir / "accounts.json").write_bytes(content)
    for answer in (
        person.get("/login"), person.get("/"), Person(person.app).get("/login"), person.get("/", Authorization=token),
        person.client.get("/api/v1/jobs", base_url=person.base),
    ):  # fmt: skip
        assert answer.status_code == 409
        assert "accounts.json in the data folder cannot be read" in answer.text
        assert "Divorce" not in answer.text
    assert Person(person.app).get("/jobs/").status_code == 303
    near = person.app.test_client()
    near.get("/login")
    assert near.get("/jobs/").status_code == 200
    assert near.get("/accounts/").status_code == 409
    assert (config.data_dir / "accounts.json").read_bytes() == content


def test_with_broken_logins_everybody_logs_in_again(person: Person, config: ServerConfig) -> None:
    person.log_in()
    (config.data_dir / "logins.json").write_bytes(b'{"logins": {')
    assert not person.is_in()
    assert person.log_in().status_code == 303
    assert person.is_in()


def test_where_nothing_can_be_saved_the_form_says_so_and_keeps_the_name(person: Person, config: ServerConfig) -> None:
    (config.data_dir / "logins.lock").mkdir()
    answer = person.log_in()
    assert answer.status_code == 503
    assert "logins.lock cannot be taken" in answer.text
    assert 'value="anna"' in answer.text
    assert not person.is_in()


def test_a_stranger_sees_nothing_of_the_jobs_on_any_page(person: Person) -> None:
    secret_job(person.app)
    stranger = Person(person.app)
    pages = [
        stranger.get("/login"), stranger.get("/static/nothing.js"), stranger.get("/nothing"), stranger.get("/offline"),
        stranger.post("/login", name="x" * 1_100_000), stranger.log_in("anna", "wrong horse"),
        stranger.client.put("/login", base_url=stranger.base), stranger.post("/setup"),
    ]  # fmt: skip
    assert [page.status_code for page in pages] == [200, 404, 303, 200, 413, 422, 401, 422]
    for page in pages:
        assert "Divorce" not in page.text
        assert not re.search(r'class="count"|data-utc-offset|id="recovery"', page.text), (
            "nothing of the frame's figures"
        )


def test_what_people_type_stands_in_no_record(person: Person, tmp_path: Path) -> None:
    person.log_in("my-password-in-the-wrong-field", "secret-that-was-typed")
    person.log_in("anna", "secret-that-was-typed")
    person.log_in(remember="1")
    person.post("/logout")
    records = person.app.extensions["container"].audit.records
    assert [(one.action, one.outcome, one.code) for one in records] == [
        ("access.login", "refused", "wrong_password"),
        ("access.login", "refused", "wrong_password"),
        ("access.login", "done", ""),
        ("access.logout", "done", ""),
    ]
    assert [one.names for one in records] == [(), ("anna",), (), ()]
    kept = repr(records) + "".join(
        path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()
    )
    for secret in ("my-password", "secret-that", PASSWORD, person.cookie(), person.cookie().partition(".")[0]):
        assert secret
        assert secret not in kept

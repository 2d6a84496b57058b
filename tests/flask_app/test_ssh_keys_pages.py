"""ssh keys and known hosts on the settings page: made, shown without their private part, deleted after a question."""

from pathlib import Path

from models.job import JobSettings, SshAccess
from tests.flask_app.pages import Pages

BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIH6G5nJ0mJ7wH1h1m3cRk7pQ9l3y8Jm2o4b0fQWmYk1P"


def test_a_key_is_made_and_shown_with_how_to_use_it(pages: Pages) -> None:
    answer = pages.post("/settings/keys/create", htmx=True, name="nas")
    key = pages.core.ssh_keys.get("nas")
    for text in (answer.text, pages.get("/settings/").text):
        assert key.public in text
        assert key.path in text
        assert f"ssh-copy-id -i {key.path}.pub user@host" in text
    assert "Key nas made" in answer.text
    assert '<details class="tree" open>' in answer.text
    assert pages.post("/settings/keys/create", name="office").headers["Location"] == "/settings/#keys"


def test_the_private_part_is_on_no_page(pages: Pages) -> None:
    pages.post("/settings/keys/create", name="nas")
    private = Path(pages.core.ssh_keys.get("nas").path).read_text()
    secret = private.splitlines()[2]
    for path in ("/settings/", "/settings/keys/nas/delete", "/api/v1/settings", "/api/v1/tools", "/logs/"):
        text = pages.get(path).text
        assert secret not in text
        assert "PRIVATE KEY" not in text


def test_the_form_of_a_job_offers_our_keys(pages: Pages) -> None:
    pages.post("/settings/keys/create", name="nas")
    form = pages.get("/jobs/create").text
    assert f'<option value="{pages.core.ssh_keys.get("nas").path}">nas</option>' in form
    assert 'list="ssh-keys"' in form


def test_a_bad_name_is_422_beside_the_field(pages: Pages) -> None:
    for htmx in (True, False):
        answer = pages.post("/settings/keys/create", htmx=htmx, name="../etc")
        assert answer.status_code == 422
        assert 'id="field-name-error"' in answer.text
        assert 'value="../etc"' in answer.text
        assert 'value=" x y "' in pages.post("/settings/keys/create", htmx=htmx, name=" x y ").text
    assert pages.core.ssh_keys.all() == ()


def test_the_jobs_of_a_key_are_named_and_asked_about(pages: Pages) -> None:
    pages.post("/settings/keys/create", name="nas")
    key = pages.core.ssh_keys.get("nas")
    settings = JobSettings(ssh=SshAccess(None, key.path))
    job = pages.job(name="<b>Photos</b>", dest="nas.lan:/copy", settings=settings)
    assert f'href="/jobs/{job.id}"' in pages.get("/settings/").text
    for fragment in (None, "dialog"):
        question = pages.get("/settings/keys/nas/delete", fragment).text
        assert "Cannot sign in any more:" in question
        assert "&lt;b&gt;Photos&lt;/b&gt;" in question
    answer = pages.post("/settings/keys/nas/delete", htmx=True)
    assert "Key nas deleted" in answer.text
    assert pages.core.ssh_keys.all() == ()
    assert key.path in answer.text, "the job still names the key that is gone"
    assert pages.get("/settings/keys/nas/delete").status_code == 404


def test_a_key_made_elsewhere_is_listed_with_its_jobs(pages: Pages) -> None:
    pages.job(dest="nas.lan:/copy", settings=JobSettings(ssh=SshAccess(None, "/root/.ssh/<id>")))
    page = pages.get("/settings/").text
    assert "/root/.ssh/&lt;id&gt;" in page
    assert "Made elsewhere." in page


def test_a_known_host_is_listed_and_forgotten_after_a_question(pages: Pages) -> None:
    lines = f"[nas.lan]:2222 ssh-ed25519 {BLOB} accepted:2026-11-20T07:02:04.123Z\nother.lan ssh-ed25519 {BLOB}\n"
    pages.core.folder.known_hosts.write_text(lines)
    pages.job(dest="me@nas.lan:/copy", settings=JobSettings(ssh=SshAccess(2222, None)))
    page = pages.get("/settings/").text
    assert "port 2222" in page
    assert "SHA256:" in page
    assert 'datetime="2026-11-20T07:02:04.123Z"' in page
    assert 'href="/settings/hosts/remove?name=%5Bnas.lan%5D%3A2222"' in page
    for fragment in (None, "dialog"):
        question = pages.get("/settings/hosts/remove?name=%5Bnas.lan%5D%3A2222", fragment).text
        assert "Forget nas.lan:2222?" in question
        assert "Needed by" in question
    answer = pages.post("/settings/hosts/remove", htmx=True, name="[nas.lan]:2222")
    assert "is forgotten" in answer.text
    assert [host.name for host in pages.core.known_hosts.all()] == ["other.lan"]
    assert pages.post("/settings/hosts/remove", name="other.lan").headers["Location"] == "/settings/#hosts"
    assert pages.post("/settings/hosts/remove", name="other.lan").status_code == 404


def test_hostile_names_in_known_hosts_are_shown_and_do_nothing(pages: Pages) -> None:
    pages.core.folder.known_hosts.write_text(f"<script>alert(1)</script> ssh-ed25519 {BLOB}\n\u202eevil <i> {BLOB}\n")
    page = pages.get("/settings/").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "\u202e" not in page

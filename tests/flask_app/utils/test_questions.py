"""A question as a page of its own says where it belongs and leads back there; for htmx it comes into the dialog."""

import re

import pytest

from tests.flask_app.pages import Pages

BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIH6G5nJ0mJ7wH1h1m3cRk7pQ9l3y8Jm2o4b0fQWmYk1P"
PLACES = [
    ("/keys", "Jobs", "/jobs/"),
    ("/templates/delete?name=Nightly", "Templates", "/templates/"),
    ("/settings/reset?section=defaults", "Settings", "/settings/"),
    ("/settings/keys/nas/delete", "Settings", "/settings/"),
    ("/settings/hosts/remove?name=nas.lan", "Settings", "/settings/"),
    ("/jobs/{job}/delete", "Photos", "/jobs/{job}"),
]


@pytest.mark.parametrize(("path", "place", "parent"), PLACES)
def test_a_question_says_where_it_belongs_and_leads_back_there(
    pages: Pages, path: str, place: str, parent: str
) -> None:
    job = pages.job(name="Photos")
    pages.core.templates.keep_job(job.id, "Nightly")
    pages.core.ssh_keys.create("nas")
    pages.core.folder.known_hosts.write_text(f"nas.lan ssh-ed25519 {BLOB}\n")
    page = pages.get(path.format(job=job.id)).text
    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", page) == [place]
    assert f'<a class="parent" href="{parent.format(job=job.id)}">' in page
    answer = pages.get(path.format(job=job.id), "dialog")
    assert answer.headers["HX-Retarget"] == "#dialog"
    assert "<h1" not in answer.text

"""Bodies: what is too much is said to be, whichever way it comes."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def sent_in_pieces(client: FlaskClient, content: bytes, kind: str) -> int:
    """The status of the answer to a body that does not tell its length."""
    environ = {"wsgi.input": io.BytesIO(content), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.post("/api/v1/jobs", content_type=kind, environ_overrides=environ).status_code


@pytest.mark.parametrize("kind", [JSON, FORM])
def test_a_body_without_a_length_is_not_cut_in_silence(client: FlaskClient, kind: str) -> None:
    assert sent_in_pieces(client, b'{"name": "' + b"x" * 2_000_000 + b'"}', kind) == 413


def test_a_body_without_a_length_is_read(client: FlaskClient) -> None:
    assert sent_in_pieces(client, b'{"name": "Photos"}', JSON) == 201


def test_a_body_of_more_than_a_megabyte_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/v1/jobs", data=b"x" * 1_000_001, content_type=JSON)
    assert answer.status_code == 413
    assert "1 MB" in answer.text


@pytest.mark.parametrize(("fields", "is_too_many"), [(20_000, False), (20_001, True)])
def test_a_form_may_name_ten_thousand_jobs_and_not_a_hundred_thousand(
    app: Flask, fields: int, is_too_many: bool
) -> None:
    answer = app.test_client().post("/jobs/bulk", data="&".join(["a=b"] * fields), content_type=FORM)
    assert (answer.status_code == 413) is is_too_many


@pytest.mark.parametrize(("path", "status"), [("/jobs/bulk", 403), ("/login", 403), ("/api/v1/jobs", 415)])
def test_a_part_of_a_form_without_a_name_is_no_defect(client: FlaskClient, path: str, status: int) -> None:
    part = b"--x\r\nContent-Disposition: form-data\r\n\r\na value\r\n--x--\r\n"
    answer = client.post(path, data=part, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == status, answer.text

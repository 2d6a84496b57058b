"""What is typed becomes a draft, exactly; what cannot be read as a number is told by field."""

import pytest
from werkzeug.datastructures import MultiDict

from flask_app.forms import JobForm, draft_of, empty_form, form_of, typed_form
from models.job import JobDraft, JobSettings, SshAccess
from tests import build


def draft(*pairs: tuple[str, str]) -> tuple[JobDraft, dict[str, str]]:
    typed = MultiDict(pairs)
    return draft_of(typed_form(typed, empty_form("rsync")), typed, JobSettings())


def test_paths_are_kept_to_the_letter() -> None:
    made, errors = draft(("source", " /a b /\u00a0"), ("dest", "/x\t"), ("name", " n "))
    assert (made.source, made.dest, made.name, errors) == (" /a b /\u00a0", "/x\t", " n ", {})


def test_only_real_line_ends_divide_patterns() -> None:
    made, _ = draft(("exclude", "a \r\n\r\nb\u2028c\x0bd\r- e\n"), ("include", "*.txt"))
    assert made.settings.exclude == ("a ", "b\u2028c\x0bd", "- e")
    assert made.settings.include == ("*.txt",)


def test_tags_are_divided_by_commas_and_lines() -> None:
    assert draft(("tags", "family, photos\r\n nas ,,"))[0].settings.tags == ("family", "photos", "nas")


@pytest.mark.parametrize("sent", [["acls", "xattrs"], ["acls\r\nxattrs"], ["", "acls", "xattrs"]])
def test_options_come_as_boxes_or_as_lines(sent: list[str]) -> None:
    assert draft(*(("options", word) for word in sent))[0].settings.options == ("acls", "xattrs")


def test_empty_numbers_mean_the_global_setting() -> None:
    settings = draft(("bandwidth_limit", ""), ("max_retries", " "), ("ssh_port", ""), ("ssh_key", ""))[0].settings
    assert (settings.bandwidth_limit, settings.max_retries, settings.ssh) == (None, None, SshAccess(None, None))
    assert settings.stall_minutes == 2.0


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("bandwidth_limit", "-1"),
        ("bandwidth_limit", "1e3"),
        ("bandwidth_limit", "9" * 10_000),
        ("max_retries", "21"),
        ("max_retries", "٣"),
        ("ssh_port", "0"),
        ("ssh_port", "65536"),
        ("stall_minutes", "0"),
        ("stall_minutes", "nan"),
        ("stall_minutes", "1,5"),
    ],
)
def test_a_number_that_is_none_is_told_and_nothing_else_suffers(field: str, text: str) -> None:
    made, errors = draft((field, text), ("name", "Photos"))
    assert set(errors) == {field}
    assert made.name == "Photos"


@pytest.mark.parametrize(("text", "minutes"), [("0.05", 0.05), ("2", 2.0), ("1440", 1440.0)])
def test_stall_minutes_may_be_a_fraction(text: str, minutes: float) -> None:
    assert draft(("stall_minutes", text))[0].settings.stall_minutes == minutes


@pytest.mark.parametrize(
    ("pairs", "password"),
    [([], None), ([("password", "")], None), ([("password", "x")], "x"), ([("forget_password", "1")], "")],
)
def test_a_password_is_set_left_or_forgotten(pairs: list[tuple[str, str]], password: str | None) -> None:
    assert draft(*pairs)[0].password == password


@pytest.mark.parametrize(
    ("source", "name"),
    [("/srv/photos", "photos"), ("/srv/photos/", "photos"), ("a@b:x", "x"), ("/", ""), ("h::m/x", "x")],
)
def test_the_first_job_is_named_after_its_source(source: str, name: str) -> None:
    assert draft(("source", source), ("suggest_name", "1"))[0].name == name


def test_a_name_that_was_emptied_is_not_made_up() -> None:
    typed = MultiDict([("name", "")])
    assert typed_form(typed, form_of(build.job(name="Photos"))).text("name") == ""


def test_a_saved_job_goes_through_the_form_unchanged() -> None:
    settings = JobSettings(
        bandwidth_limit=0, exclude=("a", "b"), include=("c",), max_retries=3, tags=("x", "y"), options=("acls",),
        ssh=SshAccess(2222, "/k"), list_files=True, stall_minutes=0.5, enabled=False, unbuilt=("schedule",),
    )  # fmt: skip
    job = build.job(settings=settings)
    made, errors = draft_of(form_of(job), MultiDict(), job.settings)
    assert (made.settings, errors) == (settings, {})
    assert (made.name, made.source, made.dest, made.type) == (job.name, job.source, job.dest, job.type)


def test_how_the_copy_is_checked_is_taken_and_the_rest_refused() -> None:
    assert draft(("verify", "checksum"))[0].settings.verify == "checksum"
    assert draft(("verify", ""))[0].settings.verify is None
    assert set(draft(("verify", "maybe"), ("deletion_mode", "all"))[1]) == {"verify", "deletion_mode"}


def test_files_at_the_source_are_deleted_only_with_consent() -> None:
    asked = (("delete_source_after", "true"), ("deletion_mode", "per_file"))
    assert set(draft(*asked)[1]) == {"deletion_confirmed"}
    made, errors = draft(*asked, ("deletion_confirmed", "true"), ("skip_deletion_this_run", "true"))
    settings = made.settings
    assert errors == {}
    assert (settings.delete_source_after, settings.deletion_mode) == (True, "per_file")
    assert (settings.deletion_confirmed, settings.skip_deletion_this_run) == (True, True)


def test_options_of_another_engine_are_left_out_of_our_own_form_and_refused_elsewhere() -> None:
    sent = (("type", "rclone"), ("options", "acls"))
    assert draft(*sent)[0].settings.options == ("acls",)
    assert draft(("options", ""), *sent)[0].settings.options == ()


def test_a_form_keeps_its_values_beside_its_errors() -> None:
    form = JobForm({"name": "x"}).with_errors({"name": "Too short."}, "Sorry.")
    assert (form.text("name"), form.errors["name"], form.summary) == ("x", "Too short.", "Sorry.")

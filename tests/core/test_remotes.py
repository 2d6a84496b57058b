"""core/remotes.py"""

from pathlib import Path

import pytest

from core.remotes import RemoteNotFound, RemoteSilent, RemotesUnreadable, WrongConfigPassword
from engines.base import Location
from models.errors import AppError, CannotStart, HostKeyUnknown, InvalidInput
from storage.remotes_file import usual_file
from tests.core.remotes_house import RemotesHouse, kind_named, obscured
from tests.remote_servers import PASSWORD, PROGRAMS, USER, encrypt, serving

TWO = "# mine\n[nas]\ntype = sftp\nhost = nas.lan\npass = SECRETSECRET\n[a b]\ntype = local\n"


@pytest.fixture(params=PROGRAMS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> RemotesHouse:
    return RemotesHouse(tmp_path, request.param)


@pytest.fixture
def system_house(tmp_path: Path) -> RemotesHouse:
    return RemotesHouse(tmp_path)


def test_remotes_are_listed_with_their_types_and_without_their_secrets(house: RemotesHouse) -> None:
    house.write(TWO)
    assert house.remotes.names() == ("a b", "nas")
    assert [(remote.type, remote.description) for remote in house.remotes.all()] == [
        ("local", "Folders of this machine"),
        ("sftp", "nas.lan"),
    ]
    assert "SECRET" not in repr(house.remotes.all())


@pytest.mark.parametrize("content", [None, "", "# nothing\n"])
def test_without_a_file_or_sections_there_are_no_remotes(system_house: RemotesHouse, content: str | None) -> None:
    if content is not None:
        system_house.write(content)
    assert system_house.remotes.names() == ()


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(
    system_house: RemotesHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    system_house.write(TWO)
    assert system_house.remotes.names() == ("a b", "nas")
    monkeypatch.setattr("core.remotes.capture", None)
    assert system_house.remotes.names() == ("a b", "nas")
    monkeypatch.undo()
    system_house.write("[other]\ntype = local\n")
    assert system_house.remotes.names() == ("other",)


def test_a_broken_file_is_said_so_without_its_lines(system_house: RemotesHouse) -> None:
    system_house.write("[nas]\ntype = sftp\npass SECRETSECRET\n")
    with pytest.raises(RemotesUnreadable, match="neither a section") as refused:
        system_house.remotes.names()
    assert "SECRET" not in refused.value.message


def test_an_encrypted_file_needs_its_password_once(house: RemotesHouse) -> None:
    house.write(TWO)
    encrypt(house.config, "open sesame", house.program)
    with pytest.raises(WrongConfigPassword, match="is encrypted"):
        house.remotes.names()
    with pytest.raises(WrongConfigPassword, match="does not open"):
        house.remotes.set_password("open sesam")
    assert not house.remotes.has_password
    house.remotes.set_password("open sesame")
    assert house.remotes.names() == ("a b", "nas")
    assert RemotesHouse(house.root, house.program).remotes.names() == ("a b", "nas")
    house.remotes.forget_password()
    with pytest.raises(WrongConfigPassword):
        house.remotes.names()


@pytest.mark.parametrize("password", ["", "two\nlines"])
def test_a_password_that_is_none_is_refused(system_house: RemotesHouse, password: str) -> None:
    system_house.write("RCLONE_ENCRYPT_V0:\nabcd\n")
    with pytest.raises(WrongConfigPassword):
        system_house.remotes.set_password(password)


def test_a_file_that_is_not_encrypted_takes_no_password(system_house: RemotesHouse) -> None:
    system_house.write(TWO)
    with pytest.raises(AppError, match="not encrypted"):
        system_house.remotes.set_password("x")
    assert not system_house.remotes.has_password


def test_jobs_get_the_password_of_the_file(system_house: RemotesHouse) -> None:
    system_house.write(TWO)
    encrypt(system_house.config, "open sesame")
    system_house.remotes.set_password("open sesame")
    job = system_house.job("nas:photos")
    definitions = system_house.parts.manager._definitions
    assert definitions.secret(job) == "open sesame"


@pytest.mark.parametrize("field", ["source", "dest"])
def test_a_job_on_a_remote_that_is_not_there_is_refused_beside_its_field(
    system_house: RemotesHouse, field: str, tmp_path: Path
) -> None:
    system_house.write(TWO)
    sides = {"source": str(tmp_path), "dest": str(tmp_path / "copy")} | {field: "nsa:photos"}
    with pytest.raises(InvalidInput) as refused:
        system_house.parts.manager.create(system_house.draft(**sides))
    assert refused.value.fields == {field: "There is no remote called nsa. There are: a b, nas."}


def test_a_job_on_a_remote_that_is_there_is_made(system_house: RemotesHouse, tmp_path: Path) -> None:
    system_house.write(TWO)
    job = system_house.parts.manager.create(system_house.draft("nas:photos", str(tmp_path / "copy")))
    assert job.source == "nas:photos"


def test_a_job_whose_remote_went_away_does_not_start(system_house: RemotesHouse) -> None:
    system_house.write(TWO)
    job = system_house.job("gone:photos")
    with pytest.raises(CannotStart, match=r"no remote called gone\. There are: a b, nas\."):
        system_house.parts.manager.start(job.id)


def test_where_the_file_cannot_be_read_nothing_is_taken_for_configured(system_house: RemotesHouse) -> None:
    system_house.write("RCLONE_ENCRYPT_V0:\nabcd\n")
    sentence = system_house.remotes.absent(Location("x", "nas", "", "remote"))
    assert sentence.startswith("Whether there is a remote called nas cannot be told. ")
    assert "is encrypted" in sentence


@pytest.mark.parametrize("location", [Location("/srv"), Location("/srv", "nas", "", "ssh")])
def test_other_places_need_no_remote(system_house: RemotesHouse, location: Location) -> None:
    assert system_house.remotes.absent(location) == ""


def test_a_remote_that_answers_is_said_so_and_others_say_why_not(house: RemotesHouse, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    with serving("webdav", served) as port:
        base = f"type = webdav\nvendor = other\nuser = {USER}\nurl = http://127.0.0.1:{port}"
        good, wrong = obscured(PASSWORD), obscured("wrong")
        house.write(
            f"[good]\n{base}/\npass = {good}\n[wrong]\n{base}/\npass = {wrong}\n[lost]\n{base}/no/\npass = {good}\n"
            f"[secret]\ntype = crypt\nremote = good:deep/down\npassword = {good}\n"
            "[down]\ntype = webdav\nurl = http://127.0.0.1:1/\n[nobody]\ntype = nosuchkind\n"
        )
        assert house.remotes.test("good") == "It answers."
        assert house.remotes.test("secret") == "It answers. Its folder is not there yet; the first copy makes it."
        silent = {name: reason_of(house, name) for name in ("wrong", "lost", "down", "nobody")}
    assert "refused the user" in silent["wrong"]
    assert "no such folder" in silent["lost"]
    assert "nothing listens" in silent["down"]
    assert "does not know this kind" in silent["nobody"]


def reason_of(house: RemotesHouse, name: str) -> str:
    with pytest.raises(RemoteSilent) as silent:
        house.remotes.test(name)
    return silent.value.message


def test_an_ssh_host_is_trusted_only_after_a_person_confirmed_its_keys(
    system_house: RemotesHouse, tmp_path: Path
) -> None:
    served = tmp_path / "served"
    served.mkdir()
    with serving("sftp", served) as port:
        typed = {"host": "127.0.0.1", "port": str(port), "user": USER, "pass": PASSWORD}
        system_house.changes.add(kind_named("sftp"), "nas", typed)
        with pytest.raises(HostKeyUnknown):
            system_house.remotes.test("nas")
        shown = system_house.remotes.host_key("nas")
        assert shown.port == port
        system_house.remotes.accept_host_key("nas", shown.fingerprints)
        assert system_house.remotes.test("nas") == "It answers."


def test_an_unknown_name_is_not_found(system_house: RemotesHouse) -> None:
    for ask in (system_house.remotes.test, system_house.remotes.section, system_house.remotes.host_key):
        with pytest.raises(RemoteNotFound):
            ask("--config=/etc/passwd")


def test_a_name_that_rclone_would_read_as_an_option_is_never_put_to_it(system_house: RemotesHouse) -> None:
    system_house.write("[-x]\ntype = local\n")
    assert system_house.remotes.names() == ()
    assert not system_house.remotes.all()[0].is_usable
    assert "cannot reach" in reason_of(system_house, "-x")


def test_the_file_is_where_rclone_itself_looks(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    usual = tmp_path / ".config" / "rclone" / "rclone.conf"
    assert usual_file(home) == usual
    (tmp_path / ".rclone.conf").touch()
    assert usual_file(home) == tmp_path / ".rclone.conf"
    usual.parent.mkdir(parents=True)
    usual.touch()
    assert usual_file(home) == usual
    assert usual_file(home | {"XDG_CONFIG_HOME": "/x"}) == tmp_path / ".rclone.conf"
    assert usual_file(home | {"XDG_CONFIG_HOME": "relative"}) == usual


def test_a_file_that_is_a_folder_is_said_so(system_house: RemotesHouse) -> None:
    system_house.config.mkdir(parents=True)
    with pytest.raises(RemotesUnreadable, match="cannot be read"):
        system_house.remotes.names()

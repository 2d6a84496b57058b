"""templates.yaml: ours alone, whole at every moment, refused with its line where somebody broke it."""

import stat
import threading
from pathlib import Path

import pytest

from models.errors import InvalidInput, StoreBroken
from models.job import JobDraft, JobSettings
from storage.template_store import LIMIT, TemplateStore
from tests import build

DRAFT = JobDraft("Photos", "rsync", "/srv/photos/", "/mnt/copy", JobSettings(exclude=("*.tmp",)))


@pytest.fixture
def store(tmp_path: Path) -> TemplateStore:
    return TemplateStore(build.data_folder(tmp_path))


def test_templates_are_kept_in_order_and_for_its_owner_alone(store: TemplateStore, tmp_path: Path) -> None:
    store.add(DRAFT._replace(name="mail"))
    store.add(DRAFT)
    path = tmp_path / "data" / "templates.yaml"
    assert [draft.name for draft in store.all()] == ["mail", "Photos"]
    assert store.all()[1] == DRAFT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TemplateStore(build.data_folder(tmp_path)).all() == store.all()


def test_a_name_is_taken_only_once_and_can_be_given_up(store: TemplateStore) -> None:
    store.add(DRAFT)
    with pytest.raises(InvalidInput) as refused:
        store.add(DRAFT)
    assert "already" in refused.value.fields["name"]
    assert store.remove("Photos")
    assert not store.remove("Photos")
    assert store.all() == ()


def test_there_is_a_limit(store: TemplateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LIMIT == 200
    monkeypatch.setattr("storage.template_store.LIMIT", 1)
    store.add(DRAFT)
    with pytest.raises(InvalidInput):
        store.add(DRAFT._replace(name="Another"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("templates: [", "line 2"),
        ("templates: 5\n", "line 1"),
        ("others: []\n", "line 1"),
        ("templates:\n- name: Photos\n  type: rsync\n  source: 12:30\n  dest: /b\n", "line 4"),
        ("templates:\n- 5\n", "line 2"),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_never_overwritten(
    store: TemplateStore, tmp_path: Path, text: str, line: str
) -> None:
    path = tmp_path / "data" / "templates.yaml"
    path.write_text(text)
    for use in (store.all, lambda: store.add(DRAFT), lambda: store.remove("Photos")):
        with pytest.raises(StoreBroken, match=f"templates.yaml, {line}"):
            use()
    assert path.read_text() == text


def test_two_who_save_at_once_lose_nothing(tmp_path: Path) -> None:
    folder = build.data_folder(tmp_path)

    def save(first: int) -> None:
        for number in range(first, first + 10):
            TemplateStore(folder).add(DRAFT._replace(name=f"Template {number}"))

    threads = [threading.Thread(target=save, args=(first,)) for first in (0, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(TemplateStore(folder).all()) == 20


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (JobSettings(exclude=("",)), "`settings.exclude.0` is empty"),
        (JobSettings(exclude=("x",) * 1001), "has too many entries"),
        (JobSettings(include=("x" * 4097,)), "is too long"),
        (JobSettings(tags=("a\tb",)), "cannot be shown"),
    ],
)
def test_what_could_not_be_read_back_is_refused_and_breaks_nothing(
    store: TemplateStore, settings: JobSettings, reason: str
) -> None:
    store.add(DRAFT)
    with pytest.raises(InvalidInput) as refused:
        store.add(DRAFT._replace(name="Films", settings=settings))
    assert reason in refused.value.fields["name"]
    assert store.all() == (DRAFT,)
    assert store.remove("Photos")


def test_more_than_the_file_can_hold_is_refused(store: TemplateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.strict_yaml.NODE_LIMIT", 40)
    store.add(DRAFT)
    with pytest.raises(InvalidInput, match="40 values"):
        store.add(DRAFT._replace(name="Films", settings=JobSettings(exclude=tuple("abcdefghijklmnopqrstuvwxyz"))))
    assert store.all() == (DRAFT,)


def test_a_mode_that_is_not_built_stays_behind(store: TemplateStore) -> None:
    store.add(DRAFT._replace(settings=DRAFT.settings._replace(mode="sync", unbuilt=("mode",))))
    assert store.all() == (DRAFT,)

"""The key of a data folder."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flask_app.secret_key import secret_key


def test_the_key_is_made_once_and_only_for_us(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    first = secret_key(path)
    assert len(first) == 64
    assert secret_key(path) == first
    assert path.stat().st_mode & 0o777 == 0o600


def test_many_that_make_it_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(secret_key, [tmp_path / "secret_key"] * 64))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_an_empty_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.touch()
    assert len(secret_key(path)) == 64

"""storage/remotes_file.py"""

from pathlib import Path

import pytest

from storage.remotes_file import is_encrypted, usual_file, with_section, without_section

WHOLE = b"""# mine, do not touch
[nas]
type = sftp
; inside
host = nas.lan
pass = OLD

# about the cloud
[cloud]
type=webdav
url = http://x

[last]
type = local
"""


@pytest.mark.parametrize(
    "content", [b"RCLONE_ENCRYPT_V0:\nabc", b"# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc"]
)
def test_an_encrypted_file_says_so_before_anything_else(content: bytes) -> None:
    assert is_encrypted(content)


@pytest.mark.parametrize("content", [b"", b"# words\n", b"[a]\nx = RCLONE_ENCRYPT_V0:\n", b"[a]\nRCLONE_ENCRYPT_V0:"])
def test_a_file_with_sections_is_not_encrypted(content: bytes) -> None:
    assert not is_encrypted(content)


def test_a_new_section_stands_at_the_end_and_every_other_byte_stays() -> None:
    added = with_section(WHOLE, "new", {"type": "local", "gone": None})
    assert added == WHOLE + b"\n[new]\ntype = local\n"


@pytest.mark.parametrize("content", [b"", b"[a]\ntype = local", b"\xff\xfe[a]\r\ntype = local\r\n"])
def test_a_file_of_any_ending_can_be_added_to(content: bytes) -> None:
    added = with_section(content, "new", {"type": "local"})
    assert added.startswith(content)
    assert added.endswith(b"\n[new]\ntype = local\n") or added == b"[new]\ntype = local\n"


def test_a_change_touches_only_the_lines_of_its_keys() -> None:
    changed = with_section(WHOLE, "nas", {"pass": "NEW", "host": None, "port": "22"})
    assert changed == WHOLE.replace(b"pass = OLD\n", b"pass = NEW\nport = 22\n").replace(b"host = nas.lan\n", b"")


def test_a_change_of_the_last_line_without_an_ending_keeps_the_lines_apart() -> None:
    assert with_section(b"[a]\ntype = local\nx = 1", "a", {"y": "2"}) == b"[a]\ntype = local\nx = 1\ny = 2\n"


def test_a_removed_section_takes_nothing_of_its_neighbours_along() -> None:
    first = WHOLE.index(b"[nas]")
    rest = WHOLE.index(b"# about the cloud")
    assert without_section(WHOLE, "nas") == WHOLE[:first] + WHOLE[rest:]
    assert without_section(WHOLE, "last") == WHOLE[: WHOLE.index(b"[last]")]
    assert without_section(WHOLE, "cloud") == WHOLE[: WHOLE.index(b"[cloud]")] + WHOLE[WHOLE.index(b"[last]") :]


def test_every_section_of_that_name_goes() -> None:
    assert without_section(b"[a]\nx = 1\n[b]\nx = 2\n[a]\ny = 3\n", "a") == b"[b]\nx = 2\n"


def test_a_section_that_is_not_there_changes_nothing() -> None:
    assert without_section(WHOLE, "na") == WHOLE


def test_a_home_that_cannot_be_looked_at_has_the_usual_file(tmp_path: Path) -> None:
    home = str(tmp_path / ("x" * 300))
    with pytest.raises(OSError, match="too long"):
        Path(home, ".rclone.conf").exists()
    assert usual_file({"HOME": home}) == Path(home, ".config/rclone/rclone.conf")

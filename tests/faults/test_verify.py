"""The verify family, small, and proof that it can fail."""

import pytest

from tests.faults import family_verify
from tests.faults.verify_round import Damage, Round


def test_a_flipped_bit_is_found_named_and_never_called_done(capsys: pytest.CaptureFixture[str]) -> None:
    status = family_verify.run(2, seed=7)
    assert status == 0, capsys.readouterr().out


def test_the_family_goes_red_where_nothing_was_damaged(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Round, "_damage", lambda _self: Damage(b"no such file", 1))
    assert family_verify.run(1, seed=7) == 1
    assert "verify with a damaged copy is done" in capsys.readouterr().out

"""Refusals carry words, a code and a status."""

import pytest

from models import errors
from models.errors import AppError, InvalidInput


def subclasses() -> list[type[AppError]]:
    found = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, AppError)]
    return sorted(found, key=lambda item: item.__name__)


def test_bad_input_says_each_sentence_beside_its_field() -> None:
    refusal = InvalidInput({"name": "Give it a name.", "dest": "Choose a folder."})
    assert refusal.message == "Give it a name. Choose a folder."
    assert (refusal.status, refusal.fields["dest"]) == (422, "Choose a folder.")


@pytest.mark.parametrize("kind", subclasses())
def test_codes_are_snake_case_and_statuses_are_refusals(kind: type[AppError]) -> None:
    assert kind.code.replace("_", "").islower()
    assert 400 <= kind.status < 600


def test_no_two_kinds_share_a_code() -> None:
    codes = [kind.code for kind in subclasses()]
    assert len(codes) == len(set(codes))

"""What templates may call."""

import pytest

from flask_app.utils.template_filters import hits


@pytest.mark.parametrize(
    ("text", "search", "marked"),
    [
        ("a <b> c", "", "a &lt;b&gt; c"),
        ("Denied, denied", "DENIED", "<mark>Denied</mark>, <mark>denied</mark>"),
        ("<script>x</script>", "script", "&lt;<mark>script</mark>&gt;x&lt;/<mark>script</mark>&gt;"),
        ("a & b", "&", "a <mark>&amp;</mark> b"),
        ("nothing", "zzz", "nothing"),
    ],
)
def test_hits_are_marked_and_everything_is_escaped(text: str, search: str, marked: str) -> None:
    assert str(hits(text, search)) == marked

"""Text of a shell taken apart: quotes, comments, operators, here-documents; nothing is carried out or expanded."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adoption_shell import Command, Word, simple_commands

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
SHELL = st.text(st.sampled_from("ab '\"\\$`(){}<>|&;#\n*?~=-/0"), max_size=80)


def words(text: str) -> list[str]:
    """Those of the one command."""
    commands, problem = simple_commands(text)
    assert problem is None
    assert len(commands) == 1
    return [word.text for word in commands[0].words]


@given(st.lists(TEXT, min_size=1, max_size=6))
def test_what_shlex_joins_comes_apart_into_the_same_words_and_nothing_varies(wanted: list[str]) -> None:
    commands, problem = simple_commands(shlex.join(wanted))
    assert problem is None
    [command] = commands
    assert [word.text for word in command.words] == wanted
    assert not any(word.varies for word in command.words)


@given(st.one_of(ANY, SHELL))
def test_any_text_is_taken_apart_without_an_error_and_in_its_bounds(text: str) -> None:
    commands, problem = simple_commands(text)
    assert sum(len(word.text) for command in commands for word in command.words) <= len(text)
    assert problem is None or 1 <= problem <= text.count("\n") + 1
    assert all(1 <= command.line <= text.count("\n") + 1 for command in commands)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("rsync -a /a /b # done", ["rsync", "-a", "/a", "/b"]),
        ("rsync 'it'\\''s' \"a b\"c d\\ e", ["rsync", "it's", "a bc", "d e"]),
        ("rsync \\\n  -a \\\n\t/a /b", ["rsync", "-a", "/a", "/b"]),
        ("rsync /a /b > /dev/null 2>&1", ["rsync", "/a", "/b"]),
        ("rsync /a /b &>>log", ["rsync", "/a", "/b"]),
        ("rsync a#b '#c'", ["rsync", "a#b", "#c"]),
        ('rsync "a\\"b\\$c\\n" ""', ["rsync", 'a"b$c\\n', ""]),
        ("rsync -a\\\n /a\\\nb", ["rsync", "-a", "/ab"]),
        ("rsync $ \"$\" '$x'", ["rsync", "$", "$", "$x"]),
        ('rsync "$(dirname "$0")/a b" /b', ["rsync", '$(dirname "$0")/a b', "/b"]),
        ("rsync `date +%F | tr a b` /b", ["rsync", "`date +%F | tr a b`", "/b"]),
        ("rsync /a /b\r\n", ["rsync", "/a", "/b"]),
    ],
)
def test_words_are_those_that_the_tool_would_get(text: str, wanted: list[str]) -> None:
    assert words(text) == wanted


def test_what_a_shell_would_replace_is_marked() -> None:
    [command] = simple_commands("rsync $A \"$B/\" '$C' `d` ~/e *.f {g,h} '*' \\$i \"~\" ${j}k")[0]
    assert [word.varies for word in command.words] == [
        False, True, True, False, True, False, False, False, False, False, False, True,
    ]  # fmt: skip
    assert [word.spreads for word in command.words] == [
        False, False, False, False, False, True, True, True, False, False, False, False,
    ]  # fmt: skip


def test_operators_part_commands_and_are_told() -> None:
    found = simple_commands("mount /mnt && rsync /a /b || mail root; (sleep 1 &) | cat\nls < list")[0]
    assert [(command.words[0].text, command.before, command.after) for command in found] == [
        ("mount", "\n", "&&"),
        ("rsync", "&&", "||"),
        ("mail", "||", ";"),
        ("sleep", "(", "&"),
        ("cat", "|", "\n"),
        ("ls", "\n", "\n"),
    ]
    assert [command.reads for command in found] == [False] * 5 + [True]


def test_lines_are_counted_through_everything() -> None:
    text = "a \\\n b\n# c\n'd\ne' \"f\ng\"\ncat <<END\nrsync /a /b\nEND\nh $(i\nj)\nk"
    assert [(command.words[0].text, command.line) for command in simple_commands(text)[0]] == [
        ("a", 1),
        ("d\ne", 4),
        ("cat", 7),
        ("h", 10),
        ("k", 12),
    ]


def test_a_document_is_text_and_no_command() -> None:
    found = simple_commands("cat <<-'END' >x\n\trsync /a /b\n\tEND\nrsync /c /d")[0]
    assert [[word.text for word in command.words] for command in found] == [["cat"], ["rsync", "/c", "/d"]]


@pytest.mark.parametrize(
    "text", ["rsync /a '/b", 'rsync /a "/b', "rsync $(a /b", "rsync `a", "rsync ${a /b", 'x "$(a"']
)
def test_what_is_never_closed_ends_the_reading_there(text: str) -> None:
    commands, problem = simple_commands(f"first\n{text}\nlast")
    assert commands == (Command((Word("first"),), 1),)
    assert problem == 2

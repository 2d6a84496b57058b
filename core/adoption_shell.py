"""Text of a shell taken apart into simple commands and their words; it carries out and expands nothing."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_SPACE = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_REDIRECTION = re.compile(r"\d*(?:<<<|<<-|<<|>>|>&|<&|<>|>\||<|>)|&>>|&>")
_OPERATOR = re.compile(r"\n|&&|\|\||;;|\|&|[;&|()]")
_CONTINUED = re.compile(r"\\\r?\n")
_NAME = re.compile(r"\$(?:\w+|\{[^}]*\}|[@*#?$!-])")
_PLAIN = re.compile(r"[^ \t\r\n\\'\"`$;&|()<>]+")
_ENDS_WORD = frozenset(" \t\r\n;&|()<>")
_SPREADING = frozenset("*?[{")


class Word(NamedTuple):
    """One word as it is meant. `varies`: a shell would put something else in the place of a part of it, such as `$x`
    or `$(date)`; `spreads`: it might become several names, such as `*.txt` or `~/x`."""

    text: str
    varies: bool = False
    spreads: bool = False


class Command(NamedTuple):
    """One simple command. `before` and `after` are the operators around it (`&&`, `|`, … or a line end).

    `reads`: something is written into it by `<`.
    """

    words: tuple[Word, ...]
    line: int
    before: str = "\n"
    after: str = "\n"
    reads: bool = False


class Unclosed(Exception):
    """A quote or a bracket is opened on `line` and never closed."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Token(NamedTuple):
    kind: str  # word, operator, redirection
    word: Word
    line: int


def simple_commands(text: str) -> tuple[tuple[Command, ...], int | None]:
    """The commands in their order, and the line from which on nothing could be read (None: all was)."""
    reader, problem = _Reader(text), None
    try:
        reader.go()
    except Unclosed as error:
        problem = error.line
        while reader.read and reader.read[-1].kind != "operator":
            reader.read.pop()
    return tuple(_commands(reader.read)), problem


def _commands(tokens: list[_Token]) -> Iterator[Command]:
    words, line, before, reads, is_target = list[Word](), 0, "\n", False, False
    for token in [*tokens, _Token("operator", Word("\n"), 0)]:
        if token.kind == "redirection":
            is_target, reads = True, reads or "<" in token.word.text
        elif token.kind == "word" and is_target:
            is_target = False
        elif token.kind == "word":
            line = line or token.line
            words.append(token.word)
        else:
            if words:
                yield Command(tuple(words), line, before, token.word.text, reads)
            words, line, before, reads, is_target = [], 0, token.word.text, False, False


class _Reader:
    """Goes through the text once. `read` holds what was read so far."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line = text, 0, 1
        self._awaits_delimiter, self._delimiters = False, list[str]()
        self.read: list[_Token] = []

    def go(self) -> None:
        while self._at < len(self._text):
            token = self._next()
            if token is not None:
                self.read.append(token)

    def _next(self) -> _Token | None:
        if self._take(_SPACE):
            return None
        if self._text[self._at] == "#":
            end = self._text.find("\n", self._at)
            self._at = len(self._text) if end < 0 else end
            return None
        line = self._line
        if found := self._take(_REDIRECTION):
            self._awaits_delimiter = found.lstrip("0123456789") in ("<<", "<<-")
            return _Token("redirection", Word(found), line)
        if found := self._take(_OPERATOR):
            self._awaits_delimiter = False
            if found == "\n" and self._delimiters:
                self._skip_documents()
            return _Token("operator", Word(found), line)
        word = self._word()
        if self._awaits_delimiter:
            self._awaits_delimiter = False
            self._delimiters.append(word.text)
        return _Token("word", word, line)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        self._line += found[0].count("\n")
        return found[0]

    def _skip_documents(self) -> None:
        """What stands between `<<END` and `END` is text, not commands."""
        for delimiter in self._delimiters:
            while self._at < len(self._text):
                end = self._text.find("\n", self._at)
                end = len(self._text) if end < 0 else end
                line = self._text[self._at : end]
                self._at, self._line = min(end + 1, len(self._text)), self._line + 1
                if line.strip("\t\r") == delimiter:
                    break
        self._delimiters = []

    def _word(self) -> Word:
        pieces, varies, spreads = list[str](), False, self._text[self._at] == "~"
        while self._at < len(self._text) and self._text[self._at] not in _ENDS_WORD:
            here = self._text[self._at]
            if here == "'":
                pieces.append(self._until("'"))
            elif here == '"':
                piece, has_variable = self._double()
                pieces.append(piece)
                varies |= has_variable
            elif here == "\\":
                pieces.append(self._escaped())
            elif here in "$`":
                pieces.append(self._substitution())
                varies |= pieces[-1] != "$"
            else:
                piece = self._take(_PLAIN)
                pieces.append(piece)
                spreads |= bool(_SPREADING & set(piece))
        return Word("".join(pieces), varies, spreads)

    def _until(self, closing: str) -> str:
        end = self._text.find(closing, self._at + 1)
        if end < 0:
            raise Unclosed(self._line)
        inside = self._text[self._at + 1 : end]
        self._at, self._line = end + 1, self._line + inside.count("\n")
        return inside

    def _escaped(self) -> str:
        if self._take(_CONTINUED):
            return ""
        found = self._text[self._at + 1 : self._at + 2]
        self._at += 2
        return found or "\\"

    def _double(self) -> tuple[str, bool]:
        opened, pieces, varies = self._line, list[str](), False
        self._at += 1
        while self._at < len(self._text):
            here = self._text[self._at]
            if here == '"':
                self._at += 1
                return "".join(pieces), varies
            if here in "$`":
                pieces.append(self._substitution())
                varies |= pieces[-1] != "$"
                continue
            if here == "\\" and self._text[self._at + 1 : self._at + 2] in tuple('"\\$`\n'):
                self._at += 1
                here = self._text[self._at].replace("\n", "")
                self._line += not here
            self._line += here == "\n"
            pieces.append(here)
            self._at += 1
        raise Unclosed(opened)

    def _substitution(self) -> str:
        """What the shell would replace, as it stands there: `$x`, `${x}`, `$(x)`, or the same in backticks."""
        if self._text[self._at] == "`":
            return f"`{self._until('`')}`"
        if self._text.startswith("$(", self._at):
            return self._bracketed()
        if self._text.startswith("${", self._at) and self._text.find("}", self._at) < 0:
            raise Unclosed(self._line)
        found = self._take(_NAME)
        self._at += not found
        return found or "$"

    def _bracketed(self) -> str:
        opened, start, depth = self._line, self._at, 0
        self._at += 1
        while self._at < len(self._text):
            here = self._text[self._at]
            depth += (here == "(") - (here == ")")
            self._line += here == "\n"
            self._at += 1
            if depth == 0:
                return self._text[start : self._at]
        raise Unclosed(opened)

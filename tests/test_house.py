"""The rules of the house that no tool knows, read from the sources themselves."""

import ast
import gzip
import hashlib
import json
import re
import statistics
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("flask_app", "core", "engines", "storage", "models", "utils")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TEMPLATES = sorted((ROOT / "flask_app/templates").rglob("*.html"))
PARTIALS = sorted((ROOT / "flask_app/templates/partials").rglob("*.html"))
SCRIPTS = sorted((ROOT / "flask_app/static/js").rglob("*.js"))
MANIFEST = ROOT / "flask_app/static/vendor/manifest.json"

# The boundaries: what went wrong there is logged with its traceback, and the process goes on or ends truthfully.
BROAD_EXCEPTS = {
    "core/bus.py",  # a listener
    "core/scheduler.py",  # a tick
    "core/supervision.py",  # the supervisor's outermost frame
    "core/watcher.py",  # a tick
    "flask_app/errors.py",  # the page that reports a failure
    "flask_app/socketio_handlers.py",  # the thread that pushes
}
STARTS_A_PROGRAM = re.compile(
    r"subprocess\.\w+|(os|posix)\.(exec[lv]p?e?|fork|forkpty|posix_spawnp?|popen|spawn[lv]p?e?|system)"
)
SUPERVISOR_MUST_NOT_KNOW = {"yaml", "pydantic", "structlog", "flask", "apprise", "psutil", "humanize", "socketio"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: Function) -> int:
    """Lines of code: neither the docstring nor the decorators count."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) else function.body
    return (function.end_lineno or function.lineno) - body[0].lineno + 2 if body else 1


def source_of(template: Path) -> str:
    """A template's markup with comments and Jinja taken out, so that only real tags are left."""
    text = re.sub(r"\{#.*?#\}|<!--.*?-->", "", template.read_text(), flags=re.DOTALL)
    return re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)


# Sizes and shapes of modules


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_has_at_most_250_lines_and_says_what_it_is(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 250
    assert (ast.get_docstring(tree_of(path)) or "").strip(), "it does not open with a docstring"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_function_has_more_than_40_lines(path: Path) -> None:
    assert {function.name: length(function) for function in functions(path) if length(function) > 40} == {}


def test_half_of_all_functions_have_at_most_8_lines() -> None:
    assert statistics.median(length(function) for path in MODULES for function in functions(path)) <= 8


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_broad_excepts_stand_only_at_the_boundaries(path: Path) -> None:
    broad = {"Exception", "BaseException"}
    found = [
        node.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or broad & {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)})
    ]
    assert found == [] or name_of(path) in BROAD_EXCEPTS


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_core_process_starts_programs(path: Path) -> None:
    if name_of(path) == "core/process.py":
        return
    assert {name for name in calls_of(path) if STARTS_A_PROGRAM.fullmatch(name)} == set()
    assert not {name.partition(".")[0] for name in imports_of(path)} & {"multiprocessing", "pty"}
    assert not {name for name in imports_of(path) if re.fullmatch(r"subprocess\.\w+", name)}


def calls_of(path: Path) -> set[str]:
    """`module.function` of every call that is written so."""
    return {ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nobody_outside_the_engines_asks_for_a_tool_by_name(path: Path) -> None:
    if name_of(path).startswith("engines/"):
        return
    compared = {
        constant.value
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Compare)
        for constant in ast.walk(node)
        if isinstance(constant, ast.Constant)
    }
    assert not compared & {"rsync", "rclone"}


def imports_of(path: Path) -> set[str]:
    """Full names of all that a module imports, whatever level the import stands at."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files_of(module: str) -> list[Path]:
    path = ROOT / module.replace(".", "/")
    return [
        file for file in (path.with_suffix(".py"), path / "__init__.py", path.parent / "__init__.py") if file.is_file()
    ]


def test_the_supervisor_and_all_it_imports_know_the_standard_library_only() -> None:
    waiting, seen, outside = ["core.supervisor"], set[str](), set[str]()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        if module.partition(".")[0] not in PACKAGES:
            outside.add(module.partition(".")[0])
            continue
        waiting += [name for file in files_of(module) for name in imports_of(file)]
    assert outside & SUPERVISOR_MUST_NOT_KNOW == set()


def test_nothing_is_left_for_later() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    vendored = {entry["path"] for entry in json.loads(MANIFEST.read_text())["vendored"]}
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    paths = [name for name in listed.split("\0") if name.endswith((".py", ".html", ".js", ".css", ".sh", ".md"))]
    own = [name for name in paths if name not in vendored and (ROOT / name).is_file()]
    assert [name for name in own if marks.search((ROOT / name).read_text())] == []


# Templates


class Elements(HTMLParser):
    """Every element of a template, and those at its top with their ids."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.roots: list[dict[str, str | None]] = []
        self._depth = 0
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if self._depth == 0:
            self.roots.append(dict(attrs))
        if tag not in VOID:
            self._depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._depth -= 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._depth -= 1


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_needs_no_weaker_policy_and_no_other_origin(path: Path) -> None:
    for tag, attributes in Elements(source_of(path)).found:
        assert "style" not in attributes, f"<{tag} style>"
        assert not [name for name in attributes if name.startswith(("on", "hx-on"))], f"a handler in <{tag}>"
        assert tag != "style", "an inline style sheet"
        assert tag != "script" or "src" in attributes, "an inline script"
    assert not re.findall(r"https?://(?!www\.w3\.org/)", source_of(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_never_trusts_text(path: Path) -> None:
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text())


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_makes_text_into_markup(path: Path) -> None:
    names = {node.id for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name)}
    assert "Markup" not in names or name_of(path) == "flask_app/utils/template_filters.py"


@pytest.mark.parametrize("path", PARTIALS, ids=name_of)
def test_a_fragment_is_one_element_with_an_id(path: Path) -> None:
    ids = {json.dumps(root.get("id")) for root in Elements(without_definitions(path)).roots}
    assert len(ids) == 1 or is_one_macro_call(path), "one root element"
    assert "null" not in ids, "its id is what a later update finds it by"


def is_one_macro_call(path: Path) -> bool:
    return re.fullmatch(r"\s*\{\{ \w+\(.*\) \}\}\s*", without_definitions(path), re.DOTALL) is not None


def without_definitions(path: Path) -> str:
    definitions = r"\{#.*?#\}|\{%-? (from|import) .*?%\}|\{%-? macro .*?endmacro -?%\}"
    return re.sub(definitions, "", path.read_text(), flags=re.DOTALL)


# What a page weighs, and where it comes from


def zipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_all_scripts_of_a_page_weigh_less_than_40_kilobytes() -> None:
    names = re.findall(r"[\w./-]+\.js", (ROOT / "flask_app/templates/base.html").read_text())
    assert len(names) >= 3
    assert sum(zipped(ROOT / "flask_app/static" / name) for name in names) < 40_000


def test_the_style_sheet_weighs_less_than_12_kilobytes() -> None:
    assert zipped(ROOT / "flask_app/static/css/output.css") < 12_000


def test_style_sheet_and_scripts_were_built_from_these_sources() -> None:
    """script/lib/assets.mjs computes the same digest."""
    sources = [ROOT / "tailwind.config.js", ROOT / "flask_app/static/css/input.css", *TEMPLATES, *SCRIPTS]
    digest = hashlib.sha256()
    for path in sorted(sources, key=name_of):
        digest.update(name_of(path).encode() + b"\0" + path.read_bytes() + b"\0")
    assert digest.hexdigest() == json.loads(MANIFEST.read_text())["built"]["sources_sha256"], "run script/assets"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    known = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "flask_app/static/icons.svg").read_text()))
    named = {
        name for path in TEMPLATES for name in re.findall(r"""\bicon\(\s*["']([a-z0-9-]+)["']""", path.read_text())
    }
    assert named - known == set(), "add them to script/lib/icons.txt and run script/assets"

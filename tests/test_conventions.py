"""The house rules that a machine can check: who asks the clock, where heavy libraries live, how long functions are."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIBRARIES = ("retrieval", "memory", "sdk")
PACKAGES = ("app", "memory", "retrieval", "sdk", "bench", "demo", "migrations", "requirements")
LONGEST_FUNCTION = 60  # lines; most should be 15
LONGEST_FILE = 400  # lines; most should be under 200

CLOCK = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
CLOCK |= {f"datetime.{name}" for name in CLOCK}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.putenv"}
CHANCE = {"np.random.default_rng", "np.random.seed", "np.random.random", "np.random.rand", "numpy.random.default_rng"}
CODE_FROM_DATA = {"eval", "exec", "pickle", "cPickle", "marshal", "shelve", "dill", "joblib"}

# The one home of each heavy library, so that replacing it touches one folder.
HOMES = {
    "faiss": ("retrieval/vectors",),
    "onnxruntime": ("retrieval/embedders",),
    "onnx": ("retrieval/embedders",),
    "tokenizers": ("retrieval/embedders",),
    "sentence_transformers": ("retrieval/embedders",),
    "torch": ("retrieval/embedders",),
    "igraph": ("bench", "retrieval/maps"),
    "networkx": ("bench", "retrieval/maps"),
    "matplotlib": ("bench",),
    "sqlalchemy": ("memory/store", "migrations"),
    "alembic": ("memory/store", "migrations"),
    "psycopg": ("memory/store",),
    "fastapi": ("app",),
    "starlette": ("app",),
    "uvicorn": ("app",),
    "pydantic_settings": ("app",),
    "prometheus_client": ("app",),
    "numba": ("retrieval",),
}
# What belongs to one developer's machine and means nothing on another.
PRIVATE_PATHS = re.compile(r"(?<![\w.~])/(?:work|home/\w+|Users/\w+|root)/")


def files(*folders: str, suffix: str = "py") -> list[Path]:
    found = (path for folder in folders for path in (ROOT / folder).rglob(f"*.{suffix}"))
    return sorted(path for path in found if not {"__pycache__", "build", "versions"} & set(path.parts))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def spelled(node: ast.expr) -> str:
    """A dotted name as written, or the empty string for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (inner := spelled(node.value)):
        return f"{inner}.{node.attr}"
    return ""


def uses(path: Path, names: Iterable[str]) -> list[str]:
    """Where a file mentions one of these dotted names, or imports one of them by `from ... import ...`."""
    wanted = set(names)
    return [f"{path.relative_to(ROOT)}:{line} {name}" for line, name in _names(tree(path)) if name in wanted]


def _names(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute | ast.Name):
            yield node.lineno, spelled(node)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@cache
def imports(path: Path) -> tuple[tuple[str, int], ...]:
    """Names with their lines."""
    return tuple(_imports(tree(path)))


def _imports(module: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def in_home(path: Path, library: str) -> bool:
    inside = path.relative_to(ROOT).as_posix()
    return any(inside.startswith(f"{home}/") for home in HOMES[library])


def is_handed_on(path: Path, name: str) -> bool:
    """The verbs of memory open a session and hand it to the queries in store/; they name its type, no more."""
    return name == "sqlalchemy.orm.Session" and path.is_relative_to(ROOT / "memory")


def test_only_app_reads_the_environment() -> None:
    found = [use for path in files("memory", "retrieval", "migrations") for use in uses(path, ENVIRONMENT)]
    assert found == [], "take it as an argument; app/settings.py reads it"


def test_only_app_asks_the_clock() -> None:
    found = [use for path in files("memory", "retrieval") for use in uses(path, CLOCK)]
    assert found == [], "take `now` as an argument (time.perf_counter and time.monotonic may measure durations)"


def test_mechanisms_are_given_their_chance() -> None:
    found = [use for path in files("memory/dynamics") for use in uses(path, CHANCE)]
    assert found == [], "take `rng` as an argument"


@pytest.mark.parametrize("library", sorted(HOMES))
def test_a_heavy_library_has_one_home(library: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files("app", "memory", "retrieval", "migrations", "demo")
        for name, line in imports(path)
        if name.split(".")[0] == library and not in_home(path, library) and not is_handed_on(path, name)
    ]
    assert found == [], f"{library} may be imported only in {', '.join(HOMES[library])}"


def test_no_code_runs_from_data() -> None:
    assert [use for path in files(*PACKAGES) for use in uses(path, CODE_FROM_DATA)] == []


def test_libraries_do_not_print() -> None:
    found = [use for path in files(*LIBRARIES) if path.name != "cli.py" for use in uses(path, {"print"})]
    assert found == [], "log an event, or return a value"


@pytest.mark.parametrize("path", files(*PACKAGES, "tests"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_says_first_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name == "__init__.py" and not text.strip():
        return
    first = text.splitlines()[0]
    assert first.startswith(('"""', 'r"""')), "line 1 is a docstring of one sentence"
    assert len(first.strip('r"')) >= 15, "say what the file is for"


def test_no_function_is_longer_than_sixty_lines() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in files(*PACKAGES, "tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    assert found == []


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    sizes = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in files(*PACKAGES)}
    assert {str(path): lines for path, lines in sizes.items() if lines > LONGEST_FILE} == {}


def test_nothing_names_a_folder_of_one_machine() -> None:
    shown = [*files(*PACKAGES, "tests", "docs"), *files("docs", "demo", "tests", "sdk", suffix="md"), *ROOT.glob("*.*")]
    skipped = {Path(__file__), ROOT / ".git"}  # in a worktree, .git is a file that names a folder
    texts = {path: path.read_text(encoding="utf-8") for path in shown if path.is_file() and path not in skipped}
    assert [
        f"{path.relative_to(ROOT)}: {found[0]}" for path, text in texts.items() if (found := PRIVATE_PATHS.search(text))
    ] == []


LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *files("docs", "sdk", "demo", suffix="md")]


def anchors(text: str) -> set[str]:
    """The anchors that a Markdown viewer gives to the headings of a page."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    dead = []
    for link in (first or second for first, second in LINK.findall(page.read_text(encoding="utf-8"))):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        file = (page.parent / target) if target else page
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            dead.append(link)
    assert dead == []

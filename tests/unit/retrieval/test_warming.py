"""After warming up, a search compiles nothing more."""

import subprocess
import sys
import tempfile
from pathlib import Path

from numba.core.dispatcher import Dispatcher

from retrieval import adjacency, lexical, pagerank
from retrieval.index import Index
from retrieval.warming import warm_up
from tests.unit.retrieval.test_index import ask
from tests.unit.retrieval.worlds import index_of, passage

ROOT = Path(__file__).parents[3]


def compiled() -> dict[str, int]:
    """How many variants of each function are there."""
    found = [one for module in (adjacency, lexical, pagerank) for one in vars(module).values()]
    return {one.py_func.__name__: len(one.signatures) for one in found if isinstance(one, Dispatcher)}


def warm_up_and_ask() -> None:
    assert not any(compiled().values())
    warm_up()
    warm = compiled()
    assert warm["_push"]
    index = index_of([[passage(number, number, 0, [(number % 5, 2)], ["river", "tower"])] for number in range(40)])
    ask(index)
    assert compiled() == warm
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "one.segment"
        opened = Index.open(file, index.fold(file).sha256)
        ask(opened)
        opened.add([passage(50, 50, 0, [(2, 1)], ["river"])])
        opened.remove(passage(1, 1, 0, [], []).document_id)
        ask(opened)
    assert compiled() == warm


def test_a_search_after_warming_up_compiles_nothing() -> None:
    """In a process of its own: here, other tests have compiled already."""
    program = f"from {__name__} import *; warm_up_and_ask()"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""What is to survive is on the disk, as it is where the service runs."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DISK


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest) -> Iterator[Path]:
    """On the disk, and not in memory as for other tests; what a test that fails has written stays there."""
    failed = request.session.testsfailed
    path = Path(tempfile.mkdtemp(prefix="zengram-durability-", dir=DISK))
    yield path
    if request.session.testsfailed == failed:
        shutil.rmtree(path)

"""What the machine says: memory of this process, bytes on disk, the commit that is measured."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ("app", "memory", "retrieval")  # folders of code


def memory_mb() -> dict[str, float]:
    """`rss` and `anonymous` (not backed by files) memory of this process; empty where /proc does not say."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return {}
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    names = {"rss": "VmRSS", "anonymous": "RssAnon"}
    return {name: round(int(fields[key].split()[0]) / 1024, 1) for name, key in names.items() if key in fields}


def disk_mb(folder: Path) -> dict[str, float]:
    """Megabytes by file, the largest first."""
    sizes = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    return {name: round(size / 2**20, 1) for name, size in sorted(sizes.items(), key=lambda item: -item[1])}


def commit() -> str:
    """The commit that is measured, with `-dirty` where the code differs from it; `unknown` outside a checkout."""
    head = _git("rev-parse", "--short=12", "HEAD")
    if not head:
        return "unknown"
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", *MEASURED)
    return f"{head}-dirty" if changed else head


def code() -> str:
    """A digest of what is measured, as it lies in the folders: what was found with other code is not found again."""
    files = sorted(path for folder in MEASURED for path in (ROOT / folder).rglob("*.py"))
    found = hashlib.sha256()
    for path in files:
        found.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def description() -> Mapping[str, str | int | float]:
    """The processor, its cores, how busy it is (mean processes that want to run, of the last minute), Python."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    name = models[0] if models else platform.processor() or platform.machine()
    return {
        "processor": name,
        "cores": len(models) or 1,
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
    }


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()

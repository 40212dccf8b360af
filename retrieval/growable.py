"""Arrays that grow at the end, in amortised constant time, and lookups from 64-bit keys to rows."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import DTypeLike, NDArray

from retrieval import csr
from retrieval.types import AnyArray


class Growable:
    """A numpy array that grows at the end. `view` is only valid until the next growth."""

    def __init__(self, start: AnyArray | None = None, *, dtype: DTypeLike | None = None, width: int = 0) -> None:
        if start is None:
            start = np.zeros((0, width) if width else 0, dtype)
        self._array = np.array(start, dtype)
        self._length = len(start)

    def __len__(self) -> int:
        return self._length

    @property
    def view(self) -> AnyArray:
        return self._array[: self._length]

    @property
    def nbytes(self) -> int:
        return int(self._array.nbytes)

    def extend(self, values: AnyArray | Sequence[int] | Sequence[float]) -> None:
        needed = self._length + len(values)
        if needed > len(self._array):
            shape = (max(needed, 16, len(self._array) * 3 // 2), *self._array.shape[1:])
            larger = np.zeros(shape, self._array.dtype)
            larger[: self._length] = self.view
            self._array = larger
        if len(values):
            self._array[self._length : needed] = values
        self._length = needed


@lru_cache(maxsize=200_000)
def key_of(text: str) -> int:
    """A stable 64-bit key of a text (BLAKE2b)."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


class KeyMap:
    """Rows by 64-bit key, several rows a key: a sorted, possibly memory-mapped base and a dict for what came later."""

    def __init__(self, keys: NDArray[np.uint64] | None = None, rows: NDArray[np.int32] | None = None) -> None:
        self._keys = keys if keys is not None else np.zeros(0, np.uint64)
        self._rows = rows if rows is not None else np.zeros(0, np.int32)
        self._later: dict[int, list[int]] = {}

    @staticmethod
    def sorted(
        keys: NDArray[np.uint64], rows: NDArray[np.int32] | None = None
    ) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """The two arrays of a base, from unsorted keys (row i has key i unless `rows` says otherwise)."""
        order = np.argsort(keys, kind="stable")
        return keys[order], (order if rows is None else rows[order]).astype(np.int32)

    def add(self, key: int, row: int) -> None:
        self._later.setdefault(key, []).append(row)

    def rows(self, key: int) -> list[int]:
        """Rows with this key, oldest first."""
        if not len(self._keys):
            return list(self._later.get(key, ()))
        wanted = np.uint64(key)
        low, high = self._keys.searchsorted(wanted, "left"), self._keys.searchsorted(wanted, "right")
        return [*map(int, self._rows[low:high]), *self._later.get(key, ())]

    def first(self, key: int) -> int:
        """The oldest row with this key, or -1."""
        at = int(self._keys.searchsorted(np.uint64(key))) if len(self._keys) else 0
        if at < len(self._keys) and int(self._keys[at]) == key:
            return int(self._rows[at])
        later = self._later.get(key)
        return later[0] if later else -1

    def merged(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """All (key, row) pairs, unsorted."""
        lengths = [len(rows) for rows in self._later.values()]
        keys = np.repeat(np.fromiter(self._later, np.uint64, len(self._later)), np.array(lengths, np.int64))
        rows = np.fromiter(chain.from_iterable(self._later.values()), np.int32, len(keys))
        return np.concatenate([self._keys, keys]), np.concatenate([self._rows, rows])

    @property
    def nbytes(self) -> int:
        return 160 * len(self._later)  # the base is memory-mapped; a dict entry with its list takes about this much


class Strings:
    """Texts by number: one memory-mapped blob with offsets, and a list for what came later."""

    def __init__(self, blob: NDArray[np.uint8] | None = None, offsets: NDArray[np.int64] | None = None) -> None:
        self._blob = blob if blob is not None else np.zeros(0, np.uint8)
        self._offsets = offsets if offsets is not None else np.zeros(1, np.int64)
        self._later: list[str] = []
        self._later_bytes = 0

    def __len__(self) -> int:
        return len(self._offsets) - 1 + len(self._later)

    def __getitem__(self, number: int) -> str:
        base = len(self._offsets) - 1
        if number >= base:
            return self._later[number - base]
        return self._blob[self._offsets[number] : self._offsets[number + 1]].tobytes().decode()

    def append(self, text: str) -> None:
        self._later.append(text)
        self._later_bytes += len(text) + 60

    def containing(self, text: str) -> NDArray[np.int64]:
        """The numbers of the texts that have this one (not empty) in them, ascending."""
        wanted = text.encode()
        pattern = re.compile(b"(?=" + re.escape(wanted) + b")")  # occurrences may overlap
        starts = [match.start() for match in pattern.finditer(self._blob.tobytes())]
        at = np.searchsorted(self._offsets, np.array(starts, np.int64), "right") - 1
        inside = np.array(starts, np.int64) + len(wanted) <= self._offsets[np.minimum(at + 1, len(self._offsets) - 1)]
        base = len(self._offsets) - 1
        later = [base + number for number, one in enumerate(self._later) if text in one]
        return np.concatenate([np.unique(at[inside]), np.array(later, np.int64)]).astype(np.int64)

    def select(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Blob and offsets of a new base that holds these texts (ascending)."""
        base = len(self._offsets) - 1
        is_old = numbers < base
        if not is_old[: np.count_nonzero(is_old)].all():
            raise ValueError("The numbers must be ascending.")
        old = numbers[is_old]
        encoded = [self._later[int(number) - base].encode() for number in numbers[~is_old]]
        lengths = np.concatenate([np.diff(self._offsets)[old], np.array([len(text) for text in encoded], np.int64)])
        later = np.frombuffer(b"".join(encoded), np.uint8)
        return np.concatenate([self._blob[csr.positions(self._offsets, old)], later]), csr.starts(lengths)

    @property
    def nbytes(self) -> int:
        return self._later_bytes

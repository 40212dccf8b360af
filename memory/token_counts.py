"""How many tokens texts have. Counting is most of the work of looking at a namespace, and texts seldom change."""

from memory.types import StoredDocument
from retrieval.ports import Embedder

MOST = 300_000  # counts that are kept, some 50 MB
HEX = 15  # digits of a hash, which fit into a small number: two texts in 10^18 have the same


class TokenCounts:
    """Of items, by the beginning of the hash of all that they say. No text is kept."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[int, int] = {}

    def of(self, item: StoredDocument) -> int:
        key = int(item.content_hash[:HEX], 16)
        known = self._known.get(key)
        if known is None:
            known = self._embedder.count_tokens(item.text)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = known
        return known

"""How many tokens texts have. Counting is most of the work of looking at a namespace, and texts seldom change."""

from memory.types import StoredDocument
from retrieval.ports import Embedder

MOST = 300_000  # counts that are kept, some 40 MB


class TokenCounts:
    """Of items, by the hash of all that they say. No text is kept."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, int] = {}

    def of(self, item: StoredDocument) -> int:
        known = self._known.get(item.content_hash)
        if known is None:
            known = self._embedder.count_tokens(item.text)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[item.content_hash] = known
        return known

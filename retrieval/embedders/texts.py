"""Texts that every encoder can read."""


def readable(text: str) -> str:
    """The text with `?` for each half of a broken surrogate pair, which has no UTF-8; places stay as they are."""
    return text.encode("utf-8", "replace").decode("utf-8")

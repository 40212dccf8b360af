"""Embedders: one implementation of the Embedder port a file."""

"""Extractors: what a passage names."""

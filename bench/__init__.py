"""Measures quality and speed on real data, through the service's own code path."""

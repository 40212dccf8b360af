"""Finds passages by graph, vectors and words. A library: no SQL, no HTTP framework, no clock, no tenants."""

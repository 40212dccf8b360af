"""Finds passages: graph, vectors, words and Personalized PageRank. A library: no SQL, no HTTP framework, no clock, no tenants."""

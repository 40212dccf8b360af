"""A neighbourhood in the formats that other tools read, through networkx: node-link JSON, GraphML and GEXF."""

from collections.abc import Callable, Mapping
from io import BytesIO

import networkx

from retrieval.maps.neighbourhood import Neighbourhood


def as_graphml(part: Neighbourhood) -> bytes:
    return _written(part, networkx.write_graphml)


def as_gexf(part: Neighbourhood) -> bytes:
    return _written(part, networkx.write_gexf)


def as_node_link(part: Neighbourhood) -> Mapping[str, object]:
    """As `networkx.node_link_graph` reads it, with `edges`."""
    found: Mapping[str, object] = networkx.node_link_data(_graph(part), edges="edges")
    return found


def _graph(part: Neighbourhood) -> networkx.MultiGraph:
    graph = networkx.MultiGraph()
    for node in part.nodes:
        graph.add_node(node.id, kind=node.kind, label=node.label, distance=node.distance)
    for edge in part.edges:
        graph.add_edge(edge.source, edge.target, key=edge.kind.value, kind=edge.kind.value, weight=edge.weight)
    return graph


def _written(part: Neighbourhood, write: Callable[[networkx.MultiGraph, BytesIO], None]) -> bytes:
    file = BytesIO()
    write(_graph(part), file)
    return file.getvalue()

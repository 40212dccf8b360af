"""A neighbourhood in the formats that other tools read: GraphML and GEXF, through networkx."""

from collections.abc import Callable
from io import BytesIO

import networkx

from retrieval.maps.neighbourhood import Neighbourhood


def as_graphml(part: Neighbourhood) -> bytes:
    return _written(part, networkx.write_graphml)


def as_gexf(part: Neighbourhood) -> bytes:
    return _written(part, networkx.write_gexf)


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

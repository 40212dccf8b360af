"""A neighbourhood in the formats that other tools read: GraphML and GEXF, through networkx."""

from io import BytesIO
from typing import TYPE_CHECKING

from retrieval.maps.neighbourhood import Neighbourhood

if TYPE_CHECKING:  # loaded when it is first needed: most processes never do
    import networkx


def as_graphml(part: Neighbourhood) -> bytes:
    from networkx import write_graphml  # noqa: PLC0415

    file = BytesIO()
    write_graphml(_graph(part), file)
    return file.getvalue()


def as_gexf(part: Neighbourhood) -> bytes:
    from networkx import write_gexf  # noqa: PLC0415

    file = BytesIO()
    write_gexf(_graph(part), file)
    return file.getvalue()


def _graph(part: Neighbourhood) -> "networkx.MultiGraph":
    from networkx import MultiGraph  # noqa: PLC0415

    graph = MultiGraph()
    for node in part.nodes:
        graph.add_node(node.id, kind=node.kind, label=node.label, distance=node.distance)
    for edge in part.edges:
        graph.add_edge(edge.source, edge.target, key=edge.kind.value, kind=edge.kind.value, weight=edge.weight)
    return graph

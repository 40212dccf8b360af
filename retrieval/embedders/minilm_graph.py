"""Writes all-MiniLM-L6-v2 (BERT, six layers) as an ONNX graph straight from its weights, so that no torch is needed.

The operators are ONNX Runtime's fused ones; each computes in fp32 what BERT defines (Devlin et al. 2019,
arXiv:1810.04805).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

LAYERS = 6
HEADS = 12
DIMENSION = 384
LAYER_NORM_EPSILON = 1e-12
OPSET = 17
FUSED = "com.microsoft"
STANDARD = frozenset({"MatMul", "LayerNormalization"})

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(slots=True)
class Graph:
    """A graph that is being written, and the weights that it names but does not hold (they are 90 MB)."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def weight(self, name: str, values: NDArray[np.float32]) -> str:
        self.weights[name] = np.ascontiguousarray(values, dtype=np.float32)
        return name

    def node(self, operator: str, inputs: Sequence[str], *outputs: str, **attributes: int | float) -> str:
        domain = "" if operator in STANDARD else FUSED
        node = helper.make_node(operator, inputs, outputs, domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return outputs[0]


class Embeddings:
    """Word vectors, looked up outside of the graph, which would hold a copy of all of them: half of the model."""

    def __init__(self, weights: Weights) -> None:
        self._words = weights["embeddings.word_embeddings.weight"]  # mapped: few of them are ever touched
        # Every token is of type 0, so its vector can be added to the positions once and for all.
        kind = weights["embeddings.token_type_embeddings.weight"][0]
        self._positions = weights["embeddings.position_embeddings.weight"] + kind

    def of(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """float32[batch, tokens, 384] of ids int32[batch, tokens]."""
        return np.asarray(self._words[ids] + self._positions[: ids.shape[1]], np.float32)


def write(weights: Weights) -> Graph:
    """embedded float32[batch, tokens, 384], lengths int32[batch] -> states float32[batch, tokens, 384].

    `embedded` are the sums that `Embeddings` gives; of each row the first `lengths` tokens count.
    """
    graph = Graph()
    scale, shift = _layer_norm(graph, weights, "embeddings.LayerNorm")
    states = graph.node("LayerNormalization", ["embedded", scale, shift], "first", epsilon=LAYER_NORM_EPSILON)
    for layer in range(LAYERS):
        states = _attention(graph, weights, f"encoder.layer.{layer}.", states)
        states = _feed_forward(graph, weights, f"encoder.layer.{layer}.", states)
    graph.nodes[-1].output[0] = "states"
    return graph


def to_bytes(graph: Graph) -> bytes:
    """The serialised model. Its weights are marked as external: hand them to the session by name."""
    inputs = [
        helper.make_tensor_value_info("embedded", TensorProto.FLOAT, ["batch", "tokens", DIMENSION]),
        helper.make_tensor_value_info("lengths", TensorProto.INT32, ["batch"]),
    ]
    outputs = [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["batch", "tokens", DIMENSION])]
    named = [_external(name, values.shape) for name, values in graph.weights.items()]
    body = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, outputs, named)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=8)
    return bytes(model.SerializeToString())


def _attention(graph: Graph, weights: Weights, layer: str, states: str) -> str:
    names = [f"{layer}attention.self.{part}" for part in ("query", "key", "value")]
    together = np.concatenate([weights[f"{name}.weight"] for name in names])
    weight = graph.weight(f"{layer}qkv.weight", together.T)
    bias = graph.weight(f"{layer}qkv.bias", np.concatenate([weights[f"{name}.bias"] for name in names]))
    attended = graph.node("Attention", [states, weight, bias, "lengths"], f"{layer}attended", num_heads=HEADS)
    return _project_add_normalise(graph, weights, f"{layer}attention.output", attended, states)


def _feed_forward(graph: Graph, weights: Weights, layer: str, states: str) -> str:
    dense = f"{layer}intermediate.dense"
    wide = graph.node("MatMul", [states, graph.weight(f"{dense}.weight", weights[f"{dense}.weight"].T)], f"{layer}wide")
    active = graph.node("BiasGelu", [wide, graph.weight(f"{dense}.bias", weights[f"{dense}.bias"])], f"{layer}active")
    return _project_add_normalise(graph, weights, f"{layer}output", active, states)


def _project_add_normalise(graph: Graph, weights: Weights, name: str, inner: str, states: str) -> str:
    weight = graph.weight(f"{name}.dense.weight", weights[f"{name}.dense.weight"].T)
    projected = graph.node("MatMul", [inner, weight], f"{name}.projected")
    scale, shift = _layer_norm(graph, weights, f"{name}.LayerNorm")
    bias = graph.weight(f"{name}.dense.bias", weights[f"{name}.dense.bias"])
    inputs = [projected, states, scale, shift, bias]
    return graph.node("SkipLayerNormalization", inputs, f"{name}.states", epsilon=LAYER_NORM_EPSILON)


def _layer_norm(graph: Graph, weights: Weights, name: str) -> tuple[str, str]:
    scale, shift = f"{name}.weight", f"{name}.bias"
    return graph.weight(scale, weights[scale]), graph.weight(shift, weights[shift])


def _external(name: str, shape: Sequence[int]) -> onnx.TensorProto:
    tensor = onnx.TensorProto(name=name, dims=shape, data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="given to the session")
    return tensor

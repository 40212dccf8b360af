"""Whether a graph of memories hangs together: the second smallest eigenvalue of its Laplacian. Pure.

Source: Fiedler 1973; Chung 1997 for the normalised Laplacian; ZenBrain repository (Apache-2.0), module
`spectral-health`. The original's eigenvalue search stopped after 300 steps without saying so; here that is an error.
Its plain Laplacian scales with the weights, so that pruning always looked harmful and strengthening always healthy;
`RECOMMENDED` is the normalised one, which knows proportions only (0 to n/(n-1), whatever the size).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memory.dynamics.checks import Floats, require, within
from memory.errors import EigenvalueNotFound, ParamsInvalid, Problem

Ints = NDArray[np.int64]
DENSE_UP_TO = 600  # nodes: below, all eigenvalues are computed; above, only the wanted one is searched for
PRECISION = 1e-5  # of the eigenvector, relative to the eigenvalue, whose error is the square of it


@dataclass(frozen=True, slots=True)
class SpectrumParams:
    """Which Laplacian, and what counts as falling apart."""

    is_normalised: bool = True
    fragmented_below: float = 0.01  # connectivity
    worst_fall: float = 0.3  # share of the previous connectivity that one batch of edges may cost
    iterations: int = 5_000  # of the search on large graphs

    def __post_init__(self) -> None:
        require(
            within("fragmented_below", self.fragmented_below, 0),
            within("worst_fall", self.worst_fall, 0, 1),
            within("iterations", self.iterations, 1),
        )


COMPAT = SpectrumParams(is_normalised=False)
RECOMMENDED = SpectrumParams()


@dataclass(frozen=True, slots=True)
class Edges:
    """Undirected weighted edges between nodes 0 to `nodes` - 1; parallel edges add up, loops count for nothing."""

    nodes: int
    source: Ints  # int64[m]
    target: Ints  # int64[m]
    weight: Floats  # float64[m], >= 0


@dataclass(frozen=True, slots=True)
class SpectralHealth:
    """The connectivity of a graph now and before the last change."""

    connectivity: float  # second eigenvalue, 0 if the graph is in pieces or has at most one node
    previous: float
    nodes: int
    edges: int  # pairs with a weight above 0
    is_fragmented: bool
    is_successful: bool  # connectivity did not fall
    should_roll_back: bool  # fragmented though it was not before, or fallen by more than `worst_fall`


def connectivity(edges: Edges, rng: np.random.Generator, params: SpectrumParams = RECOMMENDED) -> float:
    """The second smallest eigenvalue of the Laplacian; `rng` starts the search in graphs above DENSE_UP_TO nodes.

    Raises ParamsInvalid for negative or non-finite weights and unknown nodes, EigenvalueNotFound if it gives up.
    """
    edges = _checked(edges)
    if edges.nodes <= 1 or not _is_connected(edges):
        return 0.0
    if edges.nodes <= DENSE_UP_TO:
        return float(max(0.0, np.linalg.eigvalsh(laplacian(adjacency(edges), params))[1]))
    return _searched(edges, rng, params)


def health(
    edges: Edges, previous: float, rng: np.random.Generator, params: SpectrumParams = RECOMMENDED
) -> SpectralHealth:
    """The report on a graph, against the connectivity that it had before."""
    require(within("previous", previous, 0))
    found = connectivity(edges, rng, params)
    is_fragmented = found < params.fragmented_below
    has_collapsed = found < (1 - params.worst_fall) * previous
    return SpectralHealth(
        connectivity=found,
        previous=previous,
        nodes=edges.nodes,
        edges=len(_merged(_checked(edges)).weight),
        is_fragmented=is_fragmented,
        is_successful=found >= previous,
        should_roll_back=has_collapsed or (is_fragmented and previous >= params.fragmented_below),
    )


def adjacency(edges: Edges) -> Floats:
    """The symmetric matrix of the weights, float64[n, n], with an empty diagonal."""
    matrix = np.zeros((edges.nodes, edges.nodes))
    np.add.at(matrix, (edges.source, edges.target), edges.weight)
    np.fill_diagonal(matrix, 0.0)
    return np.asarray(matrix + matrix.T)


def laplacian(matrix: Floats, params: SpectrumParams = RECOMMENDED) -> Floats:
    """D - A of a symmetric float64[n, n], or D^-1/2 (D - A) D^-1/2; the row of a node without edges is 0."""
    degrees = matrix.sum(axis=1)
    plain = np.diag(degrees) - matrix
    if not params.is_normalised:
        return np.asarray(plain)
    scale = _inverse_roots(degrees)
    return np.asarray(scale[:, None] * plain * scale[None, :])


def from_matrix(matrix: Floats) -> Edges:
    """The edges of a square matrix, made symmetric first; its diagonal counts for nothing."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ParamsInvalid([Problem("matrix", f"has shape {matrix.shape}", "send a square one")])
    upper = np.triu((matrix + matrix.T) / 2, 1)
    source, target = np.nonzero(upper)
    return Edges(len(matrix), source.astype(np.int64), target.astype(np.int64), upper[source, target])


def _checked(edges: Edges) -> Edges:
    ends = np.concatenate([edges.source, edges.target])
    is_known = not ends.size or (ends.min() >= 0 and ends.max() < edges.nodes)
    is_positive = bool(np.isfinite(edges.weight).all() and (edges.weight >= 0).all())
    require(
        None if is_known else Problem("source, target", "name unknown nodes", f"use 0 to {edges.nodes - 1}"),
        None if is_positive else Problem("weight", "is negative or not finite", "use numbers of 0 or more"),
    )
    kept = (edges.source != edges.target) & (edges.weight > 0)
    return Edges(edges.nodes, edges.source[kept], edges.target[kept], edges.weight[kept])


def _merged(edges: Edges) -> Edges:
    low, high = np.minimum(edges.source, edges.target), np.maximum(edges.source, edges.target)
    keys, inverse = np.unique(low * edges.nodes + high, return_inverse=True)
    weight = np.bincount(inverse, edges.weight, minlength=len(keys)).astype(np.float64)
    return Edges(edges.nodes, keys // edges.nodes, keys % edges.nodes, weight)


def _is_connected(edges: Edges) -> bool:
    """Whether the smallest label spreads to every node; pointer jumping makes it take few rounds."""
    label = np.arange(edges.nodes)
    while True:
        before = label.copy()
        least = np.minimum(label[edges.source], label[edges.target])
        np.minimum.at(label, label[edges.source], least)
        np.minimum.at(label, label[edges.target], least)
        label = label[label]
        if np.array_equal(label, before):
            return not label.any()


def _inverse_roots(degrees: Floats) -> Floats:
    return np.divide(1.0, np.sqrt(degrees), out=np.zeros_like(degrees), where=degrees > 0)


@dataclass(frozen=True, slots=True)
class _Operator:
    """A sparse Laplacian of a connected graph, its kernel, and its diagonal."""

    edges: Edges
    kernel: Floats  # of unit length
    scale: Floats
    diagonal: Floats

    def times(self, vector: Floats) -> Floats:
        inner = self.scale * vector
        edges = self.edges
        flow = edges.weight * (inner[edges.source] - inner[edges.target])
        out = np.bincount(edges.source, flow, self.edges.nodes) - np.bincount(edges.target, flow, self.edges.nodes)
        return np.asarray(self.scale * out)

    def deflated(self, vector: Floats) -> Floats:
        return np.asarray(vector - self.kernel * (self.kernel @ vector))


def _operator(edges: Edges, params: SpectrumParams) -> _Operator:
    degrees = (
        np.bincount(edges.source, edges.weight, edges.nodes) + np.bincount(edges.target, edges.weight, edges.nodes)
    ).astype(np.float64)
    if params.is_normalised:
        kernel, scale, diagonal = np.sqrt(degrees), _inverse_roots(degrees), np.ones(edges.nodes)
    else:
        kernel, scale, diagonal = np.ones(edges.nodes), np.ones(edges.nodes), degrees
    return _Operator(edges, kernel / np.linalg.norm(kernel), scale, diagonal)


def _searched(edges: Edges, rng: np.random.Generator, params: SpectrumParams) -> float:
    """Locally optimal preconditioned conjugate gradients (Knyazev 2001) on what is orthogonal to the kernel."""
    operator = _operator(edges, params)
    state = operator.deflated(rng.standard_normal(edges.nodes))
    state /= np.linalg.norm(state)
    image = operator.times(state)
    directions, images = [state], [image]
    for _ in range(params.iterations):
        value = float(state @ image)
        residual = image - value * state
        if np.linalg.norm(residual) <= PRECISION * max(value, 1e-3):
            return max(0.0, value)
        towards = operator.deflated(residual / operator.diagonal)
        towards /= np.linalg.norm(towards)
        basis = np.stack([state, towards, *directions[1:]])
        mapped = np.stack([image, operator.times(towards), *images[1:]])
        shares = _lowest(basis, mapped)
        step, step_image = shares[1:] @ basis[1:], shares[1:] @ mapped[1:]
        state, image = shares[0] * state + step, shares[0] * image + step_image
        length = np.linalg.norm(state)
        state, image = state / length, image / length
        width = np.linalg.norm(step)
        directions, images = [state, step / width], [image, step_image / width]
    raise EigenvalueNotFound


def _lowest(basis: Floats, mapped: Floats) -> Floats:
    """The combination of the rows of `basis` with the lowest Rayleigh quotient; rows may depend on each other."""
    sizes, axes = np.linalg.eigh(basis @ basis.T)
    kept = sizes > 1e-12 * sizes[-1]
    whitened = axes[:, kept] / np.sqrt(sizes[kept])
    inner = whitened.T @ (basis @ mapped.T) @ whitened
    return np.asarray(whitened @ np.linalg.eigh((inner + inner.T) / 2)[1][:, 0])

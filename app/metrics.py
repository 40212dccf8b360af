"""What Prometheus sees: requests, recall and write latency, open indexes, and the queue."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Gauges:
    """What is read at the moment of a scrape; absent where it could not be read."""

    namespaces_open: int
    index_bytes: int
    jobs: Mapping[str, int]  # by status


class Metrics:
    """The instruments of one application; each application has its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "zengram_requests", "Answered requests.", ("method", "route", "status"), registry=self.registry
        )
        self._request_seconds = Histogram(
            "zengram_request_seconds",
            "Time to the end of the answer.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._recall = Histogram(
            "zengram_recall_seconds", "Recall, encoder included.", buckets=SECONDS, registry=self.registry
        )
        self._write = Histogram(
            "zengram_write_seconds",
            "Write until it is durable and recallable.",
            buckets=SECONDS,
            registry=self.registry,
        )

    def watch(self, read: Callable[[], Gauges]) -> None:
        """Also export what `read` finds at each scrape."""
        self.registry.register(_AtScrape(read))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def recalled(self, seconds: float) -> None:
        self._recall.observe(seconds)

    def wrote(self, seconds: float) -> None:
        self._write.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _AtScrape(Collector):
    def __init__(self, read: Callable[[], Gauges]) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return []  # registering must not touch the database

    def collect(self) -> Iterable[Metric]:
        gauges = self._read()
        yield GaugeMetricFamily("zengram_index_namespaces", "Namespaces with an open index.", gauges.namespaces_open)
        yield GaugeMetricFamily("zengram_index_bytes", "Memory of open indexes.", gauges.index_bytes)
        jobs = GaugeMetricFamily("zengram_jobs", "Jobs in the queue.", labels=["status"])
        for status, count in gauges.jobs.items():
            jobs.add_metric([status], count)
        yield jobs

"""Counters for Prometheus: how many calls of which operation went how, and how long they took. No names of callers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from rolecall.server.answers import Response
from rolecall.server.exchange import Exchange

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus-client's own variable: where several worker processes put their counters together."""

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The counters of this process and the registry that renders those of all.

    Labels come from the models and from our own error codes, so there is an end to the series that are kept.
    """

    registry: CollectorRegistry
    calls: Counter
    seconds: Histogram
    _series: dict[tuple[str, str, str], tuple[Counter, Histogram]] = field(default_factory=dict)

    def record(self, exchange: Exchange, response: Response, seconds: float) -> None:
        """Count one call."""
        service = exchange.service.name if exchange.service else "unknown"
        operation = exchange.operation.name if exchange.operation else "unknown"
        labels = (service, operation, response.code or "ok")
        known = self._series.get(labels)
        if known is None:
            known = self._series[labels] = (self.calls.labels(*labels), self.seconds.labels(service))
        known[0].inc()
        known[1].observe(seconds)

    def render(self) -> bytes:
        """All counters in Prometheus's text format."""
        return generate_latest(self.registry)


def make_metrics() -> Metrics:
    """The counters of a new server process."""
    own = CollectorRegistry()
    metrics = Metrics(
        registry=own,
        calls=Counter(
            "rolecall_calls", "Calls by operation and outcome", ("service", "operation", "code"), registry=own
        ),
        seconds=Histogram("rolecall_call_seconds", "Time per call", ("service",), buckets=BUCKETS, registry=own),
    )
    if SHARED_FOLDER not in os.environ:
        return metrics
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call] # prometheus-client does not annotate it
    return Metrics(registry=shared, calls=metrics.calls, seconds=metrics.seconds)

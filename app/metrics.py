"""What is told to Prometheus, by name: the only module that knows its client."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.statistics.figures import Present, Totals

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"  # what every collector reads

# Seconds. An operation starts within one where a worker is free; a run takes one to two minutes, or waits for a person.
WAITS = (0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)
RUNS = (5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 900, 1800)
CALLS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
KINDS = ("read", "write")
MILLIONTHS = 1_000_000  # of a dollar


@dataclass(frozen=True)
class Figures:
    """What the database told, as far as it did; `totals_age` is in seconds."""

    present: Present | None
    totals: Totals | None
    totals_age: float = 0.0


class ProcessMetrics:
    """What happens in this process (core/measures.py), counted and timed."""

    def __init__(self, version: str) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        into = self._registry
        build = Gauge("autopilot_build_info", "The version that runs; always 1.", ["version"], registry=into)
        build.labels(version).set(1)
        self._waits = Histogram(
            "autopilot_operation_wait_seconds",
            "From when an operation might have begun (asked, consented to, approved) to its first start here.",
            buckets=WAITS,
            registry=into,
        )
        self._runs = Histogram(
            "autopilot_run_duration_seconds",
            "Runs that ended here, with their clean-up and what they waited for people, by how they ended.",
            ["outcome"],
            buckets=RUNS,
            registry=into,
        )
        self._calls = Histogram(
            "autopilot_database_call_seconds",
            "Transactions of this process, with the wait for a thread and a connection.",
            ["kind"],
            buckets=CALLS,
            registry=into,
        )
        self._errors = Counter(
            "autopilot_database_errors", "Transactions that the database failed.", ["kind"], registry=into
        )
        self._woken = Counter("autopilot_wake_ups", "How often a worker was woken for an operation.", registry=into)
        self._lost = Counter(
            "autopilot_leases_lost", "Runs of this process that another worker took over.", registry=into
        )
        self._contexts = Gauge(
            "autopilot_browser_contexts_open", "Browser contexts open, one ready included.", registry=into
        )
        for kind in KINDS:  # a series that is not there yet can't be seen to rise
            self._calls.labels(kind), self._errors.labels(kind)

    def count_contexts_with(self, count: Callable[[], int]) -> None:
        """Ask this for the browser contexts that are open, at each look."""
        self._contexts.set_function(count)

    def database_called(self, kind: str, seconds: float, *, failed: bool) -> None:
        """A transaction is over."""
        self._calls.labels(kind).observe(seconds)
        if failed:
            self._errors.labels(kind).inc()

    def woken(self) -> None:
        """A worker was woken."""
        self._woken.inc()

    def lease_lost(self) -> None:
        """Another worker has taken something over."""
        self._lost.inc()

    def run_started(self, waited: float) -> None:
        """An operation was begun."""
        self._waits.observe(waited)

    def run_ended(self, outcome: str, seconds: float) -> None:
        """A run has ended."""
        self._runs.labels(outcome).observe(seconds)

    def text(self, figures: Figures | None = None) -> bytes:
        """Everything of this process, and these figures of the database if they are to be told here."""
        told = generate_latest(self._registry)
        if figures is None:
            return told
        registry = CollectorRegistry()
        registry.register(_OfTheDatabase(figures))
        return told + generate_latest(registry)


class _OfTheDatabase(Collector):
    """Figures as families of metrics; none that is not known is told as if it were."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        figures = self._figures
        is_up = figures.present is not None
        yield _gauge("database_up", "Whether the database answered when it was asked for these figures.", is_up)
        if figures.present:
            yield from _present(figures.present)
        if figures.present and figures.totals:
            yield from _totals(figures.totals)
            yield _gauge("totals_age_seconds", "How long ago the totals were read.", figures.totals_age)
        if figures.present:
            finished = figures.totals.finished if figures.totals else {}
            statuses = {**figures.present.open, **finished}
            yield _gauges("operations", "Operations in the database, by status.", "status", statuses)


def _present(present: Present) -> Iterable[Metric]:
    yield _gauge("operations_running", "Operations that a worker holds a lease on.", present.running)
    yield _gauge("operations_lease_expired", "Of them, those whose lease has run out.", present.lease_run_out)
    yield _gauge("workers_running", "Workers that hold a lease that is good.", present.workers)
    yield _gauge(
        "operations_oldest_waiting_seconds",
        "How long the operation has waited to start that waits longest; 0 if none does.",
        present.oldest_waiting or 0,
    )
    finished = CounterMetricFamily(
        "autopilot_operations_finished",
        "Operations that ever ended, by how, counted from the audit trail.",
        labels=["outcome"],
    )
    for outcome, number in sorted(present.finished.items()):
        finished.add_metric([outcome], number)
    yield finished
    yield _gauge("audit_chains", "Audit chains.", present.chains)
    yield _gauge("audit_chains_broken", "Audit chains that were not whole when last verified.", present.chains_broken)


def _totals(totals: Totals) -> Iterable[Metric]:
    yield _gauges("steps_decided", "Steps in the database, by the rung that decided.", "rung", totals.steps)
    yield _gauge("model_calls", "Calls of the model by operations in the database.", totals.model_calls)
    yield _gauge("model_tokens", "Tokens of these calls, in and out.", totals.model_tokens)
    cost = totals.model_millionths / MILLIONTHS
    yield _gauge("model_cost_dollars", "What these calls cost, in US dollars.", cost)
    yield _gauge("consents_in_force", "Consents in force.", totals.consents)
    yield _gauge("products", "Products that were brought over.", totals.products)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"autopilot_{name}", told, value=float(value))


def _gauges(name: str, told: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"autopilot_{name}", told, labels=[label])
    for one, value in sorted(values.items()):
        family.add_metric([one], value)
    return family

"""Tells the metrics to whoever may have them, without ever becoming a burden: each look at the database serves many."""

import logging
import time
from collections.abc import Callable
from functools import partial
from hmac import compare_digest

from sqlalchemy.exc import SQLAlchemyError

from app.metrics import CONTENT_TYPE, Figures, ProcessMetrics
from core.clock import Clock
from core.database.failures import told
from core.database.session import Database
from core.one_at_a_time import OneAtATime
from core.security.secret import Secret
from core.statistics.figures import Present, Totals, present, totals

log = logging.getLogger(__name__)

FRESH_FOR = 5.0  # seconds; collectors come every 15 or so, and several of them share one look
TOTALS_FRESH_FOR = 60.0  # seconds
TOTALS_REST = 50  # times as long as they took, they are left alone: at most a fiftieth of the time goes into them
ANSWERS_WITHIN = 3.0  # seconds; then what is known without the database is told

WHY = "the metrics are counted over all customers"


class Scrapes:
    """The metrics as they are collected; see core/statistics/exposition.py. `seconds` is a clock that never goes back."""

    content_type = CONTENT_TYPE

    def __init__(
        self,
        metrics: ProcessMetrics,
        database: Database,
        clock: Clock,
        token: Secret | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics = metrics
        self._database = database
        self._clock = clock
        self._token = token
        self._seconds = seconds
        self._look = OneAtATime(self._read)
        self._present: Present | None = None
        self._totals: Totals | None = None
        self._looked_at = self._totals_at = self._totals_due = float("-inf")

    def is_opened_by(self, token: str) -> bool:
        """Whether this is the token that was set for whoever collects the numbers."""
        return self._token is not None and compare_digest(self._token.reveal().encode(), token.encode())

    async def text(self) -> bytes:
        """The metrics in Prometheus' text format. Of a database that does not answer nothing old is told."""
        try:
            if self._seconds() - self._looked_at >= FRESH_FOR:
                await self._look.answer(ANSWERS_WITHIN)
        except TimeoutError:
            return self._metrics.text(Figures(None, None))
        return self._metrics.text(Figures(self._present, self._totals, self._seconds() - self._totals_at))

    async def _read(self) -> None:
        """Look once; that it failed is remembered as long as what was found, so that nobody looks again at once."""
        try:
            self._present = await self._database.read_across_customers(partial(present, now=self._clock.now()), WHY)
            if self._seconds() >= self._totals_due:
                await self._read_totals()
        except SQLAlchemyError as error:
            self._present = None
            log.warning("the metrics could not be read from the database: %s", told(error))
        finally:
            self._looked_at = self._seconds()

    async def _read_totals(self) -> None:
        began = self._seconds()
        try:
            self._totals = await self._database.read_across_customers(partial(totals, now=self._clock.now()), WHY)
        finally:
            self._totals_at = self._seconds()
            self._totals_due = self._totals_at + max(TOTALS_FRESH_FOR, TOTALS_REST * (self._totals_at - began))

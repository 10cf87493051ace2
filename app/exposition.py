"""Tells the metrics to whoever may have them, without ever becoming a burden: each look at the database serves many."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from hmac import compare_digest
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from app.metrics import CONTENT_TYPE, Figures, ProcessMetrics
from core.clock import Clock
from core.database.failures import told
from core.database.session import CustomerSession, Database
from core.one_at_a_time import OneAtATime
from core.security.secret import Secret
from core.statistics.figures import Present, Totals, present, totals

log = logging.getLogger(__name__)

FRESH_FOR = 5.0  # seconds; collectors come every 15 or so, and several of them share one look
TOTALS_FRESH_FOR = 60.0  # seconds
TOTALS_REST = 50  # times as long as they took, they are left alone: at most a fiftieth of the time goes into them
TOTALS_OLDEST = 900.0  # seconds; older ones are not told any more
ANSWERS_WITHIN = 3.0  # seconds; then what is known without the database is told
COUNTED_WITHIN = 1.0  # seconds; then the totals of before are told

T = TypeVar("T")

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
        self._look = OneAtATime(self._read_present)
        self._count = OneAtATime(self._read_totals)
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
        if self._present and self._seconds() >= self._totals_due:
            with suppress(TimeoutError):  # it goes on, for whoever comes next
                await self._count.answer(COUNTED_WITHIN)
        age = self._seconds() - self._totals_at
        totals = self._totals if age <= TOTALS_OLDEST else None
        return self._metrics.text(Figures(self._present, totals, age))

    async def _read_present(self) -> None:
        """Look once; that it failed is remembered as long as what was found, so that nobody looks again at once."""
        self._present = None
        try:
            self._present = await self._read(partial(present, now=self._clock.now()))
        except SQLAlchemyError as error:
            log.warning("the metrics could not be read from the database: %s", told(error))
        finally:
            self._looked_at = self._seconds()

    async def _read_totals(self) -> None:
        """Count once, and then leave the database alone for a while, however it went."""
        began = self._seconds()
        try:
            self._totals = await self._read(partial(totals, now=self._clock.now()))
            self._totals_at = self._seconds()
        except SQLAlchemyError as error:
            log.warning("the totals of the metrics could not be counted: %s", told(error))
        finally:
            now = self._seconds()
            self._totals_due = now + max(TOTALS_FRESH_FOR, TOTALS_REST * (now - began))

    async def _read(self, use_case: Callable[[CustomerSession], T]) -> T:
        return await self._database.read_across_customers(use_case, because=WHY)

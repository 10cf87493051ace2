"""What the tests have just seen is what is kept: a shop, or a test, that changed leaves no fingerprint of its past."""

from collections.abc import Sequence

import pytest

from app.settings import FINGERPRINTS
from core.planner.fingerprints import Fingerprint, Fingerprints
from tests.e2e.fingerprinting import Collector

LASTING = (
    "role",
    "name",
    "kind",
    "place",
    "form",
    "options",
)  # what stands around it holds dates and other people's rows


def test_what_is_kept_is_what_was_seen(request: pytest.FixtureRequest, collector: Collector) -> None:
    """`pytest tests/e2e --write-fingerprints` keeps it; steps that no test came to in this session stay as they are.

    Whether a test goes the long way, in one language more, is a matter of milliseconds: one look of each step has to be known.
    """
    if not collector.looks:
        pytest.skip("no test acted on a learnt step in this session")
    kept = Fingerprints.from_file(FINGERPRINTS) if FINGERPRINTS.exists() else Fingerprints()
    if request.config.getoption("--write-fingerprints"):
        FINGERPRINTS.write_text(kept.updated(collector.fingerprints()).to_text(), "utf-8")
        return
    others = [step for step, looks in collector.looks.items() if not is_known(looks, kept.of_step(*step))]
    assert not others, "they look otherwise; if that is right: pytest tests/e2e --write-fingerprints"


def is_known(looks: Sequence[Fingerprint], kept: Sequence[Fingerprint]) -> bool:
    """Whether one of these is kept."""
    return bool({lasting(look) for look in looks} & {lasting(look) for look in kept})


def lasting(look: Fingerprint) -> tuple[object, ...]:
    return tuple(getattr(look, part) for part in LASTING)

"""Builds the ladder of those who decide where a step is done; the model is on it if there is a key for one."""

from datetime import timedelta

from app.settings import FINGERPRINTS, Settings
from core.planner.claude import ClaudePlanner
from core.planner.clearing import ClearingPlanner
from core.planner.exploring import ExploringPlanner
from core.planner.fingerprints import Fingerprints
from core.planner.heard import ModelHeard
from core.planner.ladder import Ladder
from core.planner.likeness import LikenessPlanner
from core.planner.recorded import PATIENCE, RecordedPlanner


def ladder_of(settings: Settings, patience: timedelta = PATIENCE, heard: ModelHeard | None = None) -> Ladder:
    """Recorded, then by likeness; then what is in the way, or moved; then the model. Raises BadSetting or BadFingerprints."""
    fingerprints = Fingerprints.from_file(FINGERPRINTS)
    likeness = LikenessPlanner(fingerprints)
    claude = settings.claude()
    model = [ClaudePlanner(claude, secrets_of=lambda page: page, heard=heard)] if claude else []
    return Ladder(
        looking=[RecordedPlanner(patience, fingerprints), likeness],
        acting=[ClearingPlanner(), ExploringPlanner(likeness), *model],
    )

"""What only this process and its machine know of how the service is; the doctor and staff's page say it in the same words."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import BadSetting, Settings
from core.browser.launched import SandboxRefused
from core.browser.sessions import Browsers
from core.clock import SystemClock
from core.health import Finding, State, in_words, of_disk, told_ago
from core.planner.heard import ModelHeard

if TYPE_CHECKING:
    from app.distributed import SharedQueue
    from app.scheduler import EmbeddedQueue, RoundEnded

MOST_MISSED = 3  # periods that a round may be away for
ITS_WORK = timedelta(
    minutes=5
)  # which it may take itself: receivers and servers that do not answer are waited for in turn
NO_MODEL = "none, and none is needed: recorded locators and likeness work without, and a person is asked"


@dataclass(frozen=True)
class ProcessLooks:
    """Looks at the browser, the model, the disk and the rounds of this process."""

    settings: Settings
    browsers: Browsers
    heard: ModelHeard
    queue: "EmbeddedQueue | SharedQueue"
    works: bool

    async def __call__(self) -> Sequence[Finding]:
        """Nothing is begun and nobody is asked: it costs a look at the disk."""
        disks = await asyncio.to_thread(disks_of, self.settings)
        return (self._browser(), self._model(), *disks, of_rounds(self.queue.rounds_ended, SystemClock().now()))

    def _browser(self) -> Finding:
        if not self.works:
            return Finding("Browser", "This process opens none; workers have theirs.")
        if self.browsers.is_found is False:
            return Finding("Browser", "None was found.", State.BROKEN, mend_browser(self.settings))
        version = self.browsers.running_version
        if version is None:
            return Finding("Browser", "None runs now; it is begun when it is needed.")
        named = self.settings.chromium or "found by itself"
        return Finding("Browser", f"Chromium {version} ({named}); pages open: {self.browsers.contexts_open}.")

    def _model(self) -> Finding:
        configured = model_of(self.settings)
        if not configured.good or configured.found == NO_MODEL:
            return configured
        if self.heard.failed_at and self.heard.is_in_trouble:
            since = told_ago(self.heard.now() - self.heard.failed_at)
            told = f"{configured.found}. Last trouble {since}: {self.heard.trouble}"
            return Finding("Model", told, State.LOOK, "Look at the key, the address and the provider's own status.")
        answered = self.heard.answered_at
        last = f"last answer {told_ago(self.heard.now() - answered)}" if answered else "not asked yet"
        return Finding("Model", f"{configured.found}; {last} in this process")


def model_of(settings: Settings) -> Finding:
    """Which model may be asked, if any; its key is never shown."""
    try:
        claude = settings.claude()
    except BadSetting as error:
        return Finding("Model", error.sentence, State.BROKEN, f"unset {error.variable}")
    if claude:
        return Finding("Model", f"{claude.model.id}, asked when nobody else knows where a step is")
    return Finding("Model", NO_MODEL)


def mend_browser(settings: Settings, error: Exception | None = None) -> str:
    """The command that gives this machine a browser."""
    if isinstance(error, SandboxRefused):
        return "export AUTOPILOT_BROWSER_SANDBOX=false"
    return "unset AUTOPILOT_CHROMIUM" if settings.chromium else "scripts/install"


def disks_of(settings: Settings) -> tuple[Finding, ...]:
    """The room of the data folder, and of the pictures if they are elsewhere."""
    data = _disk("Disk, data folder", settings.data_dir)
    pictures = settings.pictures
    if not isinstance(pictures, Path):
        return data, Finding("Pictures", f"kept in {pictures}, an object store.")
    return (data,) if _is_one_disk(settings.data_dir, pictures) else (data, _disk("Disk, pictures", pictures))


def _is_one_disk(data: Path, pictures: Path) -> bool:
    """Whether a second line would say the same; a folder that is not made yet comes to stand in the data folder."""
    try:
        return pictures.stat().st_dev == data.stat().st_dev
    except OSError:
        return True


def _disk(name: str, folder: Path) -> Finding:
    try:
        room = shutil.disk_usage(folder)
    except OSError as error:
        return Finding(name, f"It can't be looked at: {error.strerror}.", State.BROKEN, "Look at the disk.")
    return of_disk(name, room.free, room.total)


def of_rounds(ended: "Mapping[str, RoundEnded | None]", now: datetime) -> Finding:
    """How long ago each round was over last in this process; one that has not come again for long is to be looked at."""
    if not ended:
        return Finding("Rounds", "This process does none.")
    known = {name: _standing(one, now) for name, one in ended.items()}
    told = ", ".join(f"{name} {words}" for name, (words, _) in known.items())
    if mend := " ".join(dict.fromkeys(mend for _, mend in known.values() if mend)):
        return Finding("Rounds", f"{told}.", State.LOOK, mend)
    return Finding("Rounds", f"{told}.")


def _standing(ended: "RoundEnded | None", now: datetime) -> tuple[str, str]:
    """In words, and what to do if it is not well."""
    if ended is None:
        return "not yet", ""
    age = now - ended.at
    told = told_ago(age)
    if age > MOST_MISSED * ended.period + ITS_WORK:
        due = f"{told}, due every {in_words(ended.period)}"
        return due, "One hangs or comes no more: the log says what it did last; start this process again."
    return (told, "") if ended.was_well else (f"failed {told}", "The log says why; it comes again by itself.")

"""The words that people agree to: versioned files, and the hash of everything that was shown."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from core.errors import CoreError
from core.security.envelope import place


class NoConsentText(CoreError):
    """There is no consent text of this version."""

    code: ClassVar[str] = "no_consent_text"


@dataclass(frozen=True)
class ConsentText:
    """A text as it is shown; `sha256` is over the frame and every sentence. `days` is how long a consent holds."""

    version: str
    language: str
    heading: str
    intro: str
    days: int
    sha256: str


class ConsentTexts:
    """The current version of the frame; the sentences of a service are put into it."""

    def __init__(self, frame: dict[str, str | int]) -> None:
        self._frame = frame

    @classmethod
    def from_folder(cls, folder: Path, version: str) -> Self:
        """The texts of this version. Raises NoConsentText, so that nothing starts without words to agree to."""
        path = folder / f"{version}.json"
        if not version.replace(".", "").isalnum() or not path.is_file():
            known = ", ".join(sorted(one.stem for one in folder.glob("*.json")))
            raise NoConsentText(because=f"“{version}” is not one of: {known}.")
        return cls(json.loads(path.read_text("utf-8")))

    def current(self, sentences: Iterable[str]) -> ConsentText:
        """The text with these sentences."""
        frame = self._frame
        shown = place(*(f"{name}={frame[name]}" for name in sorted(frame)), *sentences)
        return ConsentText(
            version=str(frame["version"]),
            language=str(frame["language"]),
            heading=str(frame["heading"]),
            intro=str(frame["intro"]),
            days=int(frame["days"]),
            sha256=hashlib.sha256(shown).hexdigest(),
        )

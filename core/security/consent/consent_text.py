"""The words that people agree to: versioned files that never change once published, and the hash of all that was shown.

`published.json` beside them holds the SHA-256 of each file, and of everything that each operation shows with it. The
first number of a version rises with what people agree to; the second with a mere word.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from core.errors import CoreError
from core.security.keys.envelope import place

PUBLISHED = "published.json"


class NoConsentText(CoreError):
    """There is no consent text of this version."""

    code: ClassVar[str] = "no_consent_text"


class ConsentTextChanged(CoreError):
    """A consent text is not as it was published."""

    code: ClassVar[str] = "consent_text_changed"


@dataclass(frozen=True)
class ConsentText:
    """A text as it is shown; `sha256` is over the frame and every sentence. `days` is how long a consent holds."""

    version: str
    language: str
    heading: str
    intro: str
    days: int
    sha256: str
    id: str = "autopilot"

    @property
    def major(self) -> str:
        """What of the version changes when people have to agree anew."""
        return major(self.version)


@dataclass(frozen=True)
class PurposeText:
    """What is told of one purpose: the `sentence` of its box, what it is for, which data, and how long it is kept."""

    sentence: str
    told: Mapping[str, Any] = field(default_factory=dict)


class ConsentTexts:
    """The current version of the frame; the sentences of a service are put into it."""

    def __init__(self, frame: Mapping[str, Any]) -> None:
        self._frame = frame

    @classmethod
    def from_folder(cls, folder: Path, version: str) -> Self:
        """The texts of this version, as they were published. Raises NoConsentText or ConsentTextChanged.

        So nothing starts without words to agree to, or with words that nobody agreed to under their number.
        """
        path = folder / f"{version}.json"
        if not version.replace(".", "").isalnum() or path.name == PUBLISHED or not path.is_file():
            known = ", ".join(sorted(one.stem for one in folder.glob("*.json") if one.name != PUBLISHED))
            raise NoConsentText(because=f"“{version}” is not one of: {known}.")
        written = path.read_bytes()
        if published(folder)["texts"].get(version) != hashlib.sha256(written).hexdigest():
            raise ConsentTextChanged(
                because=f"{path.name} differs from {PUBLISHED}. Undo the change, and publish it under a new version."
            )
        return cls(json.loads(written))

    @property
    def version(self) -> str:
        """Which text this is."""
        return str(self._frame["version"])

    def current(self, sentences: Iterable[str]) -> ConsentText:
        """The text with these sentences."""
        frame = self._frame
        shown = place(*(f"{name}={_as_text(frame[name])}" for name in sorted(frame)), *sentences)
        return ConsentText(
            version=self.version,
            language=str(frame["language"]),
            heading=str(frame["heading"]),
            intro=str(frame["intro"]),
            days=int(frame["days"]),
            sha256=hashlib.sha256(shown).hexdigest(),
            id=str(frame.get("id", "autopilot")),
        )

    def of_purpose(self, purpose: str) -> PurposeText | None:
        """What this version tells of a purpose; nothing, if it does not ask for it by itself."""
        told = self._frame.get("purposes", {}).get(purpose)
        if told is None:
            return None
        return PurposeText(
            told.get("sentence", ""), {name: value for name, value in told.items() if name != "sentence"}
        )

    @property
    def told(self) -> Mapping[str, str]:
        """What is the same for every purpose: on which basis, how it is withdrawn, which rights there are."""
        return {name: str(self._frame[name]) for name in ("lawfulBasis", "withdrawal", "rights") if name in self._frame}


def published(folder: Path) -> Mapping[str, Any]:
    """What was published: `texts` by version, and `operations` by version and service/operation. Raises NoConsentText."""
    try:
        read: Mapping[str, Any] = json.loads((folder / PUBLISHED).read_bytes())
    except (OSError, ValueError) as error:
        raise NoConsentText(because=f"{PUBLISHED} can't be read, and it says how each text was published.") from error
    return read


def major(version: str) -> str:
    """The part of a version that changes when people have to agree anew: what stands before the first dot."""
    return version.partition(".")[0]


def _as_text(value: Any) -> str:
    """A value of the frame, the same on every machine; texts and numbers as the first versions were hashed."""
    if isinstance(value, str | int):
        return str(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

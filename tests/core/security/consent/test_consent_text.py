"""The words people agree to are there before anything starts, and their hash is over all that was shown."""

import hashlib
import json
from pathlib import Path

import pytest

from app.settings import Settings
from core.agents.integration import Integrations
from core.integrations.every import every_integration
from core.operations.wordings import Wordings
from core.security.addresses import AddressGuard, SystemResolver
from core.security.consent.consent_text import PUBLISHED, ConsentTextChanged, ConsentTexts, NoConsentText, published

FRAME: dict[str, str | int] = {
    "version": "1.0",
    "language": "en",
    "heading": "For {shop}",
    "intro": "We will:",
    "days": 30,
}
SENTENCES = ("It reads.", "It writes.")
SHIPPED = Path(__file__).parents[4] / "data" / "consent"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two versions, and something beside the folder that is none."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "1.0.json").write_text(json.dumps(FRAME), "utf-8")
    (folder / "2.0.json").write_text(json.dumps(FRAME | {"version": "2.0", "days": 7}), "utf-8")
    publish(folder)
    (tmp_path / "beside.json").write_text(json.dumps(FRAME), "utf-8")
    return folder


def publish(folder: Path) -> None:
    """Say of every text that it was published as it is."""
    hashes = {one.stem: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.glob("[0-9]*.json")}
    (folder / PUBLISHED).write_text(json.dumps({"texts": hashes}), "utf-8")


def test_the_version_that_was_chosen_is_shown(folder: Path) -> None:
    first, second = (ConsentTexts.from_folder(folder, version).current(SENTENCES) for version in ("1.0", "2.0"))
    assert (first.version, first.days, first.language) == ("1.0", 30, "en")
    assert (second.version, second.days) == ("2.0", 7)
    assert first.sha256 != second.sha256


@pytest.mark.parametrize(
    "version", ["3.0", "", ".", "..", "../beside", "../texts/1.0", "1.0/", "1.0.json", "published", "*", "1.0\x00"]
)
def test_nothing_starts_without_words_and_the_known_ones_are_named(folder: Path, version: str) -> None:
    with pytest.raises(NoConsentText, match=r"1\.0, 2\.0"):
        ConsentTexts.from_folder(folder, version)


@pytest.mark.parametrize("changed", FRAME)
def test_every_word_of_the_frame_counts(changed: str) -> None:
    another = FRAME | {changed: 31 if changed == "days" else f"{FRAME[changed]}!"}
    assert ConsentTexts(another).current(SENTENCES).sha256 != ConsentTexts(FRAME).current(SENTENCES).sha256


@pytest.mark.parametrize(
    "others", [("It writes.", "It reads."), ("It reads.",), ("It reads.It writes.",), ("It reads.", "It writes.", "")]
)
def test_every_sentence_counts_and_where_it_stands(others: tuple[str, ...]) -> None:
    texts = ConsentTexts(FRAME)
    assert texts.current(others).sha256 != texts.current(SENTENCES).sha256
    assert texts.current(iter(SENTENCES)) == texts.current(SENTENCES)


def test_what_is_shipped_can_be_shown() -> None:
    for path in SHIPPED.glob("[0-9]*.json"):
        text = ConsentTexts.from_folder(SHIPPED, path.stem).current(SENTENCES)
        assert text.version == path.stem
        assert "tea.example" in text.heading.format(shop="tea.example")
        assert text.days > 0


def test_a_text_that_was_edited_in_place_is_refused(folder: Path) -> None:
    (folder / "1.0.json").write_text(json.dumps(FRAME | {"days": 31}), "utf-8")
    with pytest.raises(ConsentTextChanged, match="publish it under a new version"):
        ConsentTexts.from_folder(folder, "1.0")
    assert ConsentTexts.from_folder(folder, "2.0").version == "2.0"


def test_a_text_that_was_never_published_is_refused(folder: Path) -> None:
    (folder / "3.0.json").write_text(json.dumps(FRAME | {"version": "3.0"}), "utf-8")
    with pytest.raises(ConsentTextChanged):
        ConsentTexts.from_folder(folder, "3.0")
    (folder / PUBLISHED).unlink()
    with pytest.raises(NoConsentText, match="can't be read"):
        ConsentTexts.from_folder(folder, "1.0")


def test_every_shipped_text_is_as_it_was_published() -> None:
    assert set(published(SHIPPED)["texts"]) == {path.stem for path in SHIPPED.glob("[0-9]*.json")}


def test_no_sentence_of_a_service_changes_under_a_published_text() -> None:
    """Whoever changes one publishes a new text: copy the newest, raise its version, and write down these hashes."""
    version = Settings().consent_version
    wordings = Wordings(ConsentTexts.from_folder(SHIPPED, version))
    every = Integrations(every_integration(AddressGuard(SystemResolver()))).all()
    now = {f"{one.service}/{one.operation}": wordings.text(one).sha256 for one in every}
    then = published(SHIPPED)["operations"].get(version)
    told = f"People agreed to other words under {version}. Publish a new text; see docs/consent.md. The hashes are now:"
    assert now == then, f"{told} {json.dumps(now, indent=2)}"

"""Texts are told by their own sentences, and by whatever translations are in use; the catalogue has every one of them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from pages.texts import later, t, tn, use
from scripts.catalogue import CATALOGUE, ROOT, gathered
from tests.pages.served import environment


@pytest.fixture
def in_german() -> Iterator[None]:
    """Two texts of the catalogue in German, until the test is over."""
    german = Catalog("de")
    german.add("Signed in as {email}, {role}.", "{role}: {email}.")
    german.add(("{number} product", "{number} products"), ("{number} Produkt", "{number} Produkte"))
    compiled = BytesIO()
    write_mo(compiled, german)
    compiled.seek(0)
    use(GNUTranslations(compiled))
    yield
    use(NullTranslations())


def test_a_text_is_its_own_sentence_and_takes_values_as_they_are() -> None:
    assert t("Signed in as {email}, {role}.", email="{me}@tea.example", role="owner") == (
        "Signed in as {me}@tea.example, owner."
    )
    assert [tn("{number} product", "{number} products", number) for number in (0, 1, 1200)] == [
        "0 products",
        "1 product",
        "1,200 products",
    ]
    assert t(later("Nothing fits")) == "Nothing fits"


def test_a_text_is_told_by_the_translations_in_use(in_german: None) -> None:
    assert t("Signed in as {email}, {role}.", email="me@tea.example", role="owner") == "owner: me@tea.example."
    assert tn("{number} product", "{number} products", 2) == "2 Produkte"
    assert t("Nothing fits") == "Nothing fits"


def test_of_no_text_nothing_is_told(in_german: None) -> None:
    assert t("") == ""


def test_the_catalogue_is_current() -> None:
    assert CATALOGUE.read_text("utf-8") == gathered(), "run scripts/texts"


def test_the_catalogue_can_be_read_and_names_no_date_and_no_line() -> None:
    text = CATALOGUE.read_text("utf-8")
    catalogue = read_po(BytesIO(text.encode()))
    assert catalogue.get("Nothing fits")
    assert catalogue.get(("{number} product", "{number} products"))
    assert "-Date:" not in text
    assert not any(line.startswith("#: ") and ".py:" in line for line in text.splitlines())


def test_the_command_says_whether_the_catalogue_is_current(tmp_path: Path) -> None:
    for folder in ("pages", "scripts"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    there = environment() | {"PYTHONPATH": str(tmp_path)}

    def run(*asked: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "scripts.catalogue", *asked]
        done = subprocess.run(command, cwd=tmp_path, env=there, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert run("--check") == (1, "It is not current: run scripts/texts.\n")
    assert run() == (0, "")
    assert run("--check") == (0, "The catalogue is current.\n")
    assert (tmp_path / "data" / "texts" / "messages.pot").read_bytes() == CATALOGUE.read_bytes()

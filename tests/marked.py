"""Secrets that tests make up: all with one mark in them, so that whatever is left of any is found by looking for the mark alone."""

import logging
import secrets
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, is_zipfile

from core.browser.redaction import forms_of

MARK = "canary7f3aQz"


def marked() -> str:
    """A new secret."""
    return f"{MARK}{secrets.token_hex(10)}"


def patterns_of(text: str) -> tuple[bytes, ...]:
    """What a text may be written as, in any of the encodings that our own redaction knows, and in UTF-16."""
    return (*(form.encode() for form in sorted(forms_of(text))), text.encode("utf-16-le"))


def holding(places: Iterator[tuple[str, bytes]], patterns: tuple[bytes, ...]) -> list[str]:
    """The places that hold one of these."""
    return [name for name, content in places if any(pattern in content for pattern in patterns)]


def places_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder: databases with their journals, pictures with what they tell of themselves, each part of each zip."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield from parts_of(str(path), path.read_bytes())


def parts_of(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file as it is, and unpacked, however deep."""
    yield name, content
    if content.startswith(b"PK") and is_zipfile(BytesIO(content)):
        with ZipFile(BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from parts_of(f"{name}/{member}", archive.read(member))


class Overheard(logging.Handler):
    """Takes down which loggers have said one of these."""

    def __init__(self, patterns: tuple[bytes, ...]) -> None:
        super().__init__()
        self._patterns = patterns
        self.names: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one line, as it would be written."""
        said = self.format(record).encode("utf-8", "replace")
        if any(pattern in said for pattern in self._patterns):
            self.names.add(record.name)

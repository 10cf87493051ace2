"""Puts a benchmark's tables into a document, between two markers of its own."""

from pathlib import Path


def written_into(file: Path, name: str, table: str) -> None:
    """Put the tables between the markers of that name; a document that has none gets them at its end."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = file.read_text("utf-8") if file.exists() else ""
    if begin not in text:
        text = f"{text.rstrip()}\n\n{begin}\n{end}\n".lstrip()
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    file.write_text(f"{before}{begin}\n{table}\n{end}{after}", "utf-8")

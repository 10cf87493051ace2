"""The log is lines for people or objects for programs; neither holds a secret, and each says what it is about."""

import json
import logging
import sys
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from app.log_choices import LogFormat, LogLevel
from core.errors import Refused
from core.log_context import about
from core.security.secret import MASK
from tests.app.logging_as_served import written

log = logging.getLogger("core.operations.worker")

EMAIL = "@".join(("ana", "tea.example"))  # put together: a traceback shows the lines of the source


def objects(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


def test_text_is_for_people_and_names_an_operation_once(capsys: pytest.CaptureFixture[str]) -> None:
    with written(LogFormat.TEXT), about(operation="b1c2", customer="t3a4"):
        log.info("operation %s was taken over", "b1c2")
        log.warning("it is slow\nFORGED INFO core: \x1b[31mall is well")
    first, second = capsys.readouterr().err.splitlines()
    assert first.partition("Z ")[2] == "INFO core.operations.worker: operation b1c2 was taken over"
    assert second.endswith("it is slow FORGED INFO core:  [31mall is well (operation b1c2)")


def test_an_object_has_every_field_and_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with written(LogFormat.JSON), about(operation="b1c2", customer="t3a4", time="never"):
        log.error("two\nlines, “quoted”\u2028", exc_info=Refused(because="No."))
    told = objects(capsys.readouterr().err)[0]
    assert told["message"] == "two\nlines, “quoted”\u2028"
    assert (told["level"], told["logger"], told["operation"], told["customer"]) == ("error", log.name, "b1c2", "t3a4")
    assert told["time"].endswith("Z")
    assert told["time"][:2] == "20"
    assert told["exception"].endswith("core.errors.Refused: This is not allowed. No.")
    assert isinstance(told["process"], int)


def test_what_led_to_an_error_is_told_with_where_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    def inner() -> None:
        raise KeyError("first")

    with written(LogFormat.JSON):
        try:
            try:
                inner()
            except KeyError as error:
                raise ExceptionGroup("both", [ValueError("second")]) from error
        except ExceptionGroup:
            log.exception("it broke")
    told = objects(capsys.readouterr().err)[0]["exception"]
    assert "in inner" in told
    assert told.index("builtins.KeyError: 'first'") < told.index("which led to:") < told.index("ValueError: second")


def database_error() -> Exception:
    """What a real database says of a real row: its words hold the value."""
    with create_engine("sqlite://").begin() as connection:
        connection.execute(text(f"CREATE TABLE t (email text CHECK (email <> '{EMAIL}'))"))
        try:
            connection.execute(text("INSERT INTO t VALUES (:email)"), {"email": EMAIL})
        except IntegrityError as error:
            return error
    raise AssertionError("it takes anything")


def validation_error() -> Exception:
    class Wanted(BaseModel):
        number: int

    try:
        Wanted.model_validate({"number": EMAIL})
    except ValidationError as error:
        return error
    raise AssertionError("it takes anything")


@pytest.mark.parametrize("made", [database_error, validation_error])
@pytest.mark.parametrize("form", LogFormat)
def test_errors_that_quote_data_are_told_by_their_kind(
    made: Any, form: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    error = made()
    assert EMAIL in str(error)
    with written(form):
        log.error("it broke", exc_info=error)
    said = capsys.readouterr().err
    assert EMAIL not in said
    assert type(error).__name__ in said


@pytest.mark.parametrize("form", LogFormat)
def test_what_is_secret_is_taken_out_of_words_and_exceptions(
    form: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    own = uuid4().hex
    secrets = (
        own,
        "cs_" + "0a" * 20,
        "omni_live_" + "0a" * 16 + "_" + "0b" * 32 + "_" + "0c" * 4,
        "sk-ant-api03-abcdefgh",
        "Bearer abcdefgh.ijkl",
        "autopilot:pass-word@db",
    )
    with written(form, secrets=(own,)):
        for secret in secrets:
            shown = f"postgresql://{secret}" if "@" in secret else secret
            log.error("sent %s", shown, exc_info=RuntimeError(f"refused: {shown}"))
    said = capsys.readouterr().err
    assert [one for one in (own, *secrets[1:4], "abcdefgh.ijkl", "pass-word") if one in said] == []
    assert said.replace("\\u2022", "•").count(MASK) >= 2 * len(secrets)


def test_a_level_is_of_ours_and_libraries_never_tell_their_details(capsys: pytest.CaptureFixture[str]) -> None:
    with written(LogFormat.TEXT, LogLevel.DEBUG):
        log.debug("our detail")
        for name in ("httpx", "httpcore", "anthropic", "sqlalchemy.engine", "urllib3"):
            logging.getLogger(name).info("what is sent")
        logging.getLogger("uvicorn.error").warning("the server's warning")
        logging.getLogger("apscheduler.scheduler").error("the scheduler's error")
    said = capsys.readouterr().err
    assert "our detail" in said
    assert "what is sent" not in said
    assert said.count("the server's warning") == said.count("the scheduler's error") == 1
    with written(LogFormat.TEXT, LogLevel("ERROR")):
        log.warning("not worth it")
    assert "not worth it" not in capsys.readouterr().err


def test_it_writes_to_what_is_the_standard_error_by_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with written(LogFormat.TEXT):
        monkeypatch.setattr(sys, "stderr", sys.stdout)
        log.warning("here")
    assert "here" in capsys.readouterr().out

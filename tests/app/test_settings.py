"""Settings come from the environment alone, are checked at once, and show no secret."""

from pathlib import Path

import pytest

from app.settings import STORE_KEYS, BadSetting, Settings
from core.browser.object_storage.place import ObjectPlace, StoreAccess

NAMES = (
    "DATABASE_URL", "DATABASE_OWNER_URL", "ENCRYPTION_KEY", "ENCRYPTION_KEY_NEXT", "CONSENT_VERSION", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "XDG_CONFIG_HOME",
    "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", *STORE_KEYS,
    *(f"AUTOPILOT_{name.upper()}" for name in Settings.model_fields),
)  # fmt: skip


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_nothing_is_needed_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = Settings.read()
    assert settings.database == f"sqlite:///{Path.cwd() / '.autopilot' / 'autopilot.db'}"
    assert settings.pictures == Path(".autopilot/pictures")
    assert settings.key_path == tmp_path / ".config" / "omniops-autopilot" / "master.key"
    assert (settings.host, settings.port, settings.consent_version) == ("127.0.0.1", 8080, "2.0")
    assert settings.allowed_host_ports == frozenset()


def test_the_key_is_never_beside_what_it_seals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    settings = Settings.read()
    assert settings.key_path == tmp_path / "configuration" / "omniops-autopilot" / "master.key"
    assert not settings.key_path.is_relative_to(settings.data_dir)


def test_what_signs_and_what_is_signed_are_kept_beside_the_key_and_apart_from_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AUTOPILOT_KEY_FILE", str(tmp_path / "key" / "master.key"))
    settings = Settings.read()
    assert settings.signing_key_path == tmp_path / "key" / "signing.key"
    assert settings.checkpoints_path == tmp_path / "key" / "checkpoints.jsonl"
    monkeypatch.setenv("AUTOPILOT_SIGNING_KEY_FILE", str(tmp_path / "s"))
    monkeypatch.setenv("AUTOPILOT_CHECKPOINTS", str(tmp_path / "c"))
    assert (Settings.read().signing_key_path, Settings.read().checkpoints_path) == (tmp_path / "s", tmp_path / "c")


def test_one_key_for_two_purposes_and_a_copy_beside_the_original_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOPILOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AUTOPILOT_KEY_FILE", str(tmp_path / "k"))
    monkeypatch.setenv("AUTOPILOT_SIGNING_KEY_FILE", str(tmp_path / "x" / ".." / "k"))
    monkeypatch.setenv("AUTOPILOT_CHECKPOINTS", str(tmp_path / "data" / "checkpoints.jsonl"))
    settings = Settings.read()
    with pytest.raises(BadSetting, match="another file than the vault's key"):
        _ = settings.signing_key_path
    with pytest.raises(BadSetting, match="outside the data folder"):
        _ = settings.checkpoints_path


def test_every_name_of_the_contract_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "DATABASE_URL": "postgresql+psycopg://me@db/x",
        "DATABASE_OWNER_URL": "postgresql+psycopg://owner@db/x",
        "AUTOPILOT_DATA_DIR": "/d",
        "AUTOPILOT_KEY_FILE": "/k",
        "ANTHROPIC_API_KEY": "sk-canary",
        "ANTHROPIC_BASE_URL": "https://model.example",
        "AUTOPILOT_MODEL": "claude-haiku-5-5",
        "AUTOPILOT_MODEL_TIMEOUT": "20.5",
        "ENCRYPTION_KEY": "canary",
        "CONSENT_VERSION": "2.0",
        "AUTOPILOT_CHROMIUM": "/c",
        "AUTOPILOT_ALLOWED_HOSTS": "127.0.0.1:8081, shop.test:80,,",
        "AUTOPILOT_BASE_URL": "https://autopilot.example",
        "AUTOPILOT_SCREENSHOTS": "/s",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = Settings.read()
    assert settings.database == given["DATABASE_URL"]
    assert (settings.data_dir, settings.key_path, settings.pictures) == (Path("/d"), Path("/k"), Path("/s"))
    assert (settings.chromium, settings.consent_version, settings.model) == (Path("/c"), "2.0", "claude-haiku-5-5")
    assert settings.allowed_host_ports == {"127.0.0.1:8081", "shop.test:80"}
    assert (settings.base_url, settings.anthropic_base_url) == (given["AUTOPILOT_BASE_URL"], "https://model.example")
    assert settings.model_timeout == 20.5
    assert settings.encryption_key is not None
    assert settings.anthropic_api_key is not None
    assert settings.encryption_key.get_secret_value() == "canary"
    assert settings.anthropic_api_key.get_secret_value() == "sk-canary"


def test_pictures_may_be_kept_in_an_object_store(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "AUTOPILOT_SCREENSHOTS": "s3://pictures/of-us",
        "AWS_ENDPOINT_URL": "https://every-service.example",
        "AWS_ENDPOINT_URL_S3": "https://store.example",
        "AWS_ACCESS_KEY_ID": "canary-id",
        "AWS_SECRET_ACCESS_KEY": "canary-secret",
        "AWS_SESSION_TOKEN": "canary-token",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = Settings.read()
    place = settings.pictures
    assert isinstance(place, ObjectPlace)
    assert str(place) == "s3://pictures/of-us at https://store.example"
    keys = place.access.keys
    assert keys is not None
    assert keys.token is not None
    assert (keys.id.reveal(), keys.secret.reveal(), keys.token.reveal()) == (
        "canary-id",
        "canary-secret",
        "canary-token",
    )
    assert "canary" not in f"{settings!r} {settings} {place!r} {place}"


def test_without_keys_or_address_the_store_is_found_as_by_programs_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPILOT_SCREENSHOTS", "s3://pictures")
    assert Settings.read().pictures == ObjectPlace("pictures")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://minio:9000")
    assert Settings.read().pictures == ObjectPlace("pictures", access=StoreAccess("http://minio:9000"))


@pytest.mark.parametrize(
    ("wrong", "variable", "because"),
    [
        ({"AUTOPILOT_SCREENSHOTS": "gs://canary"}, "AUTOPILOT_SCREENSHOTS", "no other address is known"),
        ({"AUTOPILOT_SCREENSHOTS": "s3://a:canary@pictures"}, "AUTOPILOT_SCREENSHOTS", "takes no keys"),
        ({"AWS_ENDPOINT_URL_S3": "https://a:canary@store.example"}, "AWS_ENDPOINT_URL_S3", "A store's address"),
        ({"AWS_ENDPOINT_URL": "canary"}, "AWS_ENDPOINT_URL", "A store's address"),
        ({"AWS_ACCESS_KEY_ID": "canary"}, "AWS_SECRET_ACCESS_KEY", "The other half"),
        ({"AWS_SECRET_ACCESS_KEY": "canary"}, "AWS_ACCESS_KEY_ID", "The other half"),
    ],
)
def test_a_place_of_pictures_that_can_not_be_is_named_without_repeating_it(
    wrong: dict[str, str], variable: str, because: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ({"AUTOPILOT_SCREENSHOTS": "s3://pictures"} | wrong).items():
        monkeypatch.setenv(name, value)
    settings = Settings.read()
    with pytest.raises(BadSetting, match=because) as refused:
        _ = settings.pictures
    assert refused.value.variable == variable
    assert "canary" not in f"{refused.value!r} {refused.value} {settings!r}"


def test_what_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Settings.read()
    for name in NAMES:
        monkeypatch.setenv(name, "")
    assert Settings.read() == plain


def test_without_a_key_no_model_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPILOT_MODEL", "unknown")
    assert Settings.read().claude() is None


def test_a_key_is_all_a_model_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", " sk-canary\n")
    claude = Settings.read().claude()
    assert claude is not None
    assert (claude.key.reveal(), claude.model.id) == ("sk-canary", "claude-sonnet-5-5")
    assert (claude.base_url, claude.timeout) == ("https://api.anthropic.com", 60.0)


def test_a_model_is_reached_as_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "ANTHROPIC_API_KEY": "sk-canary",
        "ANTHROPIC_BASE_URL": "https://model.example",
        "AUTOPILOT_MODEL": "claude-opus-5-5",
        "AUTOPILOT_MODEL_TIMEOUT": "20",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    claude = Settings.read().claude()
    assert claude is not None
    assert (claude.model.id, claude.base_url, claude.timeout) == ("claude-opus-5-5", "https://model.example", 20.0)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AUTOPILOT_MODEL", "claude-2"),
        ("ANTHROPIC_BASE_URL", "http://model.example"),
        ("ANTHROPIC_API_KEY", "sk canary"),
        ("AUTOPILOT_MODEL_TIMEOUT", "0"),
        ("AUTOPILOT_MODEL_TIMEOUT", "inf"),
        ("AUTOPILOT_MODEL_TIMEOUT", "nan"),
    ],
)
def test_a_model_that_can_not_be_reached_like_this_is_refused_at_once(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-canary")
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSetting) as refused:
        Settings.read().claude()
    assert refused.value.variable == variable
    assert "canary" not in f"{refused.value!r} {refused.value}"


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://me:canary@db/x")
    for name in ("ENCRYPTION_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "canary")
    settings = Settings.read()
    assert "canary" not in f"{settings!r} {settings}"


def test_a_setting_that_can_not_be_used_is_named_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPILOT_PORT", "canary")
    with pytest.raises(BadSetting, match="AUTOPILOT_PORT") as refused:
        Settings.read()
    assert refused.value.variable == "AUTOPILOT_PORT"
    assert "canary" not in f"{refused.value!r} {refused.value}"
    assert (refused.value.__cause__, refused.value.__suppress_context__) == (None, True)


def test_a_token_for_the_metrics_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOPILOT_METRICS_TOKEN", "hunter2")
    with pytest.raises(BadSetting, match=r"AUTOPILOT_METRICS_TOKEN: .*16") as refused:
        Settings.read()
    assert "hunter2" not in str(refused.value)


def test_how_the_log_is_written_is_set_in_either_case(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings.read().log_format, Settings.read().log_level) == ("text", "info")
    monkeypatch.setenv("AUTOPILOT_LOG_FORMAT", "json")
    monkeypatch.setenv("AUTOPILOT_LOG_LEVEL", "WARNING")
    assert (Settings.read().log_format, Settings.read().log_level) == ("json", "warning")
    monkeypatch.setenv("AUTOPILOT_LOG_LEVEL", "loud")
    with pytest.raises(BadSetting, match="AUTOPILOT_LOG_LEVEL"):
        Settings.read()


def test_what_must_be_in_no_line_of_the_log_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://autopilot:of-the-database@db/autopilot")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "of-the-model")
    monkeypatch.setenv("AUTOPILOT_METRICS_TOKEN", "of-the-collector-of-metrics")
    monkeypatch.setenv("AUTOPILOT_SMTP_URL", "smtps://autopilot:of-the%40mail@mail.example")
    known = Settings.read().own_secrets
    of_mail = {"of-the%40mail", "of-the@mail"}
    assert set(known) == {"of-the-database", "of-the-model", "of-the-collector-of-metrics"} | of_mail


def test_mail_is_handed_over_where_and_from_whom_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.read().mail() is None
    monkeypatch.setenv("AUTOPILOT_SMTP_URL", "smtp://autopilot:canary@127.0.0.1:2525")
    monkeypatch.setenv("AUTOPILOT_MAIL_FROM", "OmniOps Autopilot <autopilot@omni.example>")
    found = Settings.read().mail()
    assert found
    server, sender = found
    assert (server.host, server.port, server.plain) == ("127.0.0.1", 2525, False)
    assert sender == "OmniOps Autopilot <autopilot@omni.example>"
    monkeypatch.setenv("AUTOPILOT_ALLOWED_HOSTS", "127.0.0.1:2525")
    allowed = Settings.read().mail()
    assert allowed
    assert allowed[0].plain


@pytest.mark.parametrize(
    ("url", "sender", "variable"),
    [
        ("mail.example:canary", "autopilot@omni.example", "AUTOPILOT_SMTP_URL"),
        ("smtps://u:canary@mail.example", "", "AUTOPILOT_MAIL_FROM"),
        ("smtps://u:canary@mail.example", "autopilot", "AUTOPILOT_MAIL_FROM"),
        ("smtps://u:canary@mail.example", "a@b.example\nBcc: c@d.example", "AUTOPILOT_MAIL_FROM"),
    ],
)
def test_a_mail_server_that_can_not_be_used_is_named_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, url: str, sender: str, variable: str
) -> None:
    monkeypatch.setenv("AUTOPILOT_SMTP_URL", url)
    monkeypatch.setenv("AUTOPILOT_MAIL_FROM", sender)
    with pytest.raises(BadSetting) as refused:
        Settings.read().mail()
    assert refused.value.variable == variable
    assert "canary" not in str(refused.value)

"""The only reader of the environment."""

import os
from email.utils import parseaddr
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.log_choices import LogFormat, LogLevel
from core.browser.object_storage.place import AccessKeys, BadPlace, ObjectPlace, StoreAccess, is_address
from core.errors import BadInput
from core.notifications.mail import BadMailServer, MailServer
from core.operations.limits import Limits
from core.planner.connection import BASE_URL, TIMEOUT, BadConnection, ClaudeSettings
from core.planner.models import Models, UnknownModel
from core.security.consent.agreement import Controller, Recipient
from core.security.secret import Secret

ROOT = Path(__file__).resolve().parent.parent
KNOWLEDGE_BASE = ROOT / "data" / "AGENT_KNOWLEDGE_BASE.json"
FINGERPRINTS = ROOT / "data" / "fingerprints.json"
CONSENT_TEXTS = ROOT / "data" / "consent"
MODELS = ROOT / "data" / "models.json"

STORE_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
SECRETS = (
    "ENCRYPTION_KEY",
    "ENCRYPTION_KEY_NEXT",
    "ANTHROPIC_API_KEY",
    "DATABASE_URL",  # it may hold a password
    "AUTOPILOT_METRICS_TOKEN",
    "AUTOPILOT_SMTP_URL",
    *STORE_KEYS,
)
SHORTEST_TOKEN = 16  # characters; a token that can be guessed is none


def _configuration_folder() -> Path:
    """The user's own place for configuration, apart from what is backed up with the data."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "omniops-autopilot"


class BadSetting(BadInput):
    """A setting can't be used."""

    code: ClassVar[str] = "bad_setting"

    def __init__(self, variable: str, because: str) -> None:
        super().__init__(f"{variable}: {because}")
        self.variable = variable


class Settings(BaseSettings):
    """Every setting, by its environment variable; nothing is needed to begin."""

    model_config = SettingsConfigDict(
        env_prefix="AUTOPILOT_", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    database_url: str | None = Field(default=None, repr=False)  # it may hold a password
    database_owner_url: str | None = Field(
        default=None, repr=False
    )  # who may make roles; only `db upgrade` asks for it
    data_dir: Path = Path(".autopilot")
    work_dir: Path | None = None  # of one process, for as long as it runs
    runs_at_once: int = Field(default=Limits.at_once, ge=1, le=64)
    runs_per_customer: int = Field(default=Limits.per_customer, ge=1)
    key_file: Path | None = None
    encryption_key: SecretStr | None = None
    signing_key_file: Path | None = None
    checkpoints: Path | None = None
    deletions: Path | None = None
    encryption_key_next: SecretStr | None = None
    consent_version: str = "2.0"
    controller_name: str = Controller.name
    controller_address: str = Controller.address
    controller_contact: str = Controller.contact
    stored_in: str = Controller.stored_in
    jurisdiction: str = Controller.jurisdiction
    chromium: Path | None = None
    browser_sandbox: bool = True
    allowed_hosts: str = ""
    base_url: str | None = None
    screenshots: str | None = Field(default=None, repr=False)  # an address may hold a key, though it should not
    aws_endpoint_url: str | None = Field(default=None, repr=False)
    aws_endpoint_url_s3: str | None = Field(default=None, repr=False)
    aws_access_key_id: SecretStr | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str = BASE_URL
    model: str | None = None  # the default of data/models.json
    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    metrics_token: SecretStr | None = Field(default=None, min_length=SHORTEST_TOKEN)
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(default=None, gt=0, lt=65536)  # of a process that serves no dashboard
    log_format: LogFormat = LogFormat.TEXT
    log_level: LogLevel = LogLevel.INFO
    model_timeout: float = Field(default=TIMEOUT, gt=0, lt=3600)  # seconds for one answer

    @classmethod
    def read(cls) -> "Settings":
        """From the environment; some names are shared with other programs and carry no prefix. Raises BadSetting."""
        shared = {
            "database_url": os.environ.get("DATABASE_URL"),
            "database_owner_url": os.environ.get("DATABASE_OWNER_URL"),
            "encryption_key": os.environ.get("ENCRYPTION_KEY"),
            "encryption_key_next": os.environ.get("ENCRYPTION_KEY_NEXT"),
            "consent_version": os.environ.get("CONSENT_VERSION"),
            "anthropic_api_key": os.environ.get("ANTHROPIC_API_KEY"),
            "anthropic_base_url": os.environ.get("ANTHROPIC_BASE_URL"),
            **{name.lower(): os.environ.get(name) for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", *STORE_KEYS)},
        }
        try:
            return cls(**{name: value for name, value in shared.items() if value})  # type: ignore[arg-type]  # pydantic reads the texts
        except ValidationError as error:
            wrong = error.errors(include_input=False)[0]
            raise BadSetting(f"AUTOPILOT_{wrong['loc'][0]}".upper(), because=f"{wrong['msg']}.") from None

    @classmethod
    def forget_secrets(cls) -> None:
        """Take the keys out of the process's environment, once they are read: whatever is started inherits it."""
        for name in SECRETS:
            os.environ.pop(name, None)

    @property
    def own_secrets(self) -> tuple[str, ...]:
        """What must be in no line of the log, whoever writes it."""
        keys = (
            self.encryption_key,
            self.encryption_key_next,
            self.anthropic_api_key,
            self.metrics_token,
            self.aws_secret_access_key,
            self.aws_session_token,
        )
        addresses = (self.database_url, self.database_owner_url, self._smtp_url)
        written = [urlsplit(address).password or "" for address in addresses if address]
        passwords = [*written, *map(unquote, written)]
        return tuple(filter(None, [*(key.get_secret_value() for key in keys if key), *passwords]))

    @property
    def _smtp_url(self) -> str | None:
        return self.smtp_url.get_secret_value() if self.smtp_url else None

    def mail(self) -> tuple[MailServer, str] | None:
        """Where e-mail is handed over, and from whom it is; none if that was not told. Raises BadSetting."""
        if not self._smtp_url:
            return None
        try:
            server = MailServer.of(self._smtp_url, self.allowed_host_ports)
        except BadMailServer as error:
            raise BadSetting("AUTOPILOT_SMTP_URL", because=error.because) from None
        sender = (self.mail_from or "").strip()
        if "@" not in parseaddr(sender)[1][1:-1] or not sender.isprintable():
            raise BadSetting("AUTOPILOT_MAIL_FROM", because="Say from whom e-mail is: autopilot@company.example.")
        return server, sender

    def claude(self) -> ClaudeSettings | None:
        """The model and the way to it; none without a key, for then no model is asked. Raises BadSetting."""
        if self.anthropic_api_key is None:
            return None
        try:
            model = Models.from_file(MODELS).named(self.model)
        except UnknownModel as error:
            raise BadSetting("AUTOPILOT_MODEL", because=error.because) from None
        key = Secret(self.anthropic_api_key.get_secret_value().strip())
        try:
            return ClaudeSettings(key, model, self.anthropic_base_url, self.model_timeout)
        except BadConnection as error:
            variable = "ANTHROPIC_API_KEY" if error.about_key else "ANTHROPIC_BASE_URL"
            raise BadSetting(variable, because=error.because) from None

    @property
    def database(self) -> str:
        """The database's URL: SQLite in the data folder unless another is given."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{(self.data_dir / 'autopilot.db').resolve()}"

    @property
    def limits(self) -> Limits:
        """How many runs there may be at once."""
        return Limits(self.runs_at_once, self.runs_per_customer)

    @property
    def browser_folder(self) -> Path:
        """Where the browser of this process puts what it needs."""
        return (self.work_dir or self.data_dir) / "browser"

    @property
    def own_address(self) -> str:
        """Where people and shops find it: as it was told, else where it listens."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def key_path(self) -> Path:
        """Where the master key is kept, if it is kept in a file."""
        return self.key_file or _configuration_folder() / "master.key"

    @property
    def signing_key_path(self) -> Path:
        """Where the key is kept that signs checkpoints and receipts: beside the master key. Raises BadSetting."""
        path = self.signing_key_file or self.key_path.with_name("signing.key")
        if path.resolve() == self.key_path.resolve():
            raise BadSetting("AUTOPILOT_SIGNING_KEY_FILE", because="It has to be another file than the vault's key.")
        return path

    @property
    def checkpoints_path(self) -> Path:
        """The copy of the checkpoints outside the database. Raises BadSetting if it would be kept with the database."""
        return self._outside("AUTOPILOT_CHECKPOINTS", self.checkpoints, "checkpoints.jsonl")

    @property
    def deletions_path(self) -> Path:
        """The ledger of customers that were deleted. Raises BadSetting if it would be kept with the database."""
        return self._outside("AUTOPILOT_DELETIONS", self.deletions, "deletions.jsonl")

    def _outside(self, variable: str, given: Path | None, name: str) -> Path:
        """A file that has to survive the database: beside the master key, or where it was said."""
        if given is None:
            return self.key_path.with_name(name)
        if given.resolve().is_relative_to(self.data_dir.resolve()):
            raise BadSetting(variable, because="It has to be outside the data folder: who rewrites that has this, too.")
        return given

    @property
    def controller(self) -> Controller:
        """Who is responsible for what is kept, as consents and their receipts name them."""
        return Controller(
            self.controller_name,
            self.controller_address,
            self.controller_contact,
            self.stored_in,
            self.jurisdiction,
        )

    @property
    def model_recipient(self) -> Recipient | None:
        """Who is sent masked pages if the agent is stuck; nobody without a key for a model."""
        if self.anthropic_api_key is None:
            return None
        if self.anthropic_base_url.rstrip("/") == BASE_URL.rstrip("/"):
            return Recipient("Anthropic", "USA")
        # Whoever sends it by way of somebody else has to name them.
        return Recipient(f"Anthropic, by way of {urlsplit(self.anthropic_base_url).hostname}", "USA")

    @property
    def pictures(self) -> Path | ObjectPlace:
        """The folder of the pictures, or the place in an object store. Raises BadSetting."""
        if not self.screenshots:
            return self.data_dir / "pictures"
        if not is_address(self.screenshots):
            return Path(self.screenshots)
        try:
            return ObjectPlace.of(self.screenshots, self._store_access())
        except BadPlace as error:
            raise BadSetting("AUTOPILOT_SCREENSHOTS", because=error.because) from None

    def _store_access(self) -> StoreAccess:
        """How the object store is reached. Raises BadSetting."""
        key_id, secret, token = self.aws_access_key_id, self.aws_secret_access_key, self.aws_session_token
        if (key_id is None) != (secret is None):
            missing = "AWS_ACCESS_KEY_ID" if key_id is None else "AWS_SECRET_ACCESS_KEY"
            raise BadSetting(missing, because="The other half of the store's keys is given without it.")
        keys = None
        if key_id and secret:
            session = Secret(token.get_secret_value()) if token else None
            keys = AccessKeys(Secret(key_id.get_secret_value()), Secret(secret.get_secret_value()), session)
        try:
            return StoreAccess(self.aws_endpoint_url_s3 or self.aws_endpoint_url, keys)
        except BadPlace as error:
            variable = "AWS_ENDPOINT_URL_S3" if self.aws_endpoint_url_s3 else "AWS_ENDPOINT_URL"
            raise BadSetting(variable, because=error.because) from None

    @property
    def allowed_host_ports(self) -> frozenset[str]:
        """The exact host:port pairs that may be private or plain http."""
        return frozenset(one.strip() for one in self.allowed_hosts.split(",") if one.strip())

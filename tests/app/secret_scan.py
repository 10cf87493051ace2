"""Looks for the secrets of a setup wherever it could have left them: files, answers, logs and what was printed."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from app.practice_shop.faults import Fault
from app.practice_shop.keyring import KeyRing, NewKey
from app.practice_shop.shop import PracticeShop
from core.browser.redaction import forms_of
from tests.app.running import Stage
from tests.marked import marked

Said = Callable[[], str]  # everything that was logged and printed so far


class RememberingKeyRing(KeyRing):
    """A key ring that keeps what it shows once, for a scan that has to know what it looks for."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets_shown: list[str] = []

    def make(self, description: str, login: str, permission: str, at: datetime) -> NewKey:
        made = super().make(description, login, permission, at)
        self.secrets_shown.append(made.consumer_secret)
        return made


def shop_with(*faults: Fault, latency: float = 0.0) -> PracticeShop:
    """A shop whose passwords are in no other file of this machine, so that a scan for them means something."""
    passwords = {name: marked() for name in ("admin", "manager", "reader")}
    shop = PracticeShop(faults, latency, passwords=passwords)
    shop.keyring = RememberingKeyRing()
    return shop


def secrets_shown(shop: PracticeShop) -> list[str]:
    """Every consumer secret this shop has ever shown."""
    assert isinstance(shop.keyring, RememberingKeyRing)
    return shop.keyring.secrets_shown


async def nothing_secret_is_anywhere(play: Stage, said: Said) -> None:
    """No password and no consumer secret, in no form, in no file, no answer, no log line and nothing printed."""
    answers = repr(await play.services.operations.history(play.visitor))
    answers += repr(await play.services.trail.read(play.visitor, limit=500))
    for secret in (play.shop.password_of("admin"), *secrets_shown(play.shop)):
        forms = forms_of(secret)
        assert places_holding(play.folder, forms) == []
        for text in (answers, said()):
            assert [form for form in forms if form in text] == []


def places_holding(folder: Path, forms: frozenset[str]) -> list[str]:
    """The files below a folder that hold one of these: database, journal, pictures, and whatever else there is."""
    raw = [form.encode() for form in forms]
    files = ((path, path.read_bytes()) for path in folder.rglob("*") if path.is_file())
    return [str(path) for path, held in files if any(form in held for form in raw)]

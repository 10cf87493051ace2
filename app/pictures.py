"""Where the pictures of this installation are kept."""

from app.settings import Settings
from core.browser.screenshots import FolderScreenshotStore
from core.clock import Clock
from core.database.session import Database
from core.security.vault.customer_keys import CustomerKeys
from core.security.vault.sealed_content import SealedContent
from core.security.vault.vault import Vault


def pictures_of(settings: Settings, database: Database, vault: Vault, clock: Clock) -> FolderScreenshotStore:
    """In a folder, sealed with the vault's keys; nothing is made or opened yet."""
    return FolderScreenshotStore(settings.pictures, SealedContent(database, CustomerKeys(vault), clock))

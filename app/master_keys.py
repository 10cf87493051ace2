"""Where this installation's master keys come from, by its settings."""

from app.settings import Settings
from core.security.keys.key_providers import KeyFile, KeyFromText, KeyProvider


def master_keys(settings: Settings) -> KeyProvider:
    """The key given in the environment, or else the key file and those beside it."""
    if settings.encryption_key is None:
        return KeyFile(settings.key_path)
    coming = settings.encryption_key_next
    return KeyFromText(settings.encryption_key.get_secret_value(), coming.get_secret_value() if coming else None)

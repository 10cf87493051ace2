"""pretix's own settings, but for what a site that is only here to be tested does otherwise."""

from pretix.settings import *  # type: ignore[import-not-found]  # noqa: F403  it is in another environment than ours


class NoMigrations:
    """Says of every application that it has no migrations: the tables are made as they are today, not as they came to be."""

    def __contains__(self, application: str) -> bool:
        return True

    def __getitem__(self, application: str) -> None:
        return None


MIGRATION_MODULES = NoMigrations()
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # nobody gets a letter

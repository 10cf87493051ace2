"""What the key pages call things: as today, in German, in older versions, and under the fault `renamed_labels`."""

from dataclasses import dataclass, replace

from app.practice_shop.faults import Fault
from app.practice_shop.shop import PracticeShop

PERMISSIONS = {"read": "Read", "write": "Write", "read_write": "Read/Write"}


@dataclass(frozen=True)
class Ids:
    """The ids that WooCommerce's own script and everyone's tests go by."""

    fields: str = "key-fields"
    description: str = "key_description"
    user: str = "key_user"
    permissions: str = "key_permissions"
    submit: str = "update_api_key"
    consumer_key: str = "key_consumer_key"
    consumer_secret: str = "key_consumer_secret"  # noqa: S105  an id
    code: str = "keys-qrcode"
    rows: str = "the-list"


@dataclass(frozen=True)
class Wording:
    """Headings, labels, links and buttons of the list of keys and of the key form."""

    heading: str = "REST API"
    section: str = "REST API keys"
    add: str = "Add key"
    first: str = "Create an API key"
    revoke: str = "Revoke"
    revoke_label: str = "Revoke API key"
    form: str = "Key details"
    description: str = "Description"
    description_tip: str = "Friendly name for identifying this key."
    user: str = "User"
    user_tip: str = "Owner of these keys."
    permissions: str = "Permissions"
    permissions_tip: str = "Select the access type of these keys."
    generate: str = "Generate API key"
    consumer_key: str = "Consumer key"
    consumer_secret: str = "Consumer secret"  # noqa: S105  a label
    revoke_this: str = "Revoke key"
    ids: Ids = Ids()


TODAY = Wording()
OLDER = replace(TODAY, section="REST API")
GERMAN = Wording(
    heading="REST-API",
    section="REST-API-Schlüssel",
    add="Schlüssel hinzufügen",
    first="Einen API-Schlüssel anlegen",
    revoke="Widerrufen",
    revoke_label="API-Schlüssel widerrufen",
    form="Angaben zum Schlüssel",
    description="Beschreibung",
    description_tip="Woran du diesen Schlüssel erkennst.",
    user="Benutzer",
    user_tip="Wem die Schlüssel gehören.",
    permissions="Berechtigungen",
    permissions_tip="Was mit den Schlüsseln geht.",
    generate="API-Schlüssel erzeugen",
    consumer_key="Öffentlicher Teil",
    consumer_secret="Geheimer Teil",  # noqa: S106  a label
    revoke_this="Schlüssel widerrufen",
)
RENAMED = Wording(
    heading="Access credentials",
    section="Access credentials",
    add="New credentials",
    first="Make the first credentials",
    revoke="Withdraw",
    revoke_label="Withdraw credentials",
    form="Credential settings",
    description="Title",
    description_tip="Whatever tells you who has them.",
    user="Account",
    user_tip="Whose credentials they are.",
    permissions="Scope",
    permissions_tip="How far they reach.",
    generate="Create credentials",
    consumer_key="Public part",
    consumer_secret="Private part",  # noqa: S106  a label
    revoke_this="Withdraw credentials",
    ids=Ids(
        fields="credential-fields",
        description="credential_title",
        user="credential_account",
        permissions="credential_scope",
        submit="submit_credentials",
        consumer_key="credential_public",
        consumer_secret="credential_private",  # noqa: S106  an id
        code="credential-code",
        rows="credentials",
    ),
)


def wording(shop: PracticeShop) -> Wording:
    """What this shop calls things now."""
    if shop.has(Fault.RENAMED_LABELS):
        return RENAMED
    if shop.has(Fault.GERMAN):
        return GERMAN
    return OLDER if shop.has(Fault.OLD_VERSION) else TODAY

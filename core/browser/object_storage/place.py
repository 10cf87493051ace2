"""Where in an object store the pictures are: the bucket, what their names begin with, and how the store is reached."""

import re
from dataclasses import dataclass
from typing import ClassVar, Self
from urllib.parse import SplitResult, urlsplit

from core.errors import BadInput
from core.security.secret import Secret

SCHEME = "s3"
# A single letter before the colon is a drive of Windows, and not an address.
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
ENDPOINT = re.compile(r"https?://([a-z0-9-]+(\.[a-z0-9-]+)*\.?|\[[0-9a-f:.]+\])(:\d{1,5})?(/[\w.~/-]*)?", re.IGNORECASE)
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")  # what S3 allows for new buckets
PREFIX = re.compile(r"[A-Za-z0-9_.=-]+(/[A-Za-z0-9_.=-]+)*")  # what no client and no store has to quote


class BadPlace(BadInput):
    """Pictures can't be kept there."""

    code: ClassVar[str] = "bad_picture_place"


@dataclass(frozen=True)
class AccessKeys:
    """With what the store lets us in; `token` goes with keys that hold for a while."""

    id: Secret
    secret: Secret
    token: Secret | None = None


@dataclass(frozen=True)
class StoreAccess:
    """How the store is reached: its address (without one, AWS's own), and our keys.

    Without keys it is looked for where AWS's programs look: the configuration of whoever runs this, the machine's role.
    Raises BadPlace, which repeats no address: it may hold a password.
    """

    endpoint: str | None = None
    keys: AccessKeys | None = None

    def __post_init__(self) -> None:
        if self.endpoint is None:
            return
        if not ENDPOINT.fullmatch(self.endpoint):
            raise BadPlace(
                because="A store's address is https://HOST or http://HOST:PORT, without a name and password."
            )


@dataclass(frozen=True)
class ObjectPlace:
    """A bucket, and what the names of all pictures in it begin with (empty, or without a slash at either end)."""

    bucket: str
    prefix: str = ""
    access: StoreAccess = StoreAccess()

    @classmethod
    def of(cls, url: str, access: StoreAccess) -> Self:
        """From `s3://bucket/prefix`. Raises BadPlace, which repeats no address: it may hold a password."""
        address = split(url)
        if address.scheme != SCHEME:
            raise BadPlace(
                because=f"Pictures go to a folder, or to {SCHEME}://BUCKET/PREFIX; no other address is known."
            )
        if "@" in address.netloc or address.query or address.fragment:
            raise BadPlace(because="It takes no keys, and nothing but BUCKET/PREFIX; keys have variables of their own.")
        if not url.partition(":")[2].startswith("//") or not BUCKET.fullmatch(address.netloc):
            raise BadPlace(
                because=f"After {SCHEME}:// comes the bucket: 3 to 63 small letters, digits, dots and hyphens."
            )
        prefix = address.path.strip("/")
        if prefix and (not PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/"))):
            raise BadPlace(
                because="After the bucket come letters, digits and _ . = - with single slashes between them."
            )
        return cls(address.netloc, prefix, access)

    @property
    def root(self) -> str:
        """Bucket and prefix, as the names of objects begin."""
        return f"{self.bucket}/{self.prefix}".rstrip("/")

    def __str__(self) -> str:
        at = f" at {self.access.endpoint}" if self.access.endpoint else ""
        return f"{SCHEME}://{self.root}{at}"


def is_address(text: str) -> bool:
    """Whether this is meant to be an address, and no folder."""
    return ADDRESS.match(text) is not None


def split(text: str) -> SplitResult:
    """An address in its parts. Raises BadPlace."""
    try:
        return urlsplit(text)
    except ValueError:
        raise BadPlace(because="It is no address.") from None

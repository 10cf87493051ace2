"""A real S3 server of a test session, spoken to over HTTP, and places in it that are a test's own."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx

from core.browser.object_storage.place import AccessKeys, ObjectPlace, StoreAccess
from core.security.secret import Secret
from tests.app.running import free_port
from tests.marked import marked

STARTS_WITHIN = 60  # seconds
LISTED_AT_ONCE = 50  # names; other stores list a thousand, of which a test would have to put more
SOMEBODY = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAOTHER/20260101/us-east-1/s3/aws4_request, Signature=none"}


@dataclass(frozen=True)
class ObjectServer:
    """Where it listens, and who asks it past our own store: somebody it knows, for it refuses nobody's overwriting."""

    url: str
    client: httpx.Client

    def place(self, prefix: str = "") -> ObjectPlace:
        """A bucket of its own, with keys that nobody may find anywhere."""
        bucket = f"pictures-{uuid4().hex}"
        self.client.put(f"/{bucket}").raise_for_status()
        return ObjectPlace(bucket, prefix, self.access())

    def access(self) -> StoreAccess:
        """How it is reached."""
        return StoreAccess(self.url, AccessKeys(Secret("AKIAMADEUP"), Secret(marked())))

    def names(self, place: ObjectPlace) -> list[str]:
        """The names of all objects of a bucket, up to as many as are listed at once, whoever has put them there."""
        listed = self.client.get(f"/{place.bucket}", params={"list-type": "2"}).raise_for_status()
        return re.findall(r"<Key>(.*?)</Key>", listed.text)

    def put(self, place: ObjectPlace, name: str, content: bytes) -> None:
        """Put an object there past the store, as somebody else would."""
        self.client.put(f"/{place.bucket}/{name}", content=content).raise_for_status()

    def have_versions_kept(self, place: ObjectPlace) -> None:
        """From now on what is removed stays there as an older version."""
        wanted = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        self.client.put(f"/{place.bucket}", params={"versioning": ""}, content=wanted).raise_for_status()

    def remove(self, place: ObjectPlace) -> None:
        """Remove a bucket with all that is in it."""
        listed = self.client.get(f"/{place.bucket}", params={"versions": ""}).raise_for_status().text
        for name, version in re.findall(r"<Key>(.*?)</Key>.*?<VersionId>(.*?)</VersionId>", listed, re.DOTALL):
            self.client.delete(f"/{place.bucket}/{name}", params={"versionId": version}).raise_for_status()
        self.client.delete(f"/{place.bucket}").raise_for_status()

    @contextmanager
    def strict(self) -> Iterator[None]:
        """While this lasts it looks at whose keys these are, and knows nobody's."""
        before = self.client.post("/moto-api/reset-auth", content="0").raise_for_status().json()
        try:
            yield
        finally:
            known = str(before["PREVIOUS_INITIAL_NO_AUTH_ACTION_COUNT"])
            self.client.post("/moto-api/reset-auth", content=known).raise_for_status()


@contextmanager
def object_server() -> Iterator[ObjectServer]:
    """Start one in a process of its own, and end it."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    chosen = {**os.environ, "MOTO_S3_DEFAULT_MAX_KEYS": str(LISTED_AT_ONCE)}
    server = subprocess.Popen(command, env=chosen, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(url, server)
        with httpx.Client(base_url=url, headers=SOMEBODY, timeout=60) as client:
            yield ObjectServer(url, client)
    finally:
        server.terminate()
        server.wait(20)


def _wait_until_it_answers(url: str, server: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < give_up:
        assert server.poll() is None, "the object server ended at once"
        try:
            if httpx.get(f"{url}/moto-api/").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the object server does not answer")

"""A setup over https: a tunnel through the egress proxy, TLS to the shop itself, and its API with Basic."""

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.browser import launched
from core.browser.launching import QUIET_FLAGS
from core.integrations import calling
from core.integrations.calling import BadCertificate
from tests.app.running import stage
from tests.app.secret_scan import Said, nothing_secret_is_anywhere, shop_with
from tests.core.integrations.woocommerce.certificate import self_signed


def fingerprint_of(certificate: Path) -> str:
    """How Chromium is told of the one key it should trust."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    raw = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(raw).digest()).decode()


@pytest.fixture
def certificate(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for this machine that browser and API client trust for the length of a test."""
    folder = tmp_path_factory.mktemp("certificate")
    _, trusting = self_signed(folder)
    file = folder / "server.pem"
    trusted = f"--ignore-certificate-errors-spki-list={fingerprint_of(file)}"
    monkeypatch.setattr(launched, "QUIET_FLAGS", (*QUIET_FLAGS, trusted))
    monkeypatch.setattr(calling, "trusted", lambda: trusting)
    return file


async def test_a_setup_over_https_ends_with_47_products_and_one_key(
    tmp_path: Path, said: Said, certificate: Path
) -> None:
    async with stage(tmp_path, shop_with(), certificate=certificate) as play:
        assert play.store_url.startswith("https://")
        ended = await play.ended(await play.begin())
        assert ended.failure is None
        assert ended.result is not None
        assert (ended.result.product_count, ended.result.key_permission) == (47, "read")
        assert [key.permission for key in play.shop.keys] == ["read"]
        assert all(step.picture_id for step in ended.steps if step.state == "done" and step.action != "code")
        await nothing_secret_is_anywhere(play, said)


async def test_a_shop_whose_certificate_nobody_vouches_for_is_told_so(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("certificate")
    self_signed(folder)
    async with stage(tmp_path, shop_with(), certificate=folder / "server.pem") as play:
        with pytest.raises(BadCertificate, match="a browser would warn"):
            await play.begin()
        assert list(play.shop.requests) == []

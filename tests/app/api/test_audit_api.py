"""Over HTTP a customer verifies their own chain, and takes it away whole."""

import io
import json
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import text

from core.security.keys.signing import public_keys
from tests.app.api.calling import API, Caller
from tests.postgres import as_owner


async def test_verifying_tells_what_was_signed_and_what_is_not_yet(call: Caller) -> None:
    await call.consent()
    unsigned = (await call.client.get(f"{API}/audit/verify")).json()
    assert (unsigned["intact"], unsigned["checkpoint"]) == (True, None)
    assert unsigned["unanchored"] == unsigned["events"] > 0
    await call.stage.autopilot.checkpoints.keep_due()
    signed = (await call.client.get(f"{API}/audit/verify")).json()
    assert (signed["unanchored"], signed["checkpoint"]["number"]) == (0, 1)
    assert signed["checkpoint"]["seq"] == signed["events"]
    assert set(signed["checkpoint"]) == {"number", "seq", "hash", "at", "previous", "sha256", "keyId", "signature"}


async def test_an_export_holds_every_entry_of_ours_itself_and_nobody_elses(call: Caller) -> None:
    await call.consent()
    people = call.stage.services.people
    await people.add_user(await people.add_customer("Neighbour"), "neighbour@x.example", "a long enough one")
    answer = await call.client.get(f"{API}/audit/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.zip"'
    with ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        entries = [json.loads(line) for line in archive.read("audit.jsonl").splitlines()]
        checkpoints = archive.read("checkpoints.jsonl").splitlines()
        pem = archive.read("public-key.pem").decode()
        manifest = json.loads(archive.read("manifest.json"))
    mine = (await call.client.get(f"{API}/audit", params={"limit": 500})).json()
    assert [entry["seq"] for entry in entries] == [entry["seq"] for entry in reversed(mine)]
    assert entries[-1]["action"] == "audit_exported"
    assert f"\n{entries[-1]['seq']}\n" in json.loads(checkpoints[-1])["text"]
    assert manifest["customer"] == str(call.stage.visitor.customer_id)
    served = await call.client.get(f"{API}/audit/public-key")
    assert public_keys(served.text) == public_keys(pem)


async def test_nobody_has_an_export_or_a_verification_without_signing_in(call: Caller) -> None:
    for path in ("audit/export", "audit/verify", "audit/public-key"):
        assert (await call.anonymous.get(f"{API}/{path}")).status_code == 401


async def test_whoever_watches_the_service_sees_that_a_chain_is_broken(call: Caller) -> None:
    services = call.stage.services
    assert (await call.anonymous.get("/healthz")).json()["audit"] == "unverified"
    await services.chains.verify_due()
    assert (await call.anonymous.get("/healthz")).json()["audit"] == "intact"
    with as_owner(services.database).begin() as connection:
        connection.execute(text("DROP TRIGGER audit_changes_nothing"))
        connection.execute(text("UPDATE autonomous_operations_audit SET actor = 'x'"))
        connection.execute(text("UPDATE audit_chain_heads SET verified_at = NULL"))
    await services.chains.verify_due()
    answer = await call.anonymous.get("/healthz")
    assert (answer.status_code, answer.json()["status"], answer.json()["audit"]) == (200, "ok", "broken")


async def test_the_copy_outside_is_apart_from_the_data(call: Caller, tmp_path: Path) -> None:
    await call.consent()
    await call.stage.autopilot.checkpoints.keep_due()
    settings = call.stage.autopilot.settings
    assert settings.checkpoints_path.exists()
    assert not settings.checkpoints_path.is_relative_to(settings.data_dir)
    assert not settings.signing_key_path.is_relative_to(settings.data_dir)

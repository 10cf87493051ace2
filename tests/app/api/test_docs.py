"""The API's own description: complete, true, and drawn without anything from elsewhere."""

import re
from typing import Any

from pydantic import TypeAdapter

from app.api.changes import DecisionIn
from app.api.consents import ConsentIn
from app.api.credentials import CredentialsIn
from app.api.description import example_of
from app.api.docs import drawn
from app.api.errors import WHAT_CAN_GO_WRONG
from app.api.history import RetryIn
from app.api.operations import CancelIn, InitiateIn
from app.api.schedules import ScheduleIn
from app.api.webhooks import WebhookIn
from core.integrations.woocommerce.authorize import WooCommerceKey
from tests.app.api.calling import API, Caller

WOOCOMMERCE = f"{API}/callbacks/woocommerce"
PROMISED = {
    "POST": (
        *("initiate", "consent", "credentials", "operations/{operationId}/cancel"),
        *(
            "operations/{operationId}/approval",
            "operations/{operationId}/retry",
            "workflows/changes/{changeId}",
            "schedules",
            "webhooks",
        ),
    ),
    "GET": (
        *("schedules", "webhooks"),
        *("status/{operationId}", "consent", "credentials", "history", "operations/{operationId}/events"),
        *("workflows", "workflows/{workflowId}", "workflows/changes", "workflows/changes/{changeId}/picture"),
        *("statistics", "audit", "audit/verify"),
    ),
    "PATCH": ("credentials/{credentialId}",),
    "DELETE": ("credentials/{credentialId}", "schedules/{scheduleId}", "webhooks/{webhookId}"),
}


async def described(call: Caller) -> dict[str, Any]:
    told: dict[str, Any] = (await call.client.get("/openapi.json")).json()
    return told


async def test_everything_promised_is_described_and_drawn(call: Caller) -> None:
    paths = (await described(call))["paths"]
    page = (await call.client.get("/docs")).text
    for method, ends in PROMISED.items():
        for end in ends:
            told = paths[f"{API}/{end}"][method.lower()]
            assert told["description"]
            problems = {status: one for status, one in told["responses"].items() if status[0] in "45"}
            assert problems.keys() == {str(status) for status in WHAT_CAN_GO_WRONG}
            for one in problems.values():
                assert one["content"].keys() == {"application/problem+json"}
            assert told["security"] == [{"token": []}, {"session": []}]
            assert f"<b>{method}</b> {API}/{end}</code>" in page
    assert "security" not in paths["/healthz"]["get"]
    assert "security" not in paths["/readyz"]["get"]
    callback = paths[WOOCOMMERCE]["post"]
    assert callback["description"]
    assert "security" not in callback
    assert not [path for path in paths if path.startswith(("/auth", "/_nicegui", "/docs"))]


async def test_nothing_is_loaded_from_elsewhere(call: Caller) -> None:
    page = await call.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert not re.findall(r"<script|<link|src=|@import|url\(", page.text)


async def test_its_examples_can_be_sent(call: Caller) -> None:
    known = (await described(call))["components"]["schemas"]
    models = (
        InitiateIn,
        ConsentIn,
        CredentialsIn,
        CancelIn,
        RetryIn,
        DecisionIn,
        ScheduleIn,
        WebhookIn,
        WooCommerceKey,
    )
    for model in models:
        example = example_of({"$ref": f"#/components/schemas/{model.__name__}"}, known)
        assert TypeAdapter(model).validate_python(example)


async def test_every_name_on_the_wire_is_in_camel_case(call: Caller) -> None:
    schemas = (await described(call))["components"]["schemas"]
    ours = {name: one for name, one in schemas.items() if "properties" in one}
    del ours["WooCommerceKey"], ours["ProblemOut"]  # their names are not ours
    assert len(ours) > 15
    names = {field for one in ours.values() for field in one["properties"]}
    assert {name for name in names if not re.fullmatch("[a-z][a-zA-Z0-9]*", name)} == set()


async def test_no_field_of_a_customer_or_of_a_role_is_read(call: Caller) -> None:
    schemas = (await described(call))["components"]["schemas"]
    read = {name: one for name, one in schemas.items() if name.endswith("In") or name == "ShopMetadata"}
    assert read.keys() == {
        "InitiateIn",
        "ConsentIn",
        "CredentialsIn",
        "EndIn",
        "AccessIn",
        "ExportIn",
        "DeleteIn",
        "CancelIn",
        "RetryIn",
        "ScheduleIn",
        "WebhookIn",
        "InputIn",
        "DecisionIn",
        "ShopMetadata",
    }
    for one in read.values():
        assert one["additionalProperties"] is False
        assert not {"customerId", "userId", "isStaff", "role", "scopes", "status", "owner"} & one["properties"].keys()


def test_what_the_description_says_is_text_and_nothing_else() -> None:
    hostile = "<script>alert(1)</script>"
    call = {"tags": [hostile], "description": hostile, "responses": {}, "parameters": []}
    call["parameters"] = [{"name": hostile, "in": "query", "schema": {"type": hostile}}]  # type: ignore[list-item]
    info = {"title": hostile, "version": hostile, "description": hostile}
    assert hostile not in drawn({"info": info, "paths": {f"/{hostile}": {"get": call}}})

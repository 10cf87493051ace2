"""What can be set up is found by its names, and asks for what it must have and what was ticked, nothing else."""

from dataclasses import replace

import pytest

from core.agents.integration import Integration, Integrations, OriginRules, UnknownPermission, UnknownService
from core.database.states import OperationStatus
from core.integrations.woocommerce.service import woocommerce
from core.security.addresses import AddressGuard, SystemResolver
from core.security.origin import Origin


@pytest.fixture
def shop() -> Integration:
    return woocommerce(AddressGuard(SystemResolver(), frozenset()))[0]


def test_what_must_be_comes_with_what_was_asked_for(shop: Integration) -> None:
    assert shop.wanted([]) == {"create_api_keys", "read_products"}
    assert shop.wanted(["update_products", "read_products"]) == {"create_api_keys", "read_products", "update_products"}


def test_a_permission_that_is_none_is_named_with_those_there_are(shop: Integration) -> None:
    with pytest.raises(UnknownPermission) as unknown:
        shop.wanted(["read_products", "read_orders", "be_admin"])
    because = "It knows: create_api_keys, read_products, update_products."
    assert unknown.value.because == because


def test_every_permission_has_its_sentence_and_what_is_required_is_one_of_them(shop: Integration) -> None:
    assert {permission.name for permission in shop.permissions} >= shop.required
    assert all(permission.will.count("**") in {2, 4} for permission in shop.permissions)
    assert {field.name for field in shop.sign_in if field.secret} == {"admin_password"}


def test_they_are_found_by_service_and_operation(shop: Integration) -> None:
    other = replace(shop, operation="key_rotation")
    known = Integrations([shop, other])
    assert known.all() == (shop, other)
    assert known.get("woocommerce", "key_rotation") is other
    assert known.of_service("woocommerce") is shop


def test_what_its_owner_approves_is_found_apart_from_what_signs_in() -> None:
    every = woocommerce(AddressGuard(SystemResolver(), frozenset()))
    signs_in, approved, *_ = every
    known = Integrations((approved, *every))  # in whichever order
    assert (known.of_service("woocommerce"), known.approved("woocommerce")) == (signs_in, approved)
    assert known.approved("magento") is None
    assert (signs_in.begins, approved.begins) == (OperationStatus.PENDING, OperationStatus.AWAITING_INPUT)


def test_what_ends_a_connection_is_not_offered_as_a_setup(shop: Integration) -> None:
    end = replace(shop, operation="revoke_keys", ends=True)
    known = Integrations([shop, end])
    assert (known.setups(), known.ending("woocommerce"), known.ending("magento")) == ((shop,), end, None)


@pytest.mark.parametrize(
    ("hosts", "fits"),
    [
        ((), True),
        (("tea.example",), True),
        (("*.example",), True),
        (("*.tea.example",), False),
        (("coffee.example", "ea.example"), False),
    ],
)
def test_a_service_may_live_where_its_rules_say(hosts: tuple[str, ...], fits: bool) -> None:
    objection = OriginRules(hosts).objection(Origin.of("https://tea.example"))
    assert (objection == "") is fits
    assert fits or hosts[0] in objection


def test_what_is_not_there_is_told_with_what_is(shop: Integration) -> None:
    known = Integrations([shop])
    with pytest.raises(UnknownService, match="There are: woocommerce/api_key_generation"):
        known.get("magento", "x")
    with pytest.raises(UnknownService, match="There are: woocommerce/api_key_generation"):
        known.get("woocommerce", "x")
    with pytest.raises(UnknownService, match="woocommerce/api_key_generation"):
        known.of_service("magento")

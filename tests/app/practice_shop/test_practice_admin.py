"""The practice shop's admin pages: the way to the keys, what is where, and what is kept."""

import re

import httpx

from app.practice_shop.shop import PracticeShop
from tests.app.practice_shop.visiting import FORM, KEYS, SETTINGS, links, links_named, sign_in


def menu_of(text: str) -> str:
    return text.partition('id="adminmenu">')[2].partition("</nav>")[0]


async def test_the_links_lead_to_the_keys(admin: httpx.AsyncClient) -> None:
    menu = menu_of((await admin.get("/wp-admin/")).text)
    assert links_named(menu, "WooCommerce") == ["/wp-admin/admin.php?page=wc-admin"]
    settings = menu.partition("toplevel_page_woocommerce")[2].partition("</ul>")[0]
    assert links_named(settings, "Settings") == [SETTINGS]
    assert links_named((await admin.get(SETTINGS)).text, "Advanced") == [f"{SETTINGS}&tab=advanced"]
    assert links_named((await admin.get(f"{SETTINGS}&tab=advanced")).text, "REST API keys") == [KEYS]
    assert links_named((await admin.get(KEYS)).text, "Add key") == [FORM]
    assert links_named((await admin.get(KEYS)).text, "Create an API key") == [FORM]
    assert 'id="key_description"' in (await admin.get(FORM)).text


async def test_three_links_in_the_menu_are_called_settings(admin: httpx.AsyncClient) -> None:
    assert len(links_named(menu_of((await admin.get("/wp-admin/")).text), "Settings")) == 3


async def test_the_old_tab_lands_silently_on_general(admin: httpx.AsyncClient) -> None:
    answer = await admin.get(f"{SETTINGS}&tab=api")
    assert answer.status_code == 200
    assert 'aria-current="page">General</a>' in answer.text
    assert "Store Address" in answer.text


async def test_every_tab_and_section_is_the_one_it_says(admin: httpx.AsyncClient) -> None:
    shown = (await admin.get(f"{SETTINGS}&tab=advanced")).text.partition('<main id="wpbody">')[2]
    assert len(links(shown)) == 15
    for name, address in links(shown):
        answer = await admin.get(address)
        assert answer.status_code == 200
        assert f'aria-current="page">{name.replace("&", "&amp;")}</a>' in answer.text, address


async def test_every_place_of_the_menu_is_there(admin: httpx.AsyncClient) -> None:
    menu = menu_of((await admin.get("/wp-admin/")).text)
    assert len(links(menu)) == 16
    for _, address in links(menu):
        answer = await admin.get(address)
        assert answer.status_code == 200, address
        assert 'id="wpadminbar"' in answer.text, address


async def test_a_page_that_does_not_exist_is_told_apart(admin: httpx.AsyncClient) -> None:
    unknown, nothing = await admin.get("/wp-admin/admin.php?page=nope"), await admin.get("/wp-admin/nope.php")
    assert (unknown.status_code, nothing.status_code) == (403, 404)
    assert "Sorry, you are not allowed to access this page." in unknown.text
    assert "Page not found" in nothing.text
    assert (await admin.get("/wp-admin")).headers["location"] == "/wp-admin/"


async def test_the_store_address_is_kept_and_needs_its_nonce(admin: httpx.AsyncClient, shop: PracticeShop) -> None:
    found = re.search(r'name="_wpnonce" value="([0-9a-f]{10})"', (await admin.get(SETTINGS)).text)
    assert found
    for nonce, status, city in (("0123456789", 403, "Practice"), (found[1], 200, "Pöttstadt")):
        saved = await admin.post(SETTINGS, data={"city": "Pöttstadt", "_wpnonce": nonce})
        assert saved.status_code == status
        assert ("Your settings have been saved." in saved.text) == (status == 200)
        assert shop.store_address["city"] == city
    assert "12 Harbour Lane" in (await admin.get(SETTINGS)).text


async def test_a_nonce_is_for_one_person(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    await sign_in(stranger, shop, "manager")
    found = re.search(r'name="_wpnonce" value="([0-9a-f]{10})"', (await stranger.get(SETTINGS)).text)
    assert found
    await sign_in(stranger, shop, "admin")
    saved = await stranger.post(SETTINGS, data={"city": "Elsewhere", "_wpnonce": found[1]})
    assert saved.status_code == 403
    assert shop.store_address["city"] == "Practice"


async def test_the_product_list_shows_names_as_text(admin: httpx.AsyncClient) -> None:
    text = (await admin.get("/wp-admin/edit.php?post_type=product")).text
    assert ">Limited Spring Harvest</a>" in text
    assert ">Tea &lt;3 Cake</a>" in text
    assert ">Ginger &amp; Lemon</a>" in text
    assert text.count('data-colname="Sold"') == 47


async def test_the_shop_front_leads_to_every_product(stranger: httpx.AsyncClient) -> None:
    places = re.findall(r'href="(/product/[^"]+/)"', (await stranger.get("/")).text)
    assert len(set(places)) == 47
    for place in places:
        assert (await stranger.get(place)).status_code == 200
    assert (await stranger.get("/product/nope/")).status_code == 404


async def test_every_picture_is_there(stranger: httpx.AsyncClient, shop: PracticeShop) -> None:
    addresses = [image["src"] for product in shop.products for image in product["images"]]
    assert addresses
    for address in addresses:
        assert (await stranger.get(address)).headers["content-type"] == "image/svg+xml"
    assert (await stranger.get("/wp-content/uploads/nope.svg")).status_code == 404

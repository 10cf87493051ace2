"""The Playwright scripts that a good engineer would write in the agent's place: shortest way, nothing checked twice."""

from secrets import token_hex

from playwright.async_api import Page, expect

from core.integrations.woocommerce.api import WooCommerceApi
from core.integrations.wordpress.api import WordPressApi
from core.security.origin import Origin
from core.security.secret import Secret
from tests.contract.place import Place

KEY_FORM = "/wp-admin/admin.php?page=wc-settings&tab=advanced&section=keys&create-key=1"
PROFILE = "/wp-admin/profile.php"


async def woocommerce(page: Page, place: Place, proxy_url: str) -> None:
    """Sign in on the way to the key form, make a key, list the products."""
    origin = Origin.of(place.store_url)
    await page.goto(f"{origin}{KEY_FORM}")
    await sign_in(page, place)
    await page.get_by_label("Description").fill("Script")
    await page.locator("#key_permissions").select_option("read")
    await page.get_by_role("button", name="Generate API key").click()
    await expect(page.locator(".wc-api-message.updated")).to_be_visible()
    key = {
        name: Secret(await page.locator(f"#key_{name}").input_value()) for name in ("consumer_key", "consumer_secret")
    }
    assert len((await WooCommerceApi(origin, key, proxy_url).page(1, 100)).products) == 47


async def wordpress(page: Page, place: Place, proxy_url: str) -> None:
    """Sign in on the way to the profile, make an application password, ask whose it is."""
    origin = Origin.of(place.store_url)
    await page.goto(f"{origin}{PROFILE}")
    await sign_in(page, place)
    await page.get_by_label("New Application Password Name").fill(f"Script {token_hex(4)}")
    await page.get_by_role("button", name="Add New Application Password").click()
    made = Secret(await page.locator("#new-application-password-value").input_value())
    assert (await WordPressApi(origin, Secret(place.username), made, proxy_url).me()).username == place.username


async def sign_in(page: Page, place: Place) -> None:
    """On the page that WordPress shows to strangers; it takes the focus a moment after it has loaded, in the middle of a word."""
    username, password = page.get_by_label("Username or Email Address"), page.get_by_label("Password", exact=True)
    while await username.input_value() != place.username or await password.input_value() != place.password:
        await username.fill(place.username)
        await password.fill(place.password)
    await page.get_by_role("button", name="Log In").click()

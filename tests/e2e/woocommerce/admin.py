"""The ways through WooCommerce's admin pages that several tests take."""

from playwright.sync_api import Page, expect

from tests.e2e.wordpress.admin import sign_in

KEYS = "/wp-admin/admin.php?page=wc-settings&tab=advanced&section=keys"


def make_a_key(
    page: Page, store_url: str, username: str, password: str, key_description: str, key_permission: str
) -> None:
    """Sign in and make a key; it is shown afterwards."""
    # Open your shop's key form
    page.goto(f"{store_url}{KEYS}&create-key=1")
    expect(page.get_by_label("Username or Email Address").or_(page.locator("#user_login"))).to_be_visible()
    sign_in(page, username, password)
    if not page.locator("#key_description").is_visible():
        find_the_keys_by_their_links(page)
        # Begin a new key
        page.get_by_role("link", name="Add key").or_(page.locator("a.page-title-action[href*='create-key']")).click()
        expect(page.locator("#key_description")).to_be_visible()
    # Name the key “{{key_description}}”
    page.get_by_label("Description").or_(page.locator("#key_description")).fill(key_description)
    # Choose what the key may do: {{key_permission}}
    page.locator("#key_permissions").select_option(key_permission)
    # Generate the key
    page.get_by_role("button", name="Generate API key").or_(page.locator("#update_api_key")).click()
    expect(page.locator(".wc-api-message.updated")).to_be_visible()


def revoke_the_key(page: Page, store_url: str, username: str, password: str, key_description: str) -> None:
    """Sign in and revoke the key of that name, if there is one.

    Nothing is said of the list before its foot is there, or what stands in place of an empty one: a page comes in pieces.
    """
    # Open your shop's list of keys
    page.goto(f"{store_url}{KEYS}")
    expect(page.get_by_label("Username or Email Address").or_(page.locator("#user_login"))).to_be_visible()
    sign_in(page, username, password)
    if not page.locator(".wc-table-list-header").is_visible():
        find_the_keys_by_their_links(page)
    # See the list of keys
    expect(page.locator(".wp-list-table tfoot").or_(page.locator(".woocommerce-BlankState--api"))).to_be_visible()
    if not page.locator("#the-list tr").filter(has_text=key_description).is_visible():
        search_the_list(page, key_description)
    if page.locator("#the-list tr").filter(has_text=key_description).is_visible():
        # Point at the key “{{key_description}}”
        page.locator("#the-list tr").filter(has_text=key_description).hover()
        # Revoke the key “{{key_description}}”
        page.locator("#the-list tr").filter(has_text=key_description).get_by_role("link", name="Revoke API key").or_(
            page.locator("#the-list tr").filter(has_text=key_description).locator("a.submitdelete")
        ).press("Enter")
        expect(
            page.get_by_text("1 API key permanently revoked.").or_(page.locator("#message.updated strong"))
        ).to_be_visible()


def search_the_list(page: Page, key_description: str) -> None:
    """A shop with many keys shows them on several pages: have it look for this one. With none, there is no search.

    The address may stay the same; in the answer, what was looked for stands in the field as it was served.
    """
    if page.locator("#key-search-input").is_visible():
        # Enter “{{key_description}}” as the key to look for
        page.locator("#key-search-input").fill(key_description)
        # Look for it among all keys
        page.locator("#search-submit").click()
        expect(page.locator(f"#key-search-input[value='{key_description}']")).to_be_visible()
        expect(page.locator(".wp-list-table tfoot")).to_be_visible()


def find_the_keys_by_their_links(page: Page) -> None:
    """Older versions know the keys under another address: go there by the links."""
    # Open the advanced settings
    page.locator(".nav-tab-wrapper").get_by_role("link", name="Advanced").or_(
        page.locator(".nav-tab-wrapper a[href*='tab=advanced']")
    ).click()
    expect(
        page.get_by_role("link", name="Page setup").or_(page.locator(".subsubsub a[href$='section=']"))
    ).to_be_visible()
    # Open the REST API keys
    page.locator(".subsubsub").get_by_role("link", name="REST API keys").or_(
        page.locator(".subsubsub a[href*='keys']")
    ).click()
    expect(page.locator(".wp-list-table tfoot").or_(page.locator(".woocommerce-BlankState--api"))).to_be_visible()

"""The ways through WooCommerce's admin pages that several tests take."""

from playwright.sync_api import Page, expect

KEYS = "/wp-admin/admin.php?page=wc-settings&tab=advanced&section=keys"


def sign_in(page: Page, username: str, password: str) -> None:
    """Sign in on the page that the shop shows to strangers, and pass the notice that it shows now and then."""
    # Enter the user name {{username}}
    page.get_by_label("Username or Email Address").fill(username)
    # Enter the password
    page.get_by_label("Password", exact=True).fill(password)
    # Sign in as {{username}}
    page.get_by_role("button", name="Log In").click()
    expect(page.locator("#wpadminbar").or_(page.locator("#correct-admin-email"))).to_be_visible()
    if page.locator("#correct-admin-email").is_visible():
        # Confirm the admin e-mail notice
        page.locator("#correct-admin-email").click()
        expect(page.locator("#wpadminbar")).to_be_visible()


def make_a_key(
    page: Page, store_url: str, username: str, password: str, key_description: str, key_permission: str
) -> None:
    """Sign in and make a key; it is shown afterwards."""
    # Open your shop's key form
    page.goto(f"{store_url}{KEYS}&create-key=1")
    expect(page.get_by_label("Username or Email Address")).to_be_visible()
    sign_in(page, username, password)
    if not page.locator("#key_description").is_visible():
        find_the_keys_by_their_links(page)
        # Begin a new key
        page.get_by_role("link", name="Add key").click()
        expect(page.locator("#key_description")).to_be_visible()
    # Name the key “{{key_description}}”
    page.get_by_label("Description").or_(page.locator("#key_description")).fill(key_description)
    # Choose what the key may do: {{key_permission}}
    page.locator("#key_permissions").select_option(key_permission)
    # Generate the key
    page.get_by_role("button", name="Generate API key").click()
    expect(page.locator(".wc-api-message.updated")).to_be_visible()


def revoke_the_key(page: Page, store_url: str, username: str, password: str, key_description: str) -> None:
    """Sign in and revoke the key of that name, if there is one."""
    # Open your shop's list of keys
    page.goto(f"{store_url}{KEYS}")
    expect(page.get_by_label("Username or Email Address")).to_be_visible()
    sign_in(page, username, password)
    if not page.get_by_role("heading", name="REST API").is_visible():
        find_the_keys_by_their_links(page)
    revoke_in_the_list(page, key_description)


def revoke_in_the_list(page: Page, key_description: str) -> None:
    """Revoke the key of that name, if it is in the list that is shown."""
    if page.locator("#the-list tr").filter(has_text=key_description).is_visible():
        # Point at the key “{{key_description}}”
        page.locator("#the-list tr").filter(has_text=key_description).hover()
        # Revoke the key “{{key_description}}”
        page.locator("#the-list tr").filter(has_text=key_description).get_by_role("link", name="Revoke API key").click()
        expect(page.get_by_text("1 API key permanently revoked.")).to_be_visible()


def find_the_keys_by_their_links(page: Page) -> None:
    """Older versions know the keys under another address: go there by the links."""
    # Open the advanced settings
    page.locator(".nav-tab-wrapper").get_by_role("link", name="Advanced").click()
    expect(page.get_by_role("link", name="Page setup")).to_be_visible()
    # Open the REST API keys
    page.locator(".subsubsub").get_by_role("link", name="REST API keys").or_(
        page.locator(".subsubsub").get_by_role("link", name="REST API", exact=True)
    ).click()
    expect(page.get_by_role("heading", name="REST API")).to_be_visible()

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

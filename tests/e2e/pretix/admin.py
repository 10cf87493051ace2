"""The ways through pretix's own pages that several tests take."""

from playwright.sync_api import Page, expect

TEAMS = "/control/organizer/-/teams"  # the dash stands for the organizer of whoever signs in


def sign_in(page: Page, username: str, password: str) -> None:
    """Sign in on the page that is shown to strangers; it leads on to the teams."""
    # Enter the e-mail address {{username}}
    page.get_by_label("Email", exact=True).or_(page.locator("#id_email")).fill(username)
    # Enter the password
    page.get_by_label("Password", exact=True).or_(page.locator("#id_password")).fill(password)
    # Sign in as {{username}}
    page.get_by_role("button", name="Log in").or_(page.locator(".form-signin button[type=submit]")).click()
    expect(page.locator("form.filter-form #id_query")).to_be_visible()


def open_the_team(page: Page, store_url: str, username: str, password: str) -> None:
    """Sign in, and open the team whose tokens are ours; a long list of teams has several pages, so it is searched."""
    # Open your teams
    page.goto(f"{store_url}{TEAMS}")
    expect(page.get_by_label("Email", exact=True).or_(page.locator("#id_email"))).to_be_visible()
    sign_in(page, username, password)
    # Look for the team “OmniOps”
    page.get_by_label("Search query").or_(page.locator("form.filter-form #id_query")).fill("OmniOps")
    # Show the teams of that name
    page.get_by_role("button", name="Filter").or_(page.locator("form.filter-form button[type=submit]")).click()
    expect(page.get_by_role("link", name="OmniOps", exact=True)).to_be_visible()
    # Open the team “OmniOps”
    page.get_by_role("link", name="OmniOps", exact=True).click()
    expect(page.locator("form #id_name")).to_be_visible()


def make_a_token(page: Page, store_url: str, username: str, password: str, key_description: str) -> None:
    """Sign in and make an API token for the team; it is shown afterwards."""
    open_the_team(page, store_url, username, password)
    # Name the token “{{key_description}}”
    page.get_by_label("Token name").or_(page.locator("form #id_name")).fill(key_description)
    # Make the token
    page.locator("form").filter(has=page.locator("#id_name")).get_by_role("button", name="Add").or_(
        page.locator("form:has(#id_name) tfoot button[type=submit]")
    ).click()
    expect(page.locator(".alert-success")).to_be_visible()


def revoke_the_token(page: Page, store_url: str, username: str, password: str, key_description: str) -> None:
    """Sign in and revoke the token of that name, if there is one; one that was revoked stays in the list, crossed out."""
    open_the_team(page, store_url, username, password)
    revoking = page.locator("tr").filter(has_text=key_description).locator("button[name=remove-token]")
    if revoking.is_visible():
        # Revoke the token “{{key_description}}”
        revoking.click()
        expect(page.locator(".alert-success")).to_be_visible()

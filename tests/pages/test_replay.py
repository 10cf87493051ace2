"""A run that is over is gone through step by step: by buttons, keys, slider and by itself; and what was clicked is marked."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.pages.conftest import keep
from tests.pages.served import Demo, opened
from tests.pages.test_screens import ready


def replay(screen: Page) -> Locator:
    return screen.get_by_role("region", name="Replay")


def number(screen: Page) -> int:
    told = re.match(r"Step (\d+) of", replay(screen).get_by_text(re.compile(r"Step \d+ of")).inner_text())
    assert told
    return int(told[1])


def step_of(running: Demo, intent: str) -> tuple[int, str]:
    """The number of a step, and its sentence."""
    with opened(running.database) as database:
        rows = database.execute(
            "SELECT intent FROM operation_steps WHERE operation_id = ? AND state = 'done' ORDER BY position",
            (running.operation.replace("-", ""),),
        ).fetchall()
    return next((place, row[0]) for place, row in enumerate(rows, start=1) if row[0].startswith(intent))


def test_a_run_is_replayed_by_buttons_keys_and_slider(screen: Page, running: Demo) -> None:
    ready(screen, f"/operations/{running.operation}")
    screen.get_by_role("button", name="Replay").click()
    expect(replay(screen)).to_contain_text("Step 1 of 13")
    expect(screen.locator(".step[aria-current=step]")).to_contain_text("Open your shop's key form")
    screen.get_by_role("button", name="Next step").click()
    expect(screen).to_have_url(re.compile(r"\?step=2$"))
    screen.keyboard.press("ArrowRight")  # the button has the focus
    expect(replay(screen)).to_contain_text("Step 3 of 13")
    screen.get_by_role("button", name="Account").focus()  # as what opened it does for a moment
    screen.keyboard.press("ArrowRight")
    expect(replay(screen)).to_contain_text("Step 4 of 13")
    screen.get_by_role("heading", name="Setting up WooCommerce").click()  # and now nothing has
    screen.keyboard.press("ArrowLeft")
    expect(replay(screen)).to_contain_text("Step 3 of 13")
    screen.get_by_role("slider", name="Step").fill("7")
    expect(replay(screen)).to_contain_text("Generate the key")
    expect(replay(screen)).to_contain_text("found as recorded")
    screen.get_by_role("button", name="Close").click()
    expect(replay(screen)).to_be_hidden()
    expect(screen.locator(".thumb").first).to_be_visible()
    expect(screen).to_have_url(re.compile(rf"/operations/{running.operation}$"))
    expect(screen.locator(".step[aria-current=step]")).to_have_count(0)


def test_it_plays_by_itself_until_its_end_and_can_be_paused(screen: Page, running: Demo) -> None:
    ready(screen, f"/operations/{running.operation}?step=10")
    screen.get_by_label("Pace").select_option(label="Five times as fast")
    screen.get_by_role("heading", name="Setting up WooCommerce").click()
    screen.keyboard.press("Space")
    expect(screen.get_by_role("button", name="Pause")).to_be_visible()
    expect(replay(screen)).to_contain_text("Step 11 of 13")
    screen.keyboard.press("Space")
    expect(screen.get_by_role("button", name="Play", exact=True)).to_be_visible()
    screen.get_by_role("button", name="Play", exact=True).click()
    expect(replay(screen)).to_contain_text("Step 13 of 13")
    expect(screen.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_an_arrow_pauses_also_while_a_button_has_the_focus(screen: Page, running: Demo) -> None:
    ready(screen, f"/operations/{running.operation}?step=1")
    screen.get_by_role("button", name="Play", exact=True).click()
    expect(screen.get_by_role("button", name="Pause")).to_be_focused()
    screen.keyboard.press("ArrowRight")
    expect(screen.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert number(screen) < 13  # it was no end that it came to


def test_the_address_follows_the_slider_once_it_is_let_go(screen: Page, running: Demo) -> None:
    ready(screen, f"/operations/{running.operation}?step=1")
    screen.evaluate("""() => {
      window.told = []
      const replace = history.replaceState.bind(history)
      history.replaceState = (state, title, address) => { window.told.push(address); replace(state, title, address) }
    }""")
    slider = screen.get_by_role("slider", name="Step")
    slider.evaluate("""(slider) => { for (const value of [3, 5, 7]) {
      slider.value = value; slider.dispatchEvent(new Event('input', {bubbles: true}))
    } }""")
    expect(replay(screen)).to_contain_text("Step 7 of 13")
    slider.evaluate("slider => slider.dispatchEvent(new Event('change', {bubbles: true}))")
    expect(screen).to_have_url(re.compile(r"\?step=7$"))
    assert not [one for one in screen.evaluate("window.told") if one.endswith(("step=3", "step=5"))]


def test_the_address_leads_to_a_step_also_after_reloading(screen: Page, running: Demo) -> None:
    place, intent = step_of(running, "Choose what the key may do")
    ready(screen, f"/operations/{running.operation}?step={place}")
    expect(replay(screen)).to_contain_text(intent)
    expect(screen.locator(".step[aria-current=step]")).to_contain_text(intent)
    screen.reload()
    expect(replay(screen)).to_contain_text(intent)
    expect(screen).to_have_url(re.compile(rf"\?step={place}$"))
    keep(screen, "replay")


def test_a_step_that_there_is_not_is_the_last_and_what_is_no_number_none(screen: Page, running: Demo) -> None:
    ready(screen, f"/operations/{running.operation}?step=99999999999999999999")
    expect(replay(screen)).to_contain_text("Step 13 of 13")
    ready(screen, f"/operations/{running.operation}?step=none")
    expect(replay(screen)).to_be_hidden()


def test_what_was_clicked_is_marked_on_the_picture_it_was_clicked_on(screen: Page, running: Demo) -> None:
    place, _ = step_of(running, "Sign in as")
    ready(screen, f"/operations/{running.operation}?step={place}")
    image = replay(screen).get_by_alt_text(re.compile("Your shop: Sign in as"))
    expect(image).to_be_visible()
    source = image.get_attribute("src")
    mark = replay(screen).locator(".touched")
    expect(mark).to_have_count(1)
    with opened(running.database) as database:
        rows = database.execute(
            "SELECT picture_id, touched_on FROM operation_steps WHERE operation_id = ? ORDER BY position",
            (running.operation.replace("-", ""),),
        ).fetchall()
    before, pressed = rows[place - 2], rows[place - 1]
    assert pressed[1] == before[0] != pressed[0]
    assert source is not None
    assert before[0] in source.replace("-", "")
    screen.get_by_role("button", name="Close").click()
    expect(screen.locator(".strip .touched[title^='then: Sign in as']")).to_have_count(1)
    expect(screen.locator(".strip .touched[title='then: Generate the key']")).to_have_count(1)


def test_a_run_without_pictures_says_so(screen: Page, running: Demo) -> None:
    ready(screen, f"/operations/{running.operation}?step=4")
    expect(replay(screen).get_by_role("img")).to_have_count(1)
    screen.route("**/pictures/**", lambda route: route.abort())
    with opened(running.database) as database:
        kept = database.execute("SELECT rowid, picture_id FROM operation_steps").fetchall()
        database.execute("UPDATE operation_steps SET picture_id = NULL")
    try:
        ready(screen, f"/operations/{running.operation}?step=4")
        expect(replay(screen)).to_contain_text("This run has no pictures, or they have been deleted since.")
        expect(replay(screen).locator(".touched")).to_have_count(0)
    finally:
        with opened(running.database) as database:
            database.executemany("UPDATE operation_steps SET picture_id = ? WHERE rowid = ?", [(b, a) for a, b in kept])


def test_who_decided_each_step_can_be_read(screen: Page, running: Demo) -> None:
    ready(screen, f"/operations/{running.operation}")
    done = screen.locator(".step.done")
    titles = done.evaluate_all("all => all.map(one => one.title)")
    assert titles
    assert set(titles) <= {"found as recorded", "done by code, without the browser", ""}
    assert "found as recorded" in titles
    assert titles[-1] == "done by code, without the browser"

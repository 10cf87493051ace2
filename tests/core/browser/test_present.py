"""How many elements there are is told of a page that is about to go elsewhere, too: it is asked anew, not given up."""

import pytest

from core.browser.sessions import BrowserRun
from tests.core.browser.shown import css, show
from tests.fakes.web import Web

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Each tenth time it stays for longer: a busy machine needs more than 40 ms to ask anything at all.
RESTLESS = """<button>Here</button><script>
const times = Number(sessionStorage.times ?? 0); sessionStorage.times = times + 1;
setTimeout(() => location.reload(), times % 10 === 9 ? 400 : 40);
</script>"""


async def test_a_page_that_goes_elsewhere_all_the_time_is_asked_anew(run: BrowserRun, web: Web) -> None:
    await show(run.page, web, RESTLESS)
    seen = [await run.page.present(css("button")) for _ in range(150)]
    assert set(seen) <= {0, 1}
    assert 1 in seen

"""Every handler of every page by who may not press it: found on the page as it was drawn, so that a new one is tried by itself."""

from collections import Counter
from pathlib import Path

import pytest

from tests.attacks.live_page import Attacker, LivePage
from tests.attacks.pressing import Dashboard, dashboard

# What happens between drawing a page and pressing what is on it.
MEANWHILE = {
    "session expired": "UPDATE user_sessions SET expires_at = :now WHERE user_id = :user",
    "session rested too long": "UPDATE user_sessions SET last_seen_at = :now WHERE user_id = :user",
    "session ended": "UPDATE user_sessions SET ended_at = created_at WHERE user_id = :user",
    "disabled": "UPDATE users SET disabled_at = created_at WHERE id = :user",
    "role lowered": "UPDATE users SET role = 'auditor' WHERE id = :user",
}
OWNERS = (*MEANWHILE, "without signing in", "of another company", "nothing")


async def test_what(tmp_path: Path, sqlite_template: Path) -> None:
    async with dashboard(tmp_path, sqlite_template, OWNERS) as running:
        for name in OWNERS:
            somebody = running.owners[name]
            cookie = {"without signing in": "", "of another company": running.stranger.cookie}.get(name, somebody.cookie)
            pages = {a: await LivePage.drawn(running.web, a, somebody.cookie) for a in running.addresses}
            before = running.digests()
            if name in MEANWHILE:
                running.change(MEANWHILE[name], somebody.user)
                before = running.digests()
            for a, page in pages.items():
                async with Attacker(page, cookie) as attacker:
                    await attacker.press_everything()
                    print(
                        name,
                        a,
                        len(attacker.pressed),
                        Counter(e for e, _ in attacker.said),
                        [d for e, d in attacker.said if e in ("open", "notify")][:3],
                    )
            after = running.digests()
            print("CHANGED", name, [t for t in after if after[t] != before[t]])
        print((tmp_path / "said.log").read_text()[-3000:])
        assert 0

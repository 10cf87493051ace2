"""A running pretix: where it is, who may sign in, and what it says itself about the tokens of its team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

LONGEST_ANSWER = 60  # seconds
ORGANIZER = "teahouse"


@dataclass(frozen=True)
class PretixSite:
    """A pretix that runs, with the passwords of its users by their e-mail addresses, and a token of its owners."""

    folder: Path
    url: str
    version: str
    team: int
    users: Mapping[str, str] = field(repr=False)
    token: str = field(repr=False)

    def password_of(self, email: str) -> str:
        """The password with which this user signs in."""
        return self.users[email]

    def tokens(self) -> list[str]:
        """The names of the tokens of the team that are in use."""
        return [str(one["name"]) for one in self._active()]

    def make_token(self, name: str) -> str:
        """Make a token of this name for the team; the token."""
        return str(self._ask("POST", "tokens/", {"name": name})["token"])

    def remove_tokens(self) -> None:
        """Revoke every token of the team; they stay in its list, crossed out."""
        for one in self._active():
            self._ask("DELETE", f"tokens/{one['id']}/")

    def allow(self, events: Sequence[str] = (), organizer: Sequence[str] = ()) -> None:
        """Let the team do this besides looking at its events, and nothing else."""
        self._ask("PATCH", "", {"limit_event_permissions": events, "limit_organizer_permissions": organizer})

    def all_rights(self) -> set[str]:
        """Everything that a team can be allowed besides looking at its events, in pretix's words."""
        fields = self._ask("OPTIONS", "")["actions"]["PUT"]
        choices = [*fields["limit_event_permissions"]["choices"], *fields["limit_organizer_permissions"]["choices"]]
        return {str(one["value"]) for one in choices}

    def rename_team(self, name: str) -> None:
        """Give the team another name."""
        self._ask("PATCH", "", {"name": name})

    def _active(self) -> list[dict[str, Any]]:
        return [one for one in self._ask("GET", "tokens/?page_size=50")["results"] if one["active"]]

    def _ask(self, method: str, path: str, given: Mapping[str, Any] | None = None) -> Any:
        url = f"{self.url}/api/v1/organizers/{ORGANIZER}/teams/{self.team}/{path}"
        signed = {"Authorization": f"Token {self.token}"}
        with httpx.Client(trust_env=False, timeout=LONGEST_ANSWER) as client:
            return client.request(method, url, headers=signed, json=given).raise_for_status().json()

"""Sets up WordPress: an application password by the browser, into the vault, proven, and what it can do told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.agents.agent import AgentResult, CodeStep
from core.agents.keys import USERNAME, KeyTooNarrow, KeyTooWide
from core.agents.minting import MintingAgent
from core.agents.task import AgentTask
from core.agents.upkeep import CheckingAgent
from core.integrations.wordpress.api import SiteUser
from core.integrations.wordpress.key import APPLICATION_USER, KEY, api_of
from core.integrations.wordpress.words import RIGHTS
from core.security.secret import Secret

ADMINISTRATOR = "administrator"
MOST_TOLD = 4  # rights; more is no sentence any more
LONGEST_ROLE = 20  # characters that a connection keeps


class WordPressSetupAgent(MintingAgent):
    """Makes one application password, and shows whom it signs in as and what that user may do."""

    def __init__(self, task: AgentTask) -> None:
        super().__init__(task, KEY)
        self._user: SiteUser | None = None

    @property
    def permission(self) -> str:
        """The user's first role; WordPress knows no narrower password."""
        roles = self._user.roles if self._user else ()
        return roles[0][:LONGEST_ROLE] if roles else "user"

    async def take_over(self, captured: Mapping[str, Secret]) -> None:
        """The password goes with the user it is of: the sign-in is deleted in the end."""
        user = await self.task.credentials.use(USERNAME, purpose="keep whose application password it is")
        await super().take_over({**captured, APPLICATION_USER: user})

    def proof(self) -> Sequence[CodeStep]:
        """Sign in by the API, and tell what may be done there."""
        return (
            CodeStep("Test the application password", "The site's API lets it in", self._test),
            CodeStep("See what it can do", "The site says what its user may do", self._tell),
        )

    async def extract_result(self) -> AgentResult:
        """The masked password, whom it signs in as, and what it can do."""
        user = await self._signed_in()
        return AgentResult(
            said=f"OmniOps signs in as {user.username}.",
            store_url=str(self.task.origin),
            api_key=KEY.masked(await self.key()),
            key_permission=self.permission,
            key_can=can(user),
        )

    async def _test(self) -> str:
        return f"it signs in as {(await self._signed_in()).username}"

    async def _tell(self) -> str:
        user = await self._signed_in()
        return f"{' and '.join(user.roles) or 'no role'}: it can {can(user)}"

    async def _signed_in(self) -> SiteUser:
        """Whom it signs in as; asked once."""
        if self._user is None:
            self._user = await api_of(self.task, await self.key()).me()
        return self._user


class WordPressChecking(CheckingAgent, WordPressSetupAgent):
    """Signs in by the API with the password that is stored, and sees that its user is what they were."""

    def looks(self) -> Sequence[CodeStep]:
        """Sign in, and look at the role."""
        sign_in, tell = self.proof()
        return sign_in, replace(tell, do=self._same)

    async def _same(self) -> str:
        """Whether the role is the one from then: WordPress knows no narrower password, so a wider user is a wider key."""
        told, then = await self._tell(), self.permission_then
        if self.permission != then:
            wider = self.permission == ADMINISTRATOR
            raise (KeyTooWide if wider else KeyTooNarrow)(because=f"Its user was {then}, and is {self.permission} now.")
        return told


def can(user: SiteUser) -> str:
    """What a user may do, in a sentence's end: the widest rights first, and how many more there are."""
    told = [words for right, words in RIGHTS if right in user.rights][:MOST_TOLD]
    return f"{', '.join(told) or 'nothing'} (of {len(user.rights)} rights in all)"

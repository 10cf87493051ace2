"""A real product in a folder: made when it is first started, and kept there when it is stopped."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import ClassVar, Generic, Protocol, TypeVar

from scripts.real.debian import Tell, alone
from scripts.real.processes import Processes, answers


class RunningSite(Protocol):
    """A site that runs."""

    @property
    def folder(self) -> Path: ...
    @property
    def url(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def users(self) -> Mapping[str, str]: ...


S = TypeVar("S", bound=RunningSite)


class RealProduct(ABC, Generic[S]):
    """What is the same for each. `packages` is what several sites share; without it, each has its own."""

    sign_in_page: ClassVar[str]

    def __init__(self, folder: Path, tell: Tell = lambda _: None, packages: Path | None = None) -> None:
        self._folder = folder.resolve()
        self._tell = tell
        self._packages = packages or self._folder / "packages"
        self._processes = Processes(self._folder)

    def fetch(self) -> None:
        """Have everything here that a start needs. Raises NotToBeHad, or what went wrong."""
        with alone(self._folder):
            self._fetch()

    def start(self) -> S:
        """Start the site, unless it runs. Raises NotToBeHad, or what went wrong; then nothing of it runs."""
        with alone(self._folder):
            return self.running() or self._start()

    def stop(self) -> None:
        """End every process of the site."""
        with alone(self._folder):
            self._processes.end()

    def reset(self) -> S:
        """Start the site with the content it had at first; its address, users and passwords stay."""
        with alone(self._folder):
            self._processes.end()
            self._forget_content()
            return self._start()

    def running(self) -> S | None:
        """The site, if it runs and answers."""
        site = self._known()
        if site and self._processes.are_running() and answers(f"{site.url}{self.sign_in_page}"):
            return site
        return None

    @abstractmethod
    def _fetch(self) -> None:
        """Have everything here that a start needs."""

    @abstractmethod
    def _forget_content(self) -> None:
        """Have the next start make the content anew."""

    @abstractmethod
    def _started(self) -> S:
        """Start it; whatever is raised, its processes are ended afterwards."""

    @abstractmethod
    def _known(self) -> S | None:
        """The site as it was when it was last started."""

    @property
    def _site_file(self) -> Path:
        return self._folder / "site.json"

    def _packages_alone(self) -> AbstractContextManager[object]:
        """Nobody else has the packages meanwhile, if several sites share them."""
        return alone(self._packages.parent) if self._packages.parent != self._folder else nullcontext()

    def _start(self) -> S:
        self._processes.end()  # what is left of a start that was cut off
        self._fetch()
        try:
            return self._started()
        except BaseException:
            self._processes.end()
            raise

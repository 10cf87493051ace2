"""Real products from Debian's packages: programs that are installed, and code that is only unpacked."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

Tell = Callable[[str], None]  # says what goes on, a sentence at a time

QUIETLY = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
# A user's PATH lacks the folders in which Debian has its servers.
SEARCHED = os.pathsep.join((os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"))


class NotToBeHad(Exception):
    """The real product can't be had on this machine; the sentence says why, and the command that mends it."""


def program(name: str) -> str | None:
    """Where a program is; None if it is not installed."""
    return shutil.which(name, path=SEARCHED)


def install_missing(missing: Callable[[], Sequence[str]], packages: Sequence[str], tell: Tell) -> None:
    """Install these packages if anything is missing. Raises NotToBeHad, with the command, where that is not possible."""
    if not missing():
        return
    # Whatever server somebody has on this machine stays, also where its package and ours exclude each other.
    command = ["apt-get", "install", "-y", "--no-install-recommends", "--no-remove", *packages]
    mends = f"As root: apt-get update && {' '.join(command)}"
    wanted = f"There is no {', '.join(missing())} here"
    if program("apt-get") is None:
        raise NotToBeHad(f"{wanted}, nor apt-get to install it.")
    if os.geteuid() != 0:
        raise NotToBeHad(f"{wanted}. {mends}")
    tell(f"Installing {', '.join(missing())} ...")
    _with_known_packages(command, Path("/"))
    if missing():
        raise NotToBeHad(f"{wanted}, and installing it failed. {mends}")


def unpack(packages: Sequence[str], folder: Path, tell: Tell) -> Path:
    """The packages' files below one folder, which is made once: downloaded and unpacked, not installed. Raises NotToBeHad."""
    if folder.is_dir():
        return folder
    if program("apt-get") is None or program("dpkg-deb") is None:
        raise NotToBeHad(f"{packages[0]} comes from Debian's packages, and there is no apt-get here.")
    tell(f"Downloading {', '.join(packages)} ...")
    draft, downloads = folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.downloads")
    for one in (draft, downloads):
        shutil.rmtree(one, ignore_errors=True)
        one.mkdir(parents=True)
    if not _with_known_packages(["apt-get", "download", *packages], downloads):
        raise NotToBeHad(
            f"{', '.join(packages)} could not be downloaded. As root: apt-get update; then: apt-get download {packages[0]}"
        )
    for archive in sorted(downloads.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", archive, draft], check=True)  # noqa: S603, S607  our own words
    shutil.rmtree(downloads)
    draft.rename(folder)
    return folder


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One command at a time works on a folder; another one waits."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _with_known_packages(command: Sequence[str], folder: Path) -> bool:
    """Whether the command succeeds; if it does not at first, after the lists of packages were brought up to date."""
    if _succeeds(command, folder):
        return True
    return os.geteuid() == 0 and _succeeds(["apt-get", "update"], folder) and _succeeds(command, folder)


def _succeeds(command: Sequence[str], folder: Path) -> bool:
    done = subprocess.run(  # noqa: S603  our own words
        command,
        cwd=folder,
        env=os.environ | QUIETLY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0

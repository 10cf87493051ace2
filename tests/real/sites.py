"""The real products of a test session: each is started when a test first needs it, and ended with the session."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from scripts.real.command import ROOT
from scripts.real.debian import NotToBeHad
from scripts.real.pretix import RealPretix
from scripts.real.pretix_site import PretixSite
from scripts.real.processes import DidNotStart
from scripts.real.product import RealProduct, RunningSite
from scripts.real.site import PhpFailed, Site
from scripts.real.wordpress import RealWordPress

S = TypeVar("S", bound=RunningSite)
Failure = NotToBeHad | DidNotStart | PhpFailed

# Kept from run to run; everything else of a site is made anew.
PACKAGES = ROOT / ".autopilot" / "real" / "wordpress" / "packages"
PRETIX_PACKAGES = ROOT / ".autopilot" / "real" / "pretix" / "packages"
# What came of the one attempt to start it.
WORDPRESS = pytest.StashKey[Site | Failure]()
PRETIX = pytest.StashKey[PretixSite | Failure]()


def wordpress_of(config: pytest.Config) -> Site:
    """The real WordPress of this session. Where none can be had: skipped, but in CI a failure."""
    if WORDPRESS not in config.stash:
        config.stash[WORDPRESS] = _started(config, lambda folder: RealWordPress(folder, packages=PACKAGES))
    return _there(config.stash[WORDPRESS], "WordPress")


def pretix_of(config: pytest.Config) -> PretixSite:
    """The real pretix of this session. Where none can be had: skipped, but in CI a failure."""
    if PRETIX not in config.stash:
        config.stash[PRETIX] = _started(config, lambda folder: RealPretix(folder, packages=PRETIX_PACKAGES))
    return _there(config.stash[PRETIX], "pretix")


def _started(config: pytest.Config, product_in: Callable[[Path], RealProduct[S]]) -> S | Failure:
    folder = Path(tempfile.mkdtemp(prefix="autopilot-real-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    product = product_in(folder)
    config.add_cleanup(product.stop)
    # A session that is told to end cleans up as one that is interrupted does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return product.start()
    except (NotToBeHad, DidNotStart, PhpFailed) as failed:
        return failed


def _there(site: S | Failure, title: str) -> S:
    if isinstance(site, NotToBeHad) and not os.environ.get("CI"):
        pytest.skip(f"there is no real {title}: {site}")
    if isinstance(site, NotToBeHad | DidNotStart | PhpFailed):
        pytest.fail(f"There has to be a real {title}, and there is none: {site}")
    return site

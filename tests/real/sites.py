"""The real products of a test session: each is started when a test first needs it, and ended with the session."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from scripts.real.command import ROOT
from scripts.real.debian import NotToBeHad
from scripts.real.pretix import RealPretix
from scripts.real.pretix_site import PretixSite
from scripts.real.processes import DidNotStart
from scripts.real.site import PhpFailed, Site
from scripts.real.wordpress import RealWordPress

# Kept from run to run; everything else of a site is made anew.
PACKAGES = ROOT / ".autopilot" / "real" / "wordpress" / "packages"
# What came of the one attempt to start it.
WORDPRESS = pytest.StashKey[Site | NotToBeHad | DidNotStart | PhpFailed]()
PRETIX_PACKAGES = ROOT / ".autopilot" / "real" / "pretix" / "packages"
PRETIX = pytest.StashKey[PretixSite | NotToBeHad | DidNotStart]()


def wordpress_of(config: pytest.Config) -> Site:
    """The real WordPress of this session. Where none can be had: skipped, but in CI a failure."""
    if WORDPRESS not in config.stash:
        config.stash[WORDPRESS] = _started(config)
    site = config.stash[WORDPRESS]
    if isinstance(site, Site):
        return site
    if isinstance(site, NotToBeHad) and not os.environ.get("CI"):
        pytest.skip(f"there is no real WordPress: {site}")
    pytest.fail(f"There has to be a real WordPress, and there is none: {site}")


def _started(config: pytest.Config) -> Site | NotToBeHad | DidNotStart | PhpFailed:
    folder = Path(tempfile.mkdtemp(prefix="autopilot-wordpress-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    wordpress = RealWordPress(folder, packages=PACKAGES)
    config.add_cleanup(wordpress.stop)
    # A session that is told to end cleans up as one that is interrupted does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return wordpress.start()
    except (NotToBeHad, DidNotStart, PhpFailed) as failed:
        return failed


def pretix_of(config: pytest.Config) -> PretixSite:
    """The real pretix of this session. Where none can be had: skipped, but in CI a failure."""
    if PRETIX not in config.stash:
        config.stash[PRETIX] = _pretix_started(config)
    site = config.stash[PRETIX]
    if isinstance(site, PretixSite):
        return site
    if isinstance(site, NotToBeHad) and not os.environ.get("CI"):
        pytest.skip(f"there is no real pretix: {site}")
    pytest.fail(f"There has to be a real pretix, and there is none: {site}")


def _pretix_started(config: pytest.Config) -> PretixSite | NotToBeHad | DidNotStart:
    folder = Path(tempfile.mkdtemp(prefix="autopilot-pretix-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    pretix = RealPretix(folder, packages=PRETIX_PACKAGES)
    config.add_cleanup(pretix.stop)
    # A session that is told to end cleans up as one that is interrupted does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return pretix.start()
    except (NotToBeHad, DidNotStart) as failed:
        return failed

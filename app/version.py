"""Which version of the product this is."""

from importlib.metadata import PackageNotFoundError, version


def our_version() -> str:
    """The version that is installed."""
    try:
        return version("omniops-autopilot")
    except PackageNotFoundError:
        return "from source"

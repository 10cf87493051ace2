"""Imports what takes seconds without garbage being looked for meanwhile: there is none, and the looks are a fifth of the time."""

import gc
import sys
from importlib import import_module
from types import ModuleType


def imported(name: str) -> ModuleType:
    """A module; what it brings along stays for good, so that no later look for garbage goes through it either."""
    if name in sys.modules:
        return sys.modules[name]
    looked = gc.isenabled()
    gc.disable()
    try:
        module = import_module(name)
    finally:
        if looked:
            gc.enable()
    gc.freeze()
    return module

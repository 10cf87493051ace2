"""This process on its machine: by which name it is known, and what it keeps the machine from doing with its memory."""

import ctypes
import os
import resource
import socket
import sys

PR_SET_DUMPABLE = 4  # prctl(2)


def own_name() -> str:
    """The name of this process among all that share a database: its leases and its connections have it."""
    return f"{socket.gethostname()}-{os.getpid()}"


def keep_memory_private() -> None:
    """No core dumps, and on Linux no debugger of the same user and no look at /proc/<pid>/mem or environ.

    Root can look all the same, and memory can't be wiped reliably from Python.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)

"""A NiceGUI server of one page with nothing but one label: what every page costs before it shows anything.

python -m tests.benchmarks.dashboard.empty_page PORT
"""

import sys

from nicegui import ui

EMPTY = "Nothing"


def main(port: int) -> None:
    """Serve it, with NiceGUI's settings as they are."""

    @ui.page("/")
    def empty() -> None:
        ui.label(EMPTY)

    ui.run(host="127.0.0.1", port=port, reload=False, show=False, show_welcome_message=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""A server with one screen that breaks, to see what its visitor is told. Run with a port."""

import sys

from nicegui import ui

from pages import layout, trouble


def main(port: int) -> None:
    """Serve until interrupted."""
    layout.register()
    trouble.register()

    @ui.page("/broken")
    def broken() -> None:
        raise RuntimeError("hunter2")

    ui.run(host="127.0.0.1", port=port, reload=False, show=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))

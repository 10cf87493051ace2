"""By what a screen is put up: NiceGUI's page, with the time that a busy machine needs."""

from functools import partial

from nicegui import ui

BUILT_WITHIN = 30.0  # seconds until a screen has to be drawn; whoever waits longer than NiceGUI's three was told of an error of ours

screen = partial(ui.page, response_timeout=BUILT_WITHIN)

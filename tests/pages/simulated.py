"""The program that a simulation runs: the pages of the product that is being staged."""

from tests.pages.simulation import wire

wire()

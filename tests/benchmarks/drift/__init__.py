"""How well runs survive when the shop's pages are no longer those that were learnt."""

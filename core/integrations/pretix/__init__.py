"""pretix: an API token of a team, by which programs read what its tickets are sold for."""

"""How fast the dashboard is, in a real browser, beside an empty page in the same run."""

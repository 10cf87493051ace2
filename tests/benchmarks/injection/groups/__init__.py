"""All cases, by group."""

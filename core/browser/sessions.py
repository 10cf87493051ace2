"""One Chromium for the process, one context for a run: launched when needed, replaced when dead, gone afterwards."""

"""The hands: a real browser behind a façade that knows a closed set of actions and never shows a secret."""

"""Where secrets are kept, each under a key of its own; nothing leaves without being counted."""

"""The keys themselves: where they are kept, what one wraps, and what signs."""

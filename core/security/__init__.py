"""What keeps the promise: consent, vault, audit, people, and where the agent may go."""

"""WordPress: an application password, by which programs sign in as a user."""

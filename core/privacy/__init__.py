"""What a customer may ask for at any time: all that is known of them, and that it is forgotten."""

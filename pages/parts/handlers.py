"""What the browser tells of a plain element that a person has changed, in place of the whole event."""

TICKED = "(event) => emit(event.target.checked)"
TYPED = "(event) => emit(event.target.value)"

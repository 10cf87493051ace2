"""The demo: a practice shop with faults to switch on, shown to others by product teams."""

"""Comparisons: two things in one run, because machines are noisy; nothing here is asserted by the test suite."""

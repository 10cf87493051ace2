"""Workflows: what an agent does step by step, learnt from end-to-end tests."""

"""Decisions that are looked at again: one at a time, or all that an error touched; and what supervision learns of how people decide."""

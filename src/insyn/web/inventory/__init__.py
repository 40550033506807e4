"""Inventory rounds: each administration and company answers with its systems, or with an explicit none."""

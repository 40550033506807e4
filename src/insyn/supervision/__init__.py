"""Figures about systems in use, counted from the facts rows of the evidence store. Never from payloads, never typed in."""

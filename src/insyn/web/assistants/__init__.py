"""Assistants: systems that answer whoever works here. A person reads the instruction, confirms it, and gets a pass of their own."""

"""Measurements. Every figure that a document gives comes from here, as a ratio against a limit of the same run."""

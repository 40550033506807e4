"""Pure functions that decide: classification, gates, permits. No input, no output, no clock."""

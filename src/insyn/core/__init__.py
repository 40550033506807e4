"""Words and frozen records that every floor speaks. No input, no output, no clock."""

"""Work list, calendar, digests, and the board's page."""

"""What a resident can see and ask about the own case, with a one-time code from a printed letter."""

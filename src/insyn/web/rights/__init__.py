"""What a person may ask for about themselves: the request, its ground and clock, the answer, and what the figures say of it all."""

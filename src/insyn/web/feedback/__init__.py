"""What the public says back: messages about the register and their answers, subscriptions, feeds."""

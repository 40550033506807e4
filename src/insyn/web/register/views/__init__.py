"""Pages of the register for those who work with it. Each reads through queries and changes through an act."""

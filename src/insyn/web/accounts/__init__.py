"""People, offices and mandates; sign-in; who may do what."""

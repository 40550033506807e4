"""The pages of influence: for those who lead it, for unions and safety representatives, and for everybody."""

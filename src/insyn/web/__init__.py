"""The control plane: register, gates, acts, oversight, residents and the public site (Django)."""

"""An OpenID provider for tests: django-oauth-toolkit in a process of its own, with persons who can be had nowhere else."""

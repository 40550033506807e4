"""Settings of the demonstration: plain HTTP on this machine, and never on anybody's real register.

The web site started with these settings shows sign-ins with known passwords on the terminal. So they refuse to start on a register that is
not marked as a demonstration; an empty one is taken into use.
"""

import os

os.environ.setdefault("INSYN_HTTPS", "0")

from django.core.exceptions import ImproperlyConfigured

from demo.marks import not_a_demo
from insyn.web.settings import *  # noqa: F403 - Django reads settings as the names of a module
from insyn.web.settings import HOME

# As hard to guess back as Django's default and made in a tenth of the time: fifteen people are entered while somebody waits.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
SECURE_HSTS_SECONDS = 0  # a browser would remember it for localhost, and for everything else that runs there

if _why := not_a_demo(HOME):
    raise ImproperlyConfigured(f"{_why} The demonstration does not start there.")

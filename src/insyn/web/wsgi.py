"""The web site as a WSGI application: ``insyn.web.wsgi:application``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "insyn.web.settings")

application = get_wsgi_application()

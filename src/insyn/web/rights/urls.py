from __future__ import annotations

from django.urls import path, re_path

from . import extract_views, paper_views, queue_views, staff_views, views
from .receipts import PATTERN

_RECEIPT = rf"(?P<receipt>{PATTERN})"

app_name = "rights"
urlpatterns = [
    path("mina-sidor/begaran/", views.start, name="start"),
    path("mina-sidor/begaran/ny/<slug:kind>/", views.ask, name="ask"),
    path("mina-sidor/begaran/utdrag/", extract_views.extract, name="extract"),
    path("mina-sidor/begaran/utdrag.json", extract_views.extract_file, name="extract_file"),
    re_path(rf"^mina-sidor/begaran/{_RECEIPT}/$", views.one, name="mine"),
    re_path(rf"^mina-sidor/begaran/{_RECEIPT}/tillagg/$", views.add, name="add"),
    re_path(rf"^mina-sidor/begaran/{_RECEIPT}/ta-tillbaka/$", views.withdraw, name="withdraw"),
    path("arbete/rattigheter/", queue_views.queue_page, name="queue"),
    path("arbete/rattigheter/dagar/", queue_views.days, name="days"),
    path("arbete/rattigheter/ny/", paper_views.whom, name="enter"),
    path("arbete/rattigheter/radering/", staff_views.erasures, name="erasures"),
    re_path(rf"^arbete/rattigheter/{_RECEIPT}/$", staff_views.request_page, name="request"),
    re_path(rf"^arbete/rattigheter/{_RECEIPT}/brev/$", paper_views.letter, name="letter"),
    re_path(rf"^arbete/rattigheter/{_RECEIPT}/utdrag/$", extract_views.for_paper, name="paper_extract"),
]

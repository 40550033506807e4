from __future__ import annotations

from django.urls import path, re_path

from . import views

app_name = "residents"
urlpatterns = [
    path("mitt-arende/", views.enter, name="enter"),
    path("mitt-arende/visa/", views.case, name="case"),
    path("mitt-arende/stang/", views.leave, name="leave"),
    re_path(r"^arbete/granska/(?P<rid>[0-9a-f]{32})/brev/$", views.letter, name="letter"),
    re_path(r"^arbete/granska/begaran/(?P<receipt>[0-9A-F-]{14})/besvarad/$", views.answered, name="answered"),
]

from __future__ import annotations

from django.urls import path, re_path

from . import eid_views, mine_views, staff_views, views

_RID = "[0-9a-f]{32}"

app_name = "residents"
urlpatterns = [
    path("mitt-arende/", views.enter, name="enter"),
    path("mitt-arende/visa/", views.case, name="case"),
    path("mina-sidor/", mine_views.mine, name="mine"),
    path("mina-sidor/logga-in/", eid_views.eid_begin, name="eid_begin"),
    path("mina-sidor/e-legitimation/", eid_views.eid_back, name="eid_back"),
    path("mina-sidor/logga-ut/", mine_views.sign_out, name="sign_out"),
    path("mina-sidor/utloggad/", mine_views.signed_out, name="signed_out"),
    path("mina-sidor/for-vem/", mine_views.choose, name="choose"),
    re_path(rf"^mina-sidor/arende/(?P<rid>{_RID})/$", mine_views.mine_case, name="mine_case"),
    re_path(rf"^mina-sidor/arende/(?P<rid>{_RID})/brev/(?P<decision>{_RID})/$", mine_views.mine_letter, name="mine_letter"),
    re_path(rf"^arbete/granska/(?P<rid>{_RID})/brev/$", views.letter, name="letter"),
    path("arbete/ombud/", staff_views.standing, name="standing"),
    path("arbete/ombud/ny/", staff_views.new_representation, name="new_representation"),
    path("arbete/ombud/<int:key>/", staff_views.one_representation, name="representation"),
    path("arbete/ombud/<int:key>/bekrafta/", staff_views.confirm_representation, name="confirm_representation"),
    path("arbete/ombud/skydd/", staff_views.new_protection, name="new_protection"),
    path("arbete/ombud/skydd/<int:key>/", staff_views.one_protection, name="protection"),
    path("arbete/ombud/nummer/", staff_views.new_link, name="new_link"),
    path("arbete/ombud/nummer/<int:key>/", staff_views.one_link, name="link"),
    path("arbete/ombud/nummer/<int:key>/bekrafta/", staff_views.confirm_link, name="confirm_link"),
]

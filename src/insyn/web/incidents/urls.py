from __future__ import annotations

from django.urls import path

from . import incident_views, order_views

app_name = "incidents"
urlpatterns = [
    path("arbete/order/", order_views.order_list, name="orders"),
    path("arbete/order/<int:pk>/", order_views.order, name="order"),
    path("arbete/stoppjour/", order_views.stop_rota, name="rota"),
    path("arbete/system/<slug:slug>/stopporder/", order_views.new_order, name="new_order"),
    path("arbete/system/<slug:slug>/stoppvag/", order_views.route, name="route"),
    path("arbete/incidenter/", incident_views.incident_list, name="incidents"),
    path("arbete/incidenter/ny/", incident_views.choose_system, name="choose_system"),
    path("arbete/system/<slug:slug>/incident/", incident_views.report, name="report"),
    path("arbete/incidenter/<int:pk>/", incident_views.incident, name="incident"),
    path("arbete/incidenter/<int:pk>/anmalan/<int:number>/", incident_views.notification, name="notification"),
    path("arbete/incidenter/<int:pk>/drabbade/", incident_views.harmed, name="harmed"),
    path("handelser/", incident_views.events, name="events"),
]

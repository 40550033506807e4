from __future__ import annotations

from django.urls import path

from .views import feeds, public, subscriptions, work

app_name = "feedback"
urlpatterns = [
    path("sag-till/", public.tell, name="tell"),
    path("system/<slug:slug>/sag-till/", public.tell_of_system, name="tell_of_system"),
    path("behov/<slug:number>/sag-till/", public.tell_of_need, name="tell_of_need"),
    path("delta/<slug:slug>/sag-till/", public.tell_of_round, name="tell_of_round"),
    path("arende/", public.find, name="find"),
    path("arende/<str:receipt>/", public.status, name="status"),
    path("prenumerera/", subscriptions.subscribe, name="subscribe"),
    path("system/<slug:slug>/prenumerera/", subscriptions.subscribe_to_system, name="subscribe_to_system"),
    path("prenumerera/ja/<str:token>/", subscriptions.confirm, name="confirm"),
    path("prenumerera/avsluta/<str:token>/", subscriptions.end, name="end"),
    path("handelser.atom", feeds.all_events, name="events"),
    path("system/<slug:slug>/handelser.atom", feeds.events_of_system, name="events_of_system"),
    path("system/<slug:slug>/kalender.ics", feeds.days_of_system, name="days_of_system"),
    path("arbete/synpunkter/", work.queue, name="queue"),
    path("arbete/synpunkter/<str:receipt>/", work.message, name="message"),
]

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "xinzhi.kernel.events"
    label = "events"

from django.apps import AppConfig


class WorkcalendarConfig(AppConfig):
    name = "xinzhi.kernel.workcalendar"
    label = "workcalendar"

from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "xinzhi.kernel.sheets"
    label = "sheets"

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "xinzhi.kernel.ledger"
    label = "ledger"

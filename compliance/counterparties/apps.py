from django.apps import AppConfig


class CounterpartiesConfig(AppConfig):
    name = "compliance.counterparties"
    label = "counterparties"

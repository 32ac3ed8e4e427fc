from django.apps import AppConfig


class LicensesConfig(AppConfig):
    name = "compliance.licenses"
    label = "licenses"

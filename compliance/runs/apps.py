from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "compliance.runs"
    label = "runs"

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "compliance.desk"
    label = "desk"

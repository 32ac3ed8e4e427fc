from django.apps import AppConfig


class WatchlistsConfig(AppConfig):
    name = "compliance.watchlists"
    label = "watchlists"

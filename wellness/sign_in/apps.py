"""Configuration of the staff's way in."""

from django.apps import AppConfig


class SignInConfig(AppConfig):
    name = "wellness.sign_in"
    label = "sign_in"

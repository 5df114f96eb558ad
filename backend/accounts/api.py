"""Sign-in, people, teams over HTTP."""

from django.urls import URLPattern

from backend.accounts import openapi as openapi

urls: list[URLPattern] = []

#!/usr/bin/env python
"""Django's own commands (`makemigrations`, `shell` …), on the same database as `cytoloop up`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    execute_from_command_line(sys.argv)

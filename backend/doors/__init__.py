"""Doors that belong to the whole house: health, live events, and the pages."""

"""Small and stable packages every scene stands on. No module here imports a scene."""

"""Tasks of the app."""

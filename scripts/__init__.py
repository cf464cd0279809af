"""The commands a person types; each parses, calls the bundle and prints."""

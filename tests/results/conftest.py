from tests.export.tiny import tiny_cache, tiny_data, tiny_exported, tiny_setup_fixture

__all__ = ["tiny_cache", "tiny_data", "tiny_exported", "tiny_setup_fixture"]

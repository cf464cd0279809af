from tests.export.tiny import tiny_data, tiny_exported, tiny_setup_fixture

__all__ = ["tiny_data", "tiny_exported", "tiny_setup_fixture"]

"""The one error that bad input raises."""


class InputError(ValueError):
    """Bad input from outside: one sentence that names the file, the value and the remedy.

    The commands print the sentence alone, without a traceback, and exit with status 1.
    """

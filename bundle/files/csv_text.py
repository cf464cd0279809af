"""Texts in a CSV file that a spreadsheet must not take for formulas."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_GUARD = "'"


def guarded(text: str) -> str:
    """Return a text with an apostrophe before it where a spreadsheet would compute it (OWASP, CSV injection).

    Example:
        >>> guarded("=1+1.png"), guarded("a.png")
        ("'=1+1.png", 'a.png')
    """
    return _GUARD + text if text.startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given.

    Example:
        >>> unguarded("'=1+1.png"), unguarded("'a.png")
        ('=1+1.png', "'a.png")
    """
    return text[1:] if text.startswith(_GUARD) and text[1:].startswith(_FORMULA) else text

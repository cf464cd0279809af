"""The one error that bad input raises, and how it is found behind others."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path


class InputError(ValueError):
    """Bad input from outside: one sentence that names the file, the value and the remedy.

    The commands print the sentence alone, without a traceback, and exit with status 1.

    Args:
        problem: what is wrong, with the value; goes on from the name of the file, or is the whole clause without one.
        remedy: what to do about it.
        file: the file or folder that has the problem.

    Example:
        >>> error = InputError("has the modality PT", "give CT or MR of the head", "scan/a.dcm")
        >>> print(error)
        scan/a.dcm has the modality PT; give CT or MR of the head
        >>> print(error.relative_to("scan"))
        a.dcm has the modality PT; give CT or MR of the head
        >>> print(error.relative_to("scan/a.dcm"))
        has the modality PT; give CT or MR of the head
        >>> print(InputError("the folds 1 must be a whole number from 2 on", "write --folds 5"))
        the folds 1 must be a whole number from 2 on; write --folds 5
    """

    def __init__(self, problem: str, remedy: str = "", file: Path | str | None = None) -> None:
        super().__init__(problem, remedy, file)  # as `args`, from which pickle and copy make the error again
        self.problem, self.remedy, self.file = problem, remedy, file

    def __str__(self) -> str:
        clause = self.problem if self.file is None else f"{self.file} {self.problem}"
        return f"{clause}; {self.remedy}" if self.remedy else clause

    def relative_to(self, path: Path | str) -> "InputError":
        """Return the error for a reader who has `path` before the eyes.

        A file in that folder is named relative to it, and `path` itself not at all; others stay as they are.
        """
        if self.file is None or not Path(self.file).is_relative_to(path):
            return self
        inside = Path(self.file).relative_to(path)
        return InputError(self.problem, self.remedy, inside if inside.parts else None)


def did_you_mean(given: str, known: Iterable[str], most: int = 1) -> str:
    """Return a question that names the known words nearest to the one given, "" when none is near.

    Example:
        >>> did_you_mean("treshold", ["task", "threshold"])
        'did you mean threshold?'
    """
    close = difflib.get_close_matches(given, list(known), n=most)
    return f"did you mean {' or '.join(close)}?" if close else ""


_IN_TRACEBACK = re.compile(rf"^(?:\w+\.)*{InputError.__name__}: (.+)$", re.MULTILINE)


def find_input_error(error: BaseException | None) -> InputError | None:
    """Return the `InputError` that `error` is or was caused by, or None when no such error did.

    A worker process of torch's DataLoader hands on no error but the text of its traceback, in an error of the same
    type (``torch._utils.ExceptionWrapper``). Such a text is read here and nowhere else; the parts cannot be told
    apart in it, so the whole sentence becomes the problem.
    """
    while error is not None:
        if sentences := _IN_TRACEBACK.findall(str(error)):
            return InputError(sentences[-1])
        if isinstance(error, InputError):
            return error
        error = error.__cause__ or error.__context__
    return None

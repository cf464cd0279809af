"""Commands: what they are given is checked first, and they end with their result or one sentence of what was wrong."""

from bundle.command.model import inference_configs
from bundle.command.overrides import checked_overrides, checked_value, unknown_key
from bundle.command.sentence import end_with_one_sentence, exit_with, fail, find_failure, find_sentence, run_command
from bundle.command.workflow import begin, running_parser

__all__ = [
    "begin",
    "checked_overrides",
    "checked_value",
    "end_with_one_sentence",
    "exit_with",
    "fail",
    "find_failure",
    "find_sentence",
    "inference_configs",
    "run_command",
    "running_parser",
    "unknown_key",
]

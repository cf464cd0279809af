"""Arguments of a command as a person typed them, where Fire would make something else of them."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, TypeVar, get_args, get_origin

import fire.decorators
import fire.parser

from bundle.errors import InputError

# Of any other name Fire's help would call it a group of commands.
fire.decorators.FIRE_METADATA = "__fire_metadata__"

Command = TypeVar("Command", bound=Callable[..., Any])


def keep_texts(command: Command) -> Command:
    """Make Fire hand each argument over as it was typed that is annotated as a text; return the same function.

    Fire makes a number of a folder ``2024``, a tuple of ``Smith,John``, None of ``None`` and a list of ``[a]``; and a
    text of ``false``, which would be true. What is annotated as neither, such as a number or a sequence, is still read
    by Fire.

    Args:
        command: of its arguments those are texts whose annotation is or includes str, or is a choice of texts; those
            that are annotated as bool are true or false, in any case; of ``**settings`` the annotation is that of each.

    Raises:
        InputError: when the command is run and a text is empty, as the variable of a shell that was not set, unless the
            default is empty, too; or what is annotated as bool is neither true nor false.
    """
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        parse: Callable[[str], Any] = fire.parser.DefaultParseValue
        if _is_text(parameter.annotation):
            parse = str if parameter.default == "" else partial(_filled, parameter.name)
        elif parameter.annotation is bool:
            parse = partial(_switch, parameter.name)
        # Without a name it is the default for those that have no parameter.
        names = () if parameter.kind is parameter.VAR_KEYWORD else (parameter.name,)
        fire.decorators.SetParseFn(parse, *names)(command)
    return command


def _is_text(annotation: Any) -> bool:
    if get_origin(annotation) is Literal:
        return all(isinstance(each, str) for each in get_args(annotation))
    return annotation is str or str in get_args(annotation)


def _switch(name: str, text: str) -> bool:
    switch = {"true": True, "false": False}.get(text.lower())
    if switch is None:
        raise InputError(f"the argument {name} is {text!r}", "give true or false, or the name alone for true")
    return switch


def _filled(name: str, text: str) -> str:
    if not text.strip():
        raise InputError(f"the argument {name} is empty", "give it a value, or leave it out")
    return text

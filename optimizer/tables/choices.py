"""Choices, which are words here and numbers on the wire."""

from collections.abc import Mapping
from typing import Any, TypeVar

from google.protobuf.message import Message

MessageType = TypeVar("MessageType", bound=Message)


def choice_names(field: Any) -> dict[int, str]:
    """The words of an enum field by number, without prefix and without UNSPECIFIED.

    Args:
        field: its descriptor.
    """
    values = field.enum_type.values
    prefix = next(v.name for v in values if v.number == 0).removesuffix("UNSPECIFIED")
    return {v.number: v.name.removeprefix(prefix) for v in values if v.number != 0}


def message_of_words(kind: type[MessageType], fields: Mapping[str, Any]) -> MessageType:
    """The message of plain fields, in which choices are words."""
    sent = dict(fields)
    for field in kind.DESCRIPTOR.fields:
        if field.enum_type is not None and field.name in sent:
            numbers = {word: number for number, word in choice_names(field).items()}
            given = sent[field.name]
            sent[field.name] = [numbers[word] for word in given] if field.is_repeated else numbers[given]
    return kind(**sent)


def words_of_message(message: Message) -> dict[str, Any]:
    """The plain fields of a message that are set; of a choice that is not known, the number as text."""
    found: dict[str, Any] = {}
    for field, value in message.ListFields():
        words = choice_names(field) if field.enum_type is not None else {}
        if field.is_repeated:
            found[field.name] = [words.get(part, str(part)) if words else part for part in value]
        else:
            found[field.name] = words.get(value, str(value)) if words else value
    return found

"""What every adapter checks before it sends, so that a refused batch leaves nothing behind."""

from collections.abc import Sequence

from xueshi_kit.bus import MAX_VALUE_BYTES, Message, MessageTooLargeError


def check_messages(messages: Sequence[Message], buckets: int) -> None:
    """Raise `MessageTooLargeError` or `ValueError` where a message cannot be published; keys stay out of the texts."""
    for message in messages:
        if not 0 <= message.bucket < buckets:
            text = f"bucket {message.bucket} of {message.topic} is not within 0..{buckets - 1}"
            raise ValueError(text)
        if message.value is not None and len(message.value) > MAX_VALUE_BYTES:
            text = f"{len(message.value)} bytes for {message.topic}, at most {MAX_VALUE_BYTES} are taken"
            raise MessageTooLargeError(text)

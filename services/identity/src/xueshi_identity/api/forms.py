"""Reading the form of a token request (RFC 6749, section 3.2 and appendix B)."""

from urllib.parse import parse_qsl

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_FORM_BYTES = 32 * 1024
_MAX_FORM_FIELDS = 20


class FormError(Exception):
    """A token request is no form, or repeats a field. `problem` says so in ASCII, as the standard wants it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """Return the fields of a token request; one without a value counts as absent. Raises `FormError`."""
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise FormError("Send " + MEDIA_TYPE + ".")
    if len(body) > MAX_FORM_BYTES:
        raise FormError("The form is too long.")
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MAX_FORM_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise FormError("The form cannot be read.") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise FormError("A field is repeated.")
    return {name: value for name, value in form.items() if value}

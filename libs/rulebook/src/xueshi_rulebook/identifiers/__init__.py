"""Identity numbers, unified social credit codes and names: checked, normalised, masked, found in text.

Pure functions; nothing personal is cached, logged or repeated in an error.
"""

from xueshi_rulebook.identifiers.detection import contains_id_number
from xueshi_rulebook.identifiers.identity import ID_TYPES, id_warning, mask_id, normalise_id
from xueshi_rulebook.identifiers.names import normalise_name
from xueshi_rulebook.identifiers.resident import id_checksum
from xueshi_rulebook.identifiers.uscc import check_uscc, uscc_checksum

__all__ = [
    "ID_TYPES",
    "check_uscc",
    "contains_id_number",
    "id_checksum",
    "id_warning",
    "mask_id",
    "normalise_id",
    "normalise_name",
    "uscc_checksum",
]

"""What is the Kafka adapter's own: how it keeps the library quiet."""

import subprocess
import sys

_PROGRAM = """
import logging
logging.basicConfig(level=logging.DEBUG)
import xueshi_kit.bus.kafka
for name in ("aiokafka.conn", "aiokafka.producer.producer"):
    assert not logging.getLogger(name).isEnabledFor(logging.DEBUG), name
"""


def test_library_does_not_write_requests_to_a_debug_log() -> None:
    """Its debug log holds keys and values; an application that logs everything must not get them."""
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True)

"""Between protobuf, stored JSON, HTTP answers and the service's own types."""

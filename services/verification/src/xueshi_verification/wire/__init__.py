"""Translation between protobuf and JSON outside and the domain's objects inside."""

"""Real parts for tests, started once per session: see `fixtures` for the fixtures, `parts` for where they come from.

| fixture | gives |
| --- | --- |
| `postgres` | the administrator's URL of a PostgreSQL |
| `postgres_server` | the same with its source and, when embedded, the server itself (log file, restart) |
| `make_database` | `make_database("registry") -> Provisioned(name, owner_dsn, app_dsn)`: a fresh database; not async |
| `kafka` | the bootstrap address of a broker; without one the test is skipped |

| variable | meaning |
| --- | --- |
| `XUESHI_TEST_DATABASE_URL` | use this PostgreSQL (administrator's URL) |
| `XUESHI_POSTGRES_IMAGE` | else this image through testcontainers; without both: the embedded server |
| `KAFKA_BOOTSTRAP_SERVERS` | use this broker |
| `XUESHI_KAFKA_IMAGE` | else this image through testcontainers; else, or without Docker, the broker from Maven |
| `XUESHI_REQUIRE` | a list of `kafka`, `docker`: without it the tests fail, instead of being skipped |
"""

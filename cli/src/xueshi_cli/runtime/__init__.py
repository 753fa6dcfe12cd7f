"""What one machine needs to run the platform by itself: PostgreSQL, a Kafka broker and a supervisor of processes.

`processes` starts and watches children of any kind; `postgres` and `kafka` describe theirs as a `ChildSpec`, so that
the supervisor treats servers and services alike. `provision` makes the databases and roles on any PostgreSQL.
"""

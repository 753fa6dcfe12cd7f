# One service. BASE is a Debian (bookworm: Python 3.11); DISTRIBUTION is its package (xueshi-registry), MODULE what
# `python -m` runs (xueshi_registry), EXTRA_PACKAGES what it needs of Debian. Context: `wheels/` (build.sh puts the
# locked, hash-checked requirements and our own packages there), so that nothing is fetched but Debian's packages.
ARG BASE
FROM ${BASE} AS python
ARG EXTRA_PACKAGES=""
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv ${EXTRA_PACKAGES} \
    && rm -rf /var/lib/apt/lists/*

FROM python AS installed
ARG DISTRIBUTION
COPY wheels /wheels
RUN python3 -m venv /opt/xueshi \
    && /opt/xueshi/bin/pip install --no-cache-dir --no-index --find-links=/wheels "${DISTRIBUTION}"

FROM python
ARG MODULE
COPY --from=installed /opt/xueshi /opt/xueshi
RUN useradd --system --uid 10001 --no-create-home xueshi \
    && printf '#!/bin/sh\nexec /opt/xueshi/bin/python -m %s "$@"\n' "${MODULE}" > /usr/local/bin/service \
    && chmod 0755 /usr/local/bin/service

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8080
ENTRYPOINT ["service"]
CMD ["all"]

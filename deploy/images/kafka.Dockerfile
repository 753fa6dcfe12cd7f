# One Kafka node from the jars of deploy/kafka/pom.xml, set up by the official image's KAFKA_* variables.
# Context: `libs/` (build.sh puts it there), log4j2-console.yaml and kafka-entrypoint.sh.
ARG BASE
FROM ${BASE}

RUN apt-get update \
    && apt-get install --yes --no-install-recommends openjdk-17-jre-headless \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 999 --home-dir /var/lib/kafka --create-home kafka \
    && install --directory --owner=kafka --group=kafka --mode=0700 /var/lib/kafka/data
COPY libs /opt/kafka/libs
COPY log4j2-console.yaml /opt/kafka/
COPY kafka-entrypoint.sh /usr/local/bin/

USER kafka
VOLUME /var/lib/kafka/data
EXPOSE 9092
ENTRYPOINT ["kafka-entrypoint.sh"]

#!/bin/sh
# Writes the settings that the environment gives (KAFKA_NODE_ID=1 is node.id=1), formats the storage on first use, and
# becomes the broker. CLUSTER_ID names the cluster: the same on every node of one.
set -eu

settings=/var/lib/kafka/server.properties
heap=${KAFKA_HEAP_OPTS:--Xms256m -Xmx512m}
unset KAFKA_HEAP_OPTS

{
    echo log.dirs=/var/lib/kafka/data
    env | sed -n 's/^KAFKA_//p' | while IFS='=' read -r name value; do
        printf '%s=%s\n' "$(printf '%s' "$name" | tr '[:upper:]_' '[:lower:].')" "$value"
    done
} > "$settings"

run="java $heap -Dlog4j2.configurationFile=/opt/kafka/log4j2-console.yaml -cp /opt/kafka/libs/*"
# Unquoted on purpose: one word per option; the class path's star is Java's to expand.
set -f
$run kafka.tools.StorageTool format --ignore-formatted --config "$settings" \
    --cluster-id "${CLUSTER_ID:-4L6g3nShT-eMCtK--X86sw}"
exec $run kafka.Kafka "$settings"

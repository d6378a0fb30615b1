#!/usr/bin/env bash
# run.sh FOLDER: runs the OpenSearch that make.sh made, in the foreground, with all that it writes in FOLDER, which is
# to be empty. It listens on a free port of the loopback interface and writes the address to FOLDER/logs/http.ports.
# Needs a JDK 21 or newer: OPENSEARCH_JAVA_HOME, JAVA_HOME, or one of /usr/lib/jvm. OPENSEARCH_HEAP is 512m by default.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
made=$("$here/make.sh")
folder=$(cd "$1" && pwd)
heap=${OPENSEARCH_HEAP:-512m}

new_enough() {
    [[ -x $1/bin/java ]] || return 1
    local major
    major=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -1)
    ((${major:-0} >= 21))
}

for java in "${OPENSEARCH_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if new_enough "$java"; then break; fi
    java=
done
if [[ -z $java ]]; then
    echo 'OpenSearch needs a JDK 21 or newer; install one, or name its folder by OPENSEARCH_JAVA_HOME' >&2
    exit 1
fi

mkdir -p "$folder"/{data,logs,tmp,repo}
cp -r "$made/config" "$folder/config"
sed -i -e '/gc\.log/d' -e "s|=logs/|=$folder/logs/|" -e "s|=data\$|=$folder/data|" "$folder/config/jvm.options" # where it may write
cat >"$folder/config/opensearch.yml" <<SETTINGS
cluster.name: conformance
node.name: node-1
node.portsfile: true
network.host: 127.0.0.1
http.port: 0
transport.port: 0
discovery.type: single-node
path.data: $folder/data
path.logs: $folder/logs
path.repo: ["$folder/repo"]
cluster.routing.allocation.disk.threshold_enabled: false
SETTINGS

export OPENSEARCH_JAVA_HOME=$java OPENSEARCH_PATH_CONF=$folder/config OPENSEARCH_TMPDIR=$folder/tmp
export OPENSEARCH_JAVA_OPTS="-Xms$heap -Xmx$heap"
if ((EUID != 0)); then
    exec "$made/bin/opensearch"
fi
# OpenSearch does not run as root, and another user may not be able to read root's cache
cp -r --link "$made" "$folder/program" 2>/dev/null || cp -r "$made" "$folder/program"
chown -R nobody: "$folder/config" "$folder/data" "$folder/logs" "$folder/tmp" "$folder/repo"
chmod a+rx "$folder" "$folder/program"
cd "$folder"
exec setpriv --reuid=nobody --regid=nogroup --clear-groups "$folder/program/bin/opensearch"

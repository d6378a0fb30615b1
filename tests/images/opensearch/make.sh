#!/usr/bin/env bash
# make.sh: puts OpenSearch together from Maven Central, where no image can be pulled, and prints its folder.
# The zip of the minimal distribution comes first, then the modules that the full one has in its box.
# It is made once a version, in the cache: EKK_CACHE_DIR, or ekk in XDG_CACHE_HOME or in ~/.cache.
# Needs Maven, unzip, and a JDK for Maven. Starting it is the work of run.sh beside this file.
set -euo pipefail

version=${OPENSEARCH_ORACLE_VERSION:-3.4.0}
here=$(cd "$(dirname "$0")" && pwd)
cache=${EKK_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/ekk}
made=$cache/opensearch-$version
if [[ -x $made/bin/opensearch ]]; then
    echo "$made"
    exit
fi

# module ARTIFACT NAME CLASS [EXTENDED]: a module is a folder with its jars and a description of itself
module() {
    local folder=$work/opensearch-$version/modules/$2
    mkdir -p "$folder"
    maven -f "$here/pom.xml" -Dmodule="$1" -Dopensearch.version="$version" dependency:copy-dependencies \
        -DoutputDirectory="$work/jars/$1" -DincludeScope=runtime
    local jar
    for jar in "$work/jars/$1"/*.jar; do
        [[ -f $work/opensearch-$version/lib/$(basename "$jar") ]] || cp "$jar" "$folder/"
    done
    cat >"$folder/plugin-descriptor.properties" <<DESCRIPTION
description=$2
version=$version
name=$2
classname=org.opensearch.$3
java.version=21
opensearch.version=$version
custom.foldername=
extended.plugins=${4:-}
has.native.controller=false
DESCRIPTION
}

# permit NAME PERMISSION...: what a module may do; what the distribution's own files say
permit() {
    local name=$1
    shift
    { echo 'grant {' && printf '  permission %s;\n' "$@" && echo '};'; } \
        >"$work/opensearch-$version/modules/$name/plugin-security.policy"
}

maven() { mvn --quiet --batch-mode -Dstyle.color=never --strict-checksums "$@" >&2; }

fail() {
    echo "OpenSearch $version cannot be fetched from Maven Central; give the address of one that runs by --opensearch URL" >&2
    exit 1
}
trap fail ERR

mkdir -p "$cache"
work=$(mktemp -d "$cache/opensearch-$version.making.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "making OpenSearch $version from Maven Central, once …" >&2

maven dependency:copy -Dartifact="org.opensearch.distribution.integ-test-zip:opensearch:$version:zip" \
    -DoutputDirectory="$work"
unzip -q "$work/opensearch-$version.zip" -d "$work"

module lang-painless lang-painless painless.PainlessModulePlugin
module analysis-common analysis-common analysis.common.CommonAnalysisModulePlugin lang-painless
module aggs-matrix-stats-client aggs-matrix-stats search.aggregations.matrix.MatrixAggregationModulePlugin
module geo geo geo.GeoModulePlugin
module ingest-common ingest-common ingest.common.IngestCommonModulePlugin lang-painless
module lang-expression lang-expression script.expression.ExpressionModulePlugin
module lang-mustache-client lang-mustache script.mustache.MustacheModulePlugin
module mapper-extras-client mapper-extras index.mapper.MapperExtrasModulePlugin
module parent-join-client parent-join join.ParentJoinModulePlugin
module percolator-client percolator percolator.PercolatorModulePlugin
module rank-eval-client rank-eval index.rankeval.RankEvalModulePlugin
module reindex-client reindex index.reindex.ReindexModulePlugin
permit reindex 'java.net.SocketPermission "*", "connect"'
for name in lang-painless lang-expression; do
    permit "$name" 'java.lang.RuntimePermission "createClassLoader"' 'java.lang.RuntimePermission "getClassLoader"'
done

mv "$work/opensearch-$version" "$made"
echo "$made"

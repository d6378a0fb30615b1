#!/usr/bin/env bash
# make.sh: builds MinIO from its source in the Go module proxy, where no image can be pulled, and prints the program.
# It is built once a version, in the cache: EKK_CACHE_DIR, or ekk in XDG_CACHE_HOME or in ~/.cache. It takes some
# minutes. Needs Go 1.24 or newer.
set -euo pipefail

version=${MINIO_ORACLE_VERSION:-v0.0.0-20260212201848-7aac2a2c5b7c} # the last source of the community edition
cache=${EKK_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/ekk}
made=$cache/minio-$version
if [[ -x $made/minio ]]; then
    echo "$made/minio"
    exit
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/minio-$version.making.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "building MinIO $version, once; this takes some minutes …" >&2
if ! GOBIN=$work/bin PATH=$PATH:/usr/local/go/bin go install -ldflags '-s -w' "github.com/minio/minio@$version" >&2; then
    echo "MinIO $version cannot be built from the Go module proxy; give the address of one that runs by --s3 URL" >&2
    exit 1
fi
mv "$work/bin" "$made"
echo "$made/minio"

#!/bin/sh
# Makes the base image of deploy/images/*.Dockerfile where no image registry can be reached: a minimal Debian, imported
# into the Docker engine that is running. Needs root, debootstrap and docker. Usage: base.sh [tag]
#
# SUITE   Debian release (default: bookworm)
# MIRROR  package source (default: the one that this machine's apt uses for that release)
set -eu

tag=${1:-xueshi/base:bookworm}
suite=${SUITE:-bookworm}

apt_mirror() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
        awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }'
}

mirror=${MIRROR:-$(apt_mirror)}
[ -n "$mirror" ] || { echo "apt knows no source for $suite: set MIRROR" >&2; exit 1; }

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
debootstrap --variant=minbase "$suite" "$tree" "$mirror" >&2
rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/*
tar --directory "$tree" --create --one-file-system . | docker import --change 'ENV LANG=C.UTF-8' - "$tag" >&2
echo "$tag"

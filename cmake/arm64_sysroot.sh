#!/usr/bin/env bash
# What the arm64 build links against: Debian's arm64 development packages, unpacked into a folder. The system stays as it is (no
# foreign architecture): package lists and packages are private to this script.
#   cmake/arm64_sysroot.sh [FOLDER]     default: ${LEADBRIDGE_CACHE:-${XDG_CACHE_HOME:-~/.cache}/leadbridge}/arm64-sysroot
set -euo pipefail

root=${1:-${LEADBRIDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/leadbridge}/arm64-sysroot}
packages=(libssl-dev libcrypto++-dev libsqlite3-dev nlohmann-json3-dev libcli11-dev)
mkdir -p "$root"
root=$(cd "$root" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial"
: >"$work/status"

apt_arm64() { # like apt-get, for another machine
    local verb=$1
    shift
    apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::Lists="$work/lists" \
        -o Dir::State::status="$work/status" -o Dir::Cache="$work" -o Acquire::Languages=none -o APT::Sandbox::User=root "$verb" "$@"
}
apt_arm64 update
# No dependencies: what they need at run time is linked in, and the C library comes with the cross compiler.
(cd "$work/archives" && apt_arm64 download "${packages[@]}")
for package in "$work"/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
echo "arm64_sysroot: $root"

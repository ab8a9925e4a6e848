#!/usr/bin/env bash
# Makes a fresh Debian 12 able to build and test: Debian packages and npm packages, each only when missing.
#   infra/dev/setup.sh            everything to build and test; the Node of package.json is one of the npm packages
#   infra/dev/setup.sh --browser  also Chromium and Chinese fonts, for the page tests
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# ---- Debian packages --------------------------------------------------------------------------------------
packages=(g++ cmake ninja-build ccache clang-format clang-tidy emscripten dpkg-dev binutils git openssl
    nlohmann-json3-dev catch2 libsqlite3-dev libssl-dev libcli11-dev libcrypto++-dev zlib1g-dev)
command -v npm >/dev/null || packages+=(npm) # Debian's own is old, but it installs what we pin
for option in "$@"; do
    case $option in
        --browser) packages+=(chromium fonts-noto-cjk) ;;
        *) die "unknown option $option (there is only --browser)" ;;
    esac
done

command -v dpkg-query >/dev/null || die 'this needs Debian 12 or a system with its packages (dpkg is missing)'
missing=()
for package in "${packages[@]}"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $state == installed ]] || missing+=("$package")
done
if ((${#missing[@]})); then
    as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            die "these Debian packages are missing; install them as root, then run this again: ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing Debian packages: ${missing[*]}"
    apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    "${as_root[@]}" "${apt[@]}" update </dev/null || say 'some package lists could not be fetched; trying with the others'
    "${as_root[@]}" "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null ||
        die "apt could not install: ${missing[*]}"
else
    say 'Debian packages: all there'
fi

# ---- npm packages, Node among them ------------------------------------------------------------------------
# Installed when the stamp of the last installation is that of the present lock file.
stamp=node_modules/.leadbridge-lock
wanted=$(sha256sum package.json package-lock.json | sha256sum | cut -d' ' -f1)
if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then
    say 'npm packages: all there'
else
    say 'installing npm packages (exact versions of package-lock.json)'
    # No install scripts: the packages that have one ship what it would fetch as a package of its own.
    # npm itself runs under the machine's Node: it takes away the folder that holds ours.
    PATH=${PATH//"$PWD/node_modules/.bin:"/} npm ci --ignore-scripts --no-progress --loglevel=error </dev/null ||
        die 'npm ci failed: see above'
    printf '%s\n' "$wanted" >"$stamp"
fi
node=$(node_modules/.bin/node --version) ||
    die "the Node of package.json does not run here ($(uname -sm)): it is packaged for Linux on x64 and arm64"
say "Node ${node#v} from npm builds, tests and runs everything; this machine's own only runs npm"

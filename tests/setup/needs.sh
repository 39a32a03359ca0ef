#!/bin/sh
# Installs what a purpose needs and this machine lacks; costs nothing when all is there.
#
# Where apt is there the packages are installed, as root or through sudo. Elsewhere, and for a
# missing Rust toolchain, it says what is missing and the command that installs it.
#
# Environment: NEEDS_ONLY_CHECK, when set, installs nothing: the exit code says whether all is there.
#
# usage: needs.sh PURPOSE…      purposes: build test lint vulkan vulkan-driver cuda metal

set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
RUST_MIN=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

has_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return
    for file in /usr/lib/llvm-*/lib/libclang*.so* /usr/lib*/libclang.so* /usr/lib/*/libclang*.so* \
        /opt/homebrew/opt/llvm/lib/libclang.dylib /usr/local/opt/llvm/lib/libclang.dylib \
        /Library/Developer/CommandLineTools/usr/lib/libclang.dylib; do
        [ -e "$file" ] && return
    done
    return 1
}

has_pip() { python3 -m pip --version >/dev/null 2>&1; }

# A driver's manifest, as Vulkan's loader looks for them; it may be one in software.
has_vulkan_driver() {
    [ -n "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] && return
    for file in /usr/share/vulkan/icd.d/*.json /usr/local/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json; do
        [ -e "$file" ] && return
    done
    return 1
}

# Vulkan's own kit brings the loader, the headers and the compiler of shaders.
has_library() { [ -n "${VULKAN_SDK:-}" ] || pkg-config --exists "$1" 2>/dev/null; }

has() {
    case $1 in
    libclang) has_libclang ;;
    pip) has_pip ;;
    libvulkan) has_library vulkan ;;
    spirv-headers) has_library SPIRV-Headers ;;
    vulkan-driver) has_vulkan_driver ;;
    nvcc) command -v nvcc >/dev/null 2>&1 || [ -x /usr/local/cuda/bin/nvcc ] ;;
    metal) [ "$(uname -s)" = Darwin ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# What each purpose needs, as `has` knows it. pip fetches the models that are packed as wheels.
needs_of() {
    case $1 in
    build) echo "c++ make cmake clang libclang pkg-config python3 pip" ;;
    test) echo "tmux" ;;
    lint) echo "shellcheck" ;;
    vulkan) echo "libvulkan glslc spirv-headers" ;;
    vulkan-driver) echo "vulkan-driver" ;;
    cuda) echo "nvcc" ;;
    metal) echo "metal" ;;
    *) fail "unknown purpose: $1" ;;
    esac
}

# The package of a need, by package manager; the need's own name where it is the same.
package_of() {
    case $1:$2 in
    apt-get:c++) echo g++ ;;
    dnf:c++ | zypper:c++) echo gcc-c++ ;;
    pacman:c++ | pacman:make) echo base-devel ;;
    apk:c++ | apk:make) echo build-base ;;
    brew:c++ | brew:make | brew:clang | brew:libclang) echo llvm ;;
    apt-get:libclang) echo libclang-dev ;;
    dnf:libclang | zypper:libclang) echo clang-devel ;;
    pacman:libclang) echo clang ;;
    apk:libclang) echo clang-dev ;;
    pacman:pkg-config | apk:pkg-config | brew:pkg-config) echo pkgconf ;;
    pacman:python3 | brew:python3) echo python ;;
    pacman:pip) echo python-pip ;;
    brew:pip) echo python ;;
    apk:pip) echo py3-pip ;;
    *:pip) echo python3-pip ;;
    dnf:shellcheck | zypper:shellcheck) echo ShellCheck ;;
    apt-get:libvulkan) echo libvulkan-dev ;;
    dnf:libvulkan) echo vulkan-loader-devel ;;
    zypper:libvulkan) echo vulkan-devel ;;
    pacman:libvulkan) echo vulkan-headers vulkan-icd-loader ;;
    apk:libvulkan) echo vulkan-headers vulkan-loader-dev ;;
    brew:libvulkan) echo vulkan-headers vulkan-loader ;;
    zypper:glslc | pacman:glslc | apk:glslc | brew:glslc) echo shaderc ;;
    dnf:spirv-headers) echo spirv-headers-devel ;;
    apt-get:vulkan-driver | dnf:vulkan-driver) echo mesa-vulkan-drivers ;;
    zypper:vulkan-driver) echo libvulkan_lvp ;;
    pacman:vulkan-driver) echo vulkan-swrast ;;
    apk:vulkan-driver) echo mesa-vulkan-swrast ;;
    brew:vulkan-driver) echo molten-vk ;;
    *) echo "$2" ;;
    esac
}

install_command_of() {
    case $1 in
    apt-get) echo "apt-get install -y --no-install-recommends" ;;
    dnf) echo "dnf install -y" ;;
    zypper) echo "zypper install -y" ;;
    pacman) echo "pacman -S --needed" ;;
    apk) echo "apk add" ;;
    brew) echo "brew install" ;;
    esac
}

# The manager's packages of all that is missing, each once.
packages_of() {
    manager=$1
    shift
    for need in "$@"; do package_of "$manager" "$need"; done | sort -u | tr '\n' ' ' | sed 's/ $//'
}

install_with_apt() {
    packages=$(packages_of apt-get "$@")
    # shellcheck disable=SC2046 # words of the command
    set -- $(install_command_of apt-get)
    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        as_root=sudo
    else
        fail "missing: $packages" "install it as root: $* $packages"
    fi
    echo "installing $packages"
    # shellcheck disable=SC2086 # nothing or one word; several packages
    {
        DEBIAN_FRONTEND=noninteractive $as_root apt-get update -q
        DEBIAN_FRONTEND=noninteractive $as_root "$@" $packages
    }
}

# Says what a machine without apt lacks, for the package manager it has.
tell_missing() {
    for manager in dnf zypper pacman apk brew; do
        if command -v "$manager" >/dev/null; then
            as_root=sudo
            [ "$manager" = brew ] && as_root=
            fail "missing: $*" "install it: ${as_root:+$as_root }$(install_command_of "$manager") $(packages_of "$manager" "$@")"
        fi
    done
    fail "missing: $*" "install these programs with the package manager of this machine"
}

# Whether version $1 is at least version $2, both MAJOR.MINOR….
is_at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t . -k 1,1n -k 2,2n | head -n 1)" = "$2" ]
}

check_rust() {
    if ! has cargo || ! has rustc; then
        fail "missing: a Rust toolchain, $RUST_MIN or newer" \
            "install it: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    fi
    version=$(rustc --version | sed 's/^rustc \([0-9.]*\).*/\1/')
    is_at_least "$version" "$RUST_MIN" ||
        fail "the Rust toolchain is $version; Inkstone needs $RUST_MIN or newer" "update it: rustup update stable"
}

missing=
for purpose in "$@"; do
    for need in $(needs_of "$purpose"); do
        has "$need" || missing="$missing $need"
    done
done
if [ -n "$missing" ] && [ -n "${NEEDS_ONLY_CHECK:-}" ]; then
    fail "missing:$missing"
fi
case "$missing " in
# Gigabytes, and not in every distribution's own archive: that is for a person to decide.
*" nvcc "*)
    fail "missing: the CUDA toolkit, with nvcc on PATH" \
        "install it: https://developer.nvidia.com/cuda-downloads (Debian: nvidia-cuda-toolkit, of the component non-free)"
    ;;
*" metal "*) fail "Metal is Apple's: build this on a Mac, with Xcode's command line tools" ;;
esac
if [ -n "$missing" ]; then
    # shellcheck disable=SC2086 # several needs
    if command -v apt-get >/dev/null; then install_with_apt $missing; else tell_missing $missing; fi
fi
check_rust

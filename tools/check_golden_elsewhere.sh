#!/bin/sh
# Check the golden files on other processors: tools/check_golden_elsewhere.sh [ARCH...]
#
# Runs tests/golden_check.py in QEMU's user-mode emulation, with Python, numpy and
# OpenBLAS from Debian's packages for each architecture: 64-bit and 32-bit ARM, IBM Z
# (big-endian) and 32-bit x86 unless told. Nothing is installed: packages are unpacked
# into a temporary folder (about 1 GB). Where there is no apt-get it does nothing.
set -eu

cd "$(dirname "$0")/.."
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "skipped: no apt-get"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# apt ARCH COMMAND...: with lists and downloads of its own, and nothing installed
apt() {
    own=$work/apt-$1
    mkdir -p "$own/state/lists/partial" "$own/cache/archives/partial"
    : >"$own/status"
    arch=$1
    shift
    apt-get -qq -o Dir::State="$own/state" -o Dir::State::status="$own/status" \
        -o Dir::Cache="$own/cache" -o APT::Architecture="$arch" \
        -o APT::Architectures="$arch" -o APT::Install-Recommends=false \
        -o APT::Sandbox::User="$(id -un)" "$@"
}

# unpack ARCH PACKAGE...: with all that they depend on, into $work/ARCH
unpack() {
    target=$1
    shift
    # A list that cannot be fetched matters only if a package is missing then.
    apt "$target" update 2>/dev/null || true
    apt "$target" install --yes --download-only "$@" >/dev/null
    mkdir -p "$work/$target"
    for package in "$work/apt-$target"/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$work/$target"
    done
}

# check ARCH TRIPLET EMULATOR
check() {
    unpack "$1" python3 python3-numpy libopenblas0-pthread
    root=$work/$1
    libraries=$root/usr/lib/$2
    "$work/host/usr/bin/qemu-$3-static" -L "$root" \
        -E LD_LIBRARY_PATH="$libraries/openblas-pthread:$libraries/blas:$libraries/lapack" \
        -E PYTHONPATH="$PWD:$root/usr/lib/python3/dist-packages" \
        -E PYTHONDONTWRITEBYTECODE=1 -E OPENBLAS_NUM_THREADS=1 \
        "$root/usr/bin/python3" -m tests.golden_check
}

unpack "$(dpkg --print-architecture)" qemu-user-static
mv "$work/$(dpkg --print-architecture)" "$work/host"
for arch in ${*:-arm64 armhf s390x i386}; do
    case $arch in
    arm64) check arm64 aarch64-linux-gnu aarch64 ;;
    armhf) check armhf arm-linux-gnueabihf arm ;;
    s390x) check s390x s390x-linux-gnu s390x ;;
    i386) check i386 i386-linux-gnu i386 ;;
    *) echo "$arch: not known here" && exit 2 ;;
    esac
done

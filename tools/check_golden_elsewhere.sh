#!/bin/sh
# Check the golden files on other processors: tools/check_golden_elsewhere.sh [ARCH...]
#
# Runs tests/golden_check.py in QEMU's user-mode emulation, with Python, numpy and
# OpenBLAS from Debian's packages for each architecture: 64-bit and 32-bit ARM, IBM Z
# (big-endian) and 32-bit x86 unless told. On 64-bit ARM, ONNX Runtime runs as well, if
# pip finds it. haswell, nehalem and the like, models of QEMU, run the Python of this
# machine on an older x86 processor. FOLDERS="quadrants" checks these files only.
# Nothing is installed: packages are unpacked into a temporary folder (about 1 GB).
# Where there is no apt-get it does nothing.
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

# wheels ARCH: ONNX Runtime and a numpy for it, from the package index
wheels() {
    mkdir -p "$work/$1/wheels"
    python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.11 \
        --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 \
        --platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64 \
        -d "$work/$1/wheels" onnxruntime==1.22.1 numpy==2.2.6 || return 0
    for wheel in "$work/$1"/wheels/*.whl; do
        python3 -m zipfile -e "$wheel" "$work/$1/site"
    done
}

# check_here CPU: the Python of this machine, on another x86 processor
check_here() {
    "$work/host/usr/bin/qemu-x86_64-static" -cpu "$1" -E PYTHONDONTWRITEBYTECODE=1 \
        -E PYTHONPATH="$PWD" -E OPENBLAS_NUM_THREADS=1 \
        "$(command -v python3)" -m tests.golden_check ${FOLDERS:-}
}

# check ARCH TRIPLET EMULATOR
check() {
    unpack "$1" python3 python3-numpy libopenblas0-pthread libstdc++6
    root=$work/$1
    libraries=$root/usr/lib/$2
    "$work/host/usr/bin/qemu-$3-static" -L "$root" \
        -E LD_LIBRARY_PATH="$libraries/openblas-pthread:$libraries/blas:$libraries/lapack" \
        -E PYTHONPATH="$PWD:$root/site:$root/usr/lib/python3/dist-packages" \
        -E PYTHONDONTWRITEBYTECODE=1 -E OPENBLAS_NUM_THREADS=1 \
        "$root/usr/bin/python3" -m tests.golden_check ${FOLDERS:-}
}

host=$(dpkg --print-architecture)
unpack "$host" qemu-user-static
mv "$work/$host" "$work/host"
rm -r "$work/apt-$host"
for arch in ${*:-arm64 armhf s390x i386}; do
    case $arch in
    arm64) wheels arm64 && check arm64 aarch64-linux-gnu aarch64 ;;
    armhf) check armhf arm-linux-gnueabihf arm ;;
    s390x) check s390x s390x-linux-gnu s390x ;;
    i386) check i386 i386-linux-gnu i386 ;;
    *) check_here "$arch" ;;
    esac
done

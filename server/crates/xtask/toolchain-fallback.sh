#!/usr/bin/env bash
# Sets up a compiler for wasm on machines where `rustup target add wasm32-unknown-unknown` cannot download.
# Debian (security) packages a current rustc with the source of the standard library. This script unpacks the packages into one
# folder and compiles the standard library for wasm there. It installs nothing on the system.
#
#   toolchain-fallback.sh FOLDER
set -euo pipefail

mkdir -p "$1"
folder=$(cd "$1" && pwd)
usr=$folder/usr
triple=wasm32-unknown-unknown
host=$(rustc -vV | sed -n 's/^host: //p')
rm -rf "$usr" "$folder/deb" "$folder/std"
mkdir -p "$folder/deb" "$folder/std/src"

for tool in apt-get apt-cache dpkg-deb; do
  command -v "$tool" >/dev/null || { echo "no $tool on this system" >&2; exit 1; }
done
if ! apt-cache show rustc-web >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ]; then apt-get update -qq; else sudo -n apt-get update -qq; fi
fi

# The package names of the runtime and of LLVM contain version numbers.
depends() { apt-cache depends "$1" | sed -n "s/^  Depends: \($2\)\$/\1/p"; }
runtime=$(depends libstd-rust-web-dev 'libstd-rust-web-[0-9.]*')
llvm=$(depends "$runtime" 'libllvm[0-9]*')
[ -n "$runtime" ] && [ -n "$llvm" ] || { echo "no package rustc-web on this system" >&2; exit 1; }
(cd "$folder/deb" && apt-get -o APT::Sandbox::User=root download -qq rustc-web libstd-rust-web-dev "$runtime" "$llvm" rust-web-src)
for package in "$folder"/deb/*.deb; do
  case $package in
    */rust-web-src_*) # only the standard library's source
      dpkg-deb --fsys-tarfile "$package" |
        tar -x -C "$folder" --wildcards './usr/lib/rustlib/*' './usr/src/rustc-*/library' ;;
    *) dpkg-deb -x "$package" "$folder" ;;
  esac
done

# The compiler looks for its shared libraries in the system's folders; LD_LIBRARY_PATH is set for its process only.
cat > "$usr/bin/rustc-wasm" <<'WRAPPER'
#!/bin/sh
usr=$(dirname "$(readlink -f "$0")")/..
LD_LIBRARY_PATH=$(echo "$usr"/lib/*-linux-gnu) exec "$usr/bin/rustc" "$@"
WRAPPER
chmod +x "$usr/bin/rustc-wasm"

# Debian's compiler has no linker for wasm; use the one of rustup's compiler.
tools=lib/rustlib/$host/bin
mkdir -p "$usr/$tools"
ln -sfn "$(rustc --print sysroot)/$tools/rust-lld" "$usr/$tools/rust-lld"

# Compiles the standard library as a dependency of an empty crate. Embedded bitcode lets link-time optimisation include it.
cat > "$folder/std/Cargo.toml" <<'MANIFEST'
[package]
name = "empty"
version = "0.0.0"
edition = "2024"

[workspace]

[profile.release]
opt-level = "s"
codegen-units = 1
panic = "abort"
MANIFEST
echo '#![no_std]' > "$folder/std/src/lib.rs"
RUSTC="$usr/bin/rustc-wasm" RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes cargo build --quiet --release \
  --manifest-path "$folder/std/Cargo.toml" --target-dir "$folder/std/target" --target "$triple" \
  -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size,panic-unwind
library=$usr/lib/rustlib/$triple/lib
rm -rf "$library"
mkdir -p "$library"
find "$folder/std/target/$triple/release/deps" -name '*.rlib' ! -name 'libempty-*' -exec cp {} "$library" \;
rm -rf "$folder/deb" "$folder/std" "$usr/src" "$usr/lib/rustlib/src" "$usr/share"

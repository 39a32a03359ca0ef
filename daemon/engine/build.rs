//! Gathers llama.cpp's shared objects into `<target>/<profile>/inkstone-native/`, where the engine
//! looks for them first, and gives the tests of this crate an rpath to it.
//!
//! The -sys crate leaves versioned libraries and CPU variants in its own output folder, whose name
//! holds a hash; a program copied elsewhere could not find them there.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=DEP_LLAMA_BACKENDS_DIR");
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| missing("OUT_DIR"))?);
    let backends = PathBuf::from(
        env::var_os("DEP_LLAMA_BACKENDS_DIR").ok_or_else(|| missing("DEP_LLAMA_BACKENDS_DIR"))?,
    );
    let native = profile_dir(&out_dir)?.join("inkstone-native");
    fs::create_dir_all(&native)?;
    let libraries = backends
        .parent()
        .map(|out| out.join("lib"))
        .ok_or_else(|| missing("lib"))?;
    copy_libraries(&libraries, &native)?;
    copy_libraries(&backends, &native)?;
    remove_dangling_links(profile_dir(&out_dir)?)?;
    if env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("unix") {
        let origin = if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("macos") {
            "@loader_path"
        } else {
            "$ORIGIN"
        };
        println!("cargo:rustc-link-arg=-Wl,-rpath,{origin}/../inkstone-native");
    }
    Ok(())
}

/// `<target>/<profile>` of `<target>/<profile>/build/<package>/out`.
fn profile_dir(out_dir: &Path) -> io::Result<&Path> {
    out_dir
        .ancestors()
        .nth(3)
        .ok_or_else(|| missing("profile directory above OUT_DIR"))
}

/// Copies every shared library by the name that the loader asks for (`libllama.so.0`), following
/// links; names with a full version are reached through it and left out.
fn copy_libraries(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let extension = path.extension().unwrap_or_default();
        let is_library =
            name.contains(".so.") || ["so", "dylib", "dll"].iter().any(|kind| extension == *kind);
        // `libllama.so` is only for linkers; the loader asks for `libllama.so.0`.
        let is_link_time_name = extension == "so" && path.is_symlink();
        let has_full_version = name
            .rsplit(".so.")
            .next()
            .is_some_and(|v| v != name && v.contains('.'));
        if !is_library || is_link_time_name || has_full_version || !path.is_file() {
            continue;
        }
        let target = to.join(name);
        let unchanged = fs::metadata(&target).is_ok_and(|old| {
            fs::metadata(&path).is_ok_and(|new| {
                old.len() == new.len() && old.modified().ok() >= new.modified().ok()
            })
        });
        if !unchanged {
            // A running daemon may have the old file mapped: replace the name, not the content.
            let temporary = to.join(format!("{name}.new"));
            fs::copy(&path, &temporary)?;
            fs::rename(&temporary, &target)?;
        }
    }
    Ok(())
}

/// Removes the links `libllama.so -> libllama.so.0` that the -sys crate leaves in the profile folder
/// without their targets: nothing uses them, and its next build (other features, say `vulkan`)
/// would stop at them with "File exists".
fn remove_dangling_links(profile: &Path) -> io::Result<()> {
    for folder in [
        profile.to_owned(),
        profile.join("deps"),
        profile.join("examples"),
    ] {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry?.path();
            let is_library = path.extension().is_some_and(|extension| extension == "so");
            if is_library && path.is_symlink() && !path.exists() {
                fs::remove_file(&path)?;
            }
        }
    }
    Ok(())
}

fn missing(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::NotFound,
        format!("{what} is not set; build with cargo"),
    )
}

//! Gathers llama.cpp's shared objects into `<target>/<profile>/inkstone-native/`, where the engine
//! looks for them first, and gives the tests of this crate an rpath to it. With the feature of a
//! graphics card it builds that card's backend as one more of them.
//!
//! The -sys crate leaves versioned libraries and CPU variants in its own output folder, whose name
//! holds a hash; a program copied elsewhere could not find them there.
//!
//! Its own features for graphics cards are not used: another set of features means that all of
//! llama.cpp is compiled anew, eight minutes for a backend that takes two, and `vulkan` makes the
//! daemon itself need Vulkan's loader. A backend that is only loaded at run time does no harm where
//! no driver is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs, io};

/// A backend for graphics cards, which the feature of its name builds.
struct GpuBackend {
    feature: &'static str,
    name: &'static str,
    /// What CMake has to be told beside `GGML_<FEATURE>=ON`.
    options: &'static [&'static str],
    /// What its build needs, for the error message.
    needs: &'static str,
}

const GPU_BACKENDS: [GpuBackend; 3] = [
    GpuBackend {
        feature: "VULKAN",
        name: "vulkan",
        options: &[],
        needs: "Vulkan's headers and loader, glslc and the SPIR-V headers; Debian: apt-get install libvulkan-dev glslc spirv-headers",
    },
    GpuBackend {
        feature: "CUDA",
        name: "cuda",
        // Several cards at once are not used.
        options: &["-DGGML_CUDA_NCCL=OFF"],
        needs: "the CUDA toolkit with nvcc on PATH",
    },
    GpuBackend {
        feature: "METAL",
        name: "metal",
        options: &["-DGGML_METAL_EMBED_LIBRARY=ON"],
        needs: "Xcode's command line tools",
    },
];

/// What CMake is told of every such backend: only it is to be built, for any machine.
const CMAKE_OPTIONS: [&str; 14] = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=ON",
    "-DGGML_BACKEND_DL=ON",
    "-DGGML_NATIVE=OFF",
    "-DGGML_CPU=OFF",
    "-DGGML_CCACHE=OFF",
    // Without the path of this build, and beside the other libraries wherever those are.
    "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
    "-DCMAKE_INSTALL_RPATH=$ORIGIN",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_BUILD_COMMON=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_SERVER=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_TOOLS=OFF",
];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=native");
    println!("cargo:rerun-if-env-changed=DEP_LLAMA_BACKENDS_DIR");
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| missing("OUT_DIR"))?);
    let backends = PathBuf::from(
        env::var_os("DEP_LLAMA_BACKENDS_DIR").ok_or_else(|| missing("DEP_LLAMA_BACKENDS_DIR"))?,
    );
    let llama = backends.parent().ok_or_else(|| missing("lib"))?;
    let native = profile_dir(&out_dir)?.join("inkstone-native");
    fs::create_dir_all(&native)?;
    copy_libraries(&llama.join("lib"), &native)?;
    copy_libraries(&backends, &native)?;
    let llama_built = newest_in(&llama.join("lib"))?;
    for backend in GPU_BACKENDS {
        let target = native.join(module_name(backend.name)?);
        if env::var_os(format!("CARGO_FEATURE_{}", backend.feature)).is_some() {
            let library = build_gpu_backend(&backend, llama, &out_dir)?;
            copy_library(&library, &native)?;
            // Its time says which llama.cpp it is for, and is before the start of this script, as
            // cargo wants of a file that it is to watch; it looks whether somebody has removed it.
            fs::File::open(&target)?.set_modified(llama_built)?;
            println!("cargo:rerun-if-changed={}", target.display());
        } else if fs::metadata(&target).is_ok_and(|file| file.modified().ok() != Some(llama_built))
        {
            // Left from another llama.cpp. One for this stays though the feature is off, as who
            // tests with it and without in turn wants.
            fs::remove_file(&target)?;
        }
    }
    compile_guard(llama);
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
        if is_library && !is_link_time_name && !has_full_version && path.is_file() {
            copy_library(&path, to)?;
        }
    }
    Ok(())
}

fn copy_library(path: &Path, to: &Path) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| missing("file name"))?;
    let target = to.join(name);
    let unchanged = fs::metadata(&target).is_ok_and(|old| {
        fs::metadata(path)
            .is_ok_and(|new| old.len() == new.len() && old.modified().ok() >= new.modified().ok())
    });
    if !unchanged {
        // A running daemon may have the old file mapped: replace the name, not the content.
        let mut temporary = target.clone().into_os_string();
        temporary.push(".new");
        fs::copy(path, &temporary)?;
        fs::rename(&temporary, &target)?;
    }
    Ok(())
}

/// When the newest file of a folder was written.
fn newest_in(folder: &Path) -> io::Result<SystemTime> {
    fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.metadata().ok()?.modified().ok())
        .max()
        .ok_or_else(|| missing("lib"))
}

/// Builds one backend from the source that the -sys crate has compiled, for the ggml that it has
/// made; returns the shared object.
fn build_gpu_backend(backend: &GpuBackend, llama: &Path, out_dir: &Path) -> io::Result<PathBuf> {
    let source = source_of(llama)?;
    // Not in the folder of this script's output: there is one for each set of packages that is built
    // together, and shaders take minutes. One for each version, since CMake wants its source to stay.
    let version = source.parent().and_then(Path::file_name);
    let build = profile_dir(out_dir)?
        .join("inkstone-gpu")
        .join(version.ok_or_else(|| missing("version of llama.cpp"))?)
        .join(backend.name);
    fs::create_dir_all(&build)?;
    let jobs = env::var("NUM_JOBS").unwrap_or_else(|_| "1".to_owned());
    let mut configure = Command::new("cmake");
    configure
        .arg("-S")
        .arg(&source)
        .arg("-B")
        .arg(&build)
        .arg(format!("-DGGML_{}=ON", backend.feature))
        .args(backend.options)
        .args(CMAKE_OPTIONS);
    // On by itself on a Mac, and not asked for.
    if backend.name != "metal" {
        configure.arg("-DGGML_METAL=OFF");
    }
    if backend.name == "vulkan" && env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("unix") {
        let manifest_dir =
            env::var("CARGO_MANIFEST_DIR").map_err(|_| missing("CARGO_MANIFEST_DIR"))?;
        configure.arg(format!(
            "-DCMAKE_CXX_FLAGS=-include \"{manifest_dir}/native/vulkan_headers.hpp\""
        ));
    }
    run(&mut configure, backend)?;
    let mut compile = Command::new("cmake");
    compile.arg("--build").arg(&build).args([
        "--config",
        "Release",
        "--parallel",
        &jobs,
        "--target",
    ]);
    run(compile.arg(format!("ggml-{}", backend.name)), backend)?;
    let name = module_name(backend.name)?;
    // Generators that build several configurations put each in its own folder.
    [
        build.join("bin").join(&name),
        build.join("bin").join("Release").join(&name),
    ]
    .into_iter()
    .find(|path| path.is_file())
    .ok_or_else(|| missing(&name))
}

fn run(command: &mut Command, backend: &GpuBackend) -> io::Result<()> {
    let failed = |what: String| {
        let GpuBackend { name, needs, .. } = backend;
        io::Error::other(format!(
            "the {name} backend was not built: cmake {what}; it needs {needs}"
        ))
    };
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(format!("ended with {status}"))),
        Err(error) => Err(failed(format!("did not start: {error}"))),
    }
}

/// The source of llama.cpp, as CMake has noted it where the -sys crate built it.
fn source_of(llama: &Path) -> io::Result<PathBuf> {
    let cache = fs::read_to_string(llama.join("build").join("CMakeCache.txt"))?;
    cache
        .lines()
        .find_map(|line| line.strip_prefix("CMAKE_HOME_DIRECTORY:INTERNAL="))
        .map(PathBuf::from)
        .ok_or_else(|| missing("CMAKE_HOME_DIRECTORY"))
}

/// What a backend's shared object is called. CMake's modules end with `.so` on a Mac as well.
fn module_name(backend: &str) -> io::Result<String> {
    let family = env::var("CARGO_CFG_TARGET_FAMILY");
    Ok(
        match family
            .map_err(|_| missing("CARGO_CFG_TARGET_FAMILY"))?
            .as_str()
        {
            "windows" => format!("ggml-{backend}.dll"),
            _ => format!("libggml-{backend}.so"),
        },
    )
}

/// Compiles what stands between Rust and the exceptions of C++.
fn compile_guard(llama: &Path) {
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .file("native/guard.cpp")
        .include(llama.join("include"))
        .warnings(true)
        .compile("inkstone_guard");
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

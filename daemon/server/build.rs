//! Gives `inkstoned` an rpath to llama.cpp's libraries: beside the binary as cargo builds it and as
//! an archive unpacks, and in `../lib` as a package installs it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").as_deref() != Ok("unix") {
        return;
    }
    let origin = if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("macos") {
        "@loader_path"
    } else {
        "$ORIGIN"
    };
    for folder in [
        "inkstone-native",
        "../inkstone-native",
        "../lib/inkstone-native",
    ] {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{origin}/{folder}");
    }
}

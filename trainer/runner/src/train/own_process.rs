//! What a training sets for its whole process, before the first thread: how many threads compute, and
//! that memory which is given back is kept for the next layer.
//!
//! Both are read from the environment, once, by what they are meant for: candle reads `/proc/cpuinfo`
//! at every product unless `RAYON_NUM_THREADS` is set, and glibc maps and unmaps each large buffer,
//! whose pages the system then has to clear again. On two cores a pass with its gradient over 256
//! tokens of SmolLM2-135M took a quarter less time with both. So the program begins itself again, with
//! the same arguments, process number and files.

use std::ffi::{OsStr, OsString};

/// How many threads rayon, and so candle, computes with.
const THREADS: &str = "RAYON_NUM_THREADS";
/// How glibc's allocator is told; other libraries do not read it.
const ALLOCATOR: &str = "GLIBC_TUNABLES";
/// No buffer is mapped on its own, and the heap's end is never given back.
const KEEPS_MEMORY: &str =
    "glibc.malloc.mmap_threshold=4294967295:glibc.malloc.trim_threshold=4294967295";

/// Begins this program again with so many threads and an allocator that keeps memory, unless somebody
/// has chosen the threads already. Where that cannot be, it goes on as it is, only slower.
#[cfg(unix)]
pub fn begin_again(threads: usize) {
    use std::os::unix::process::CommandExt as _;

    if std::env::var_os(THREADS).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else {
        return;
    };
    let allocator = allocator(std::env::var_os(ALLOCATOR).as_deref());
    // Comes back only where it failed.
    let error = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(THREADS, threads.to_string())
        .env(ALLOCATOR, allocator)
        .exec();
    eprintln!("inkstone-trainer: trains with the memory and threads it has: {error}");
}

/// Where a process cannot take its own place.
#[cfg(not(unix))]
pub fn begin_again(_threads: usize) {}

/// What somebody asked of the allocator before stays, and counts where it says the same.
fn allocator(asked: Option<&OsStr>) -> OsString {
    let mut all = OsString::from(KEEPS_MEMORY);
    if let Some(asked) = asked.filter(|asked| !asked.is_empty()) {
        // The last of two values counts.
        all.push(":");
        all.push(asked);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_of_the_allocator_stays() {
        assert_eq!(allocator(None), KEEPS_MEMORY);
        assert_eq!(allocator(Some(OsStr::new(""))), KEEPS_MEMORY);
        let asked = allocator(Some(OsStr::new("glibc.malloc.arena_max=1")));
        let asked = asked.to_str().unwrap();
        assert!(asked.starts_with(KEEPS_MEMORY) && asked.ends_with(":glibc.malloc.arena_max=1"));
    }
}

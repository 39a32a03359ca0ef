//! What the machine has: cores, memory, disk.

use inkstone_settings::Directories;

use super::check::Check;

/// Free memory under which the smallest model of the catalogue gets tight: its weights, context
/// and buffers.
const MEMORY_BYTES_WANTED: u64 = 400_000_000;
/// Free disk under which the smallest model cannot be fetched.
const DISK_BYTES_WANTED: u64 = 300_000_000;
const BYTES_PER_MB: u64 = 1_000_000;

pub(super) fn look(directories: &Directories) -> Vec<Check> {
    let data = directories.data_dir();
    // The directory may not exist yet; what counts is the file system.
    let disk_free_bytes = data
        .ancestors()
        .find_map(|folder| inkstone_platform::free_bytes(folder).ok());
    vec![
        Check::well(
            "processor",
            format!(
                "{} cores, {} threads",
                inkstone_platform::physical_cores(),
                inkstone_platform::logical_cores()
            ),
        ),
        amount(
            "memory",
            inkstone_platform::memory_available_bytes(),
            MEMORY_BYTES_WANTED,
            "close other programs, or choose a smaller model: inkstone model list",
        ),
        amount(
            "disk",
            disk_free_bytes,
            DISK_BYTES_WANTED,
            "free some space before you fetch another model",
        ),
    ]
}

fn amount(what: &str, free_bytes: Option<u64>, wanted_bytes: u64, remedy: &str) -> Check {
    match free_bytes {
        None => Check::note(what, "this system does not tell how much is free", None),
        Some(bytes) if bytes < wanted_bytes => {
            let detail = format!("only {} MB free", bytes / BYTES_PER_MB);
            Check::note(what, detail, Some(remedy.to_owned()))
        }
        Some(bytes) => Check::well(what, format!("{} MB free", bytes / BYTES_PER_MB)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_noted_with_what_helps() {
        let shown = |free| amount("disk", free, 100_000_000, "tidy up").shown(false);
        assert_eq!(shown(Some(250_000_000)), "ok     disk: 250 MB free\n");
        assert_eq!(
            shown(Some(50_000_000)),
            "note   disk: only 50 MB free\n       → tidy up\n"
        );
        assert!(shown(None).starts_with("note"));
    }
}

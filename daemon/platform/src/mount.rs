//! Which file system a path lies on, and whether the system tells of changes there.

use std::fs::Metadata;
use std::path::Path;

/// The number of the file system that something lies on; the same for all where there is none.
pub fn device(metadata: &Metadata) -> u64 {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::dev(metadata);
    #[cfg(not(unix))]
    {
        let _ = metadata;
        0
    }
}

/// Whether others may change files at `path` without this system hearing of it: network drives, and
/// file systems that a program serves. False where the system does not tell.
pub fn may_change_unheard(path: &Path) -> bool {
    #[cfg(target_os = "linux")]
    return rustix::fs::statfs(path).is_ok_and(|stat| is_remote(number(&stat)));
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        false
    }
}

/// The number of the type; its own width and sign differ between architectures.
#[cfg(target_os = "linux")]
fn number(stat: &rustix::fs::StatFs) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Reason: 32 bits are known.
    let low = stat.f_type as u32;
    u64::from(low)
}

/// The numbers of `linux/magic.h`, and of the drivers that define their own.
#[cfg(target_os = "linux")]
fn is_remote(magic: u64) -> bool {
    const REMOTE: &[u64] = &[
        0x6969,      // NFS
        0x517B,      // SMB
        0xFF53_4D42, // CIFS
        0xFE53_4D42, // SMB2
        0x7375_7245, // Coda
        0x5346_414F, // AFS
        0x6B41_4653, // the kernel's own AFS
        0x0102_1997, // 9P
        0x00C3_6400, // Ceph
        0x0BD0_0BD0, // Lustre
        0x6573_5546, // FUSE: sshfs, rclone and the like
    ];
    REMOTE.contains(&magic)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_told_by_their_number_and_local_ones_are_not() {
        const EXT4: u64 = 0xEF53;
        const TMPFS: u64 = 0x0102_1994;
        assert!(is_remote(0x6969));
        assert!(is_remote(0xFF53_4D42));
        assert!(!is_remote(EXT4));
        assert!(!is_remote(TMPFS));
        assert!(!may_change_unheard(Path::new("/proc")));
        assert!(!may_change_unheard(Path::new("/no/such/folder")));
    }

    #[test]
    fn what_is_mounted_elsewhere_has_another_number() {
        let of = |path: &str| device(&std::fs::metadata(path).unwrap());
        assert_ne!(of("/proc"), of("/"));
        assert_eq!(of("/proc/self"), of("/proc"));
    }
}

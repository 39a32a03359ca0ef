//! Memory: what is free for us, what a process holds. The memory plan of the engine, `status` and
//! the measurements call it.

use crate::system;

/// Memory that can be taken without pushing others to disk, limits of a container included. None
/// where the system does not tell.
pub fn memory_available_bytes() -> Option<u64> {
    system::memory_available_bytes()
}

/// Gives memory that was freed, but is kept for later by the allocator, back to the system: a
/// process that is about to rest has no later soon. Does nothing where the allocator does so by
/// itself.
pub fn give_back_freed_memory() {
    #[cfg(target_os = "linux")]
    system::give_back_freed_memory();
}

/// Resident memory of this process, mapped files included, as the system counts it.
pub fn own_rss_bytes() -> Option<u64> {
    rss_bytes(std::process::id())
}

/// Resident memory of a process; none when it has ended, belongs to somebody else, or the system
/// does not tell.
pub fn rss_bytes(pid: u32) -> Option<u64> {
    system::rss_bytes(pid)
}

#[cfg(all(test, any(target_os = "linux", target_os = "macos", windows)))]
mod tests {
    use super::*;
    use std::sync::{Mutex, PoisonError};

    /// Both tests watch the memory of the one process that they run in.
    static ALONE: Mutex<()> = Mutex::new(());

    #[test]
    fn some_memory_is_available() {
        assert!(memory_available_bytes().unwrap() > 1 << 20);
    }

    #[test]
    fn touched_memory_is_resident_and_a_process_that_never_was_holds_none() {
        const TOUCHED_BYTES: usize = 64 << 20;
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let before = own_rss_bytes().unwrap();
        let touched = vec![1_u8; TOUCHED_BYTES];
        let after = own_rss_bytes().unwrap();
        assert!(
            after - before > TOUCHED_BYTES as u64 / 2,
            "{before} → {after}"
        );
        assert_eq!(
            touched.iter().map(|&byte| usize::from(byte)).sum::<usize>(),
            TOUCHED_BYTES
        );
        assert_eq!(rss_bytes(u32::MAX), None);
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn memory_freed_in_small_pieces_goes_back_to_the_system() {
        const PIECES: usize = 1 << 20;
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let before = own_rss_bytes().unwrap();
        let pieces: Vec<Box<[u8; 48]>> = (0..PIECES).map(|_| Box::new([1; 48])).collect();
        let held = own_rss_bytes().unwrap() - before;
        drop(pieces);
        // What other tests hold meanwhile is small.
        give_back_freed_memory();
        let kept = own_rss_bytes().unwrap().saturating_sub(before);
        assert!(kept < held / 2, "{kept} of {held} bytes are kept");
    }
}

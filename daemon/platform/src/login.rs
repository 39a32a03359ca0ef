//! Since when the machine runs. Marks that must not outlive a login carry it.

use crate::system;

/// Names this run of the machine: another after each boot. None where the system has no such name.
pub fn boot_id() -> Option<String> {
    system::boot_id()
}

#[cfg(all(test, any(target_os = "linux", target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn the_boot_has_a_name_that_stays() {
        let id = boot_id().unwrap();
        assert!(!id.trim().is_empty());
        assert_eq!(boot_id(), Some(id));
    }
}

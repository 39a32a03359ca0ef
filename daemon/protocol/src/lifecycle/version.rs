//! Which of two builds is newer.

use semver::Version;

/// Whether `a` is newer than `b`. A version that cannot be read is not newer than anything.
pub(super) fn is_newer(a: &str, b: &str) -> bool {
    match (Version::parse(a), Version::parse(b)) {
        (Ok(a), Ok(b)) => a > b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_a_release_is_newer_than_its_candidate() {
        assert!(is_newer("0.10.0", "0.9.9"));
        assert!(is_newer("1.0.0", "1.0.0-rc.1"));
        assert!(!is_newer("0.1.0", "0.1.0"));
        assert!(!is_newer("0.1.0", "0.2.0"));
        assert!(!is_newer("new", "0.2.0"));
        assert!(!is_newer("9.0.0", "?"));
    }
}

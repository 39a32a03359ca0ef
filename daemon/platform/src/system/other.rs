//! Systems we know nothing special about: processes can be looked up, the rest is not told.

pub(crate) fn boot_id() -> Option<String> {
    None
}

pub(crate) fn is_alive(pid: u32) -> bool {
    #[cfg(unix)]
    return super::unix::is_in_process_table(pid);
    #[cfg(not(unix))]
    return pid != 0;
}

pub(crate) fn rss_bytes(_pid: u32) -> Option<u64> {
    None
}

pub(crate) fn memory_available_bytes() -> Option<u64> {
    None
}

//! How many processor cores this process may use. The daemon sizes its thread pool by it.

use std::num::NonZeroUsize;

/// Hardware threads that this process may use: container quotas and affinity count.
pub fn logical_cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Cores that this process may use, two hardware threads of one core counted once. Matrix products
/// keep a core's units busy with one thread; a second one only gets in its way.
pub fn physical_cores() -> usize {
    num_cpus::get_physical().clamp(1, logical_cores())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_core_and_no_more_cores_than_hardware_threads() {
        assert!((1..=logical_cores()).contains(&physical_cores()));
    }
}

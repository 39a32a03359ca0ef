//! Whether the machine runs on its battery, and how hot its processor is: what work that can wait
//! asks before it begins. Linux tells; of other systems nothing is known.

#[cfg(target_os = "linux")]
use crate::system;

/// Whether the machine runs on its battery; none where it has none or the system does not tell.
pub fn on_battery() -> Option<bool> {
    #[cfg(target_os = "linux")]
    return system::on_battery();
    #[cfg(not(target_os = "linux"))]
    None
}

/// The hottest of the machine's thermal zones in degrees Celsius; none where the system does not
/// tell.
pub fn hottest_celsius() -> Option<f64> {
    #[cfg(target_os = "linux")]
    return system::hottest_celsius();
    #[cfg(not(target_os = "linux"))]
    None
}

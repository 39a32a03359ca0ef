//! Linux: power supplies and thermal zones below `/sys/class`.

use std::fs;
use std::path::{Path, PathBuf};

/// Entries looked at of each class: machines have a handful.
const ENTRIES_MAX: usize = 256;
/// What a sensor says beyond these is a fault of the sensor.
const CELSIUS_SANE: std::ops::Range<f64> = 1.0..130.0;

pub(crate) fn on_battery() -> Option<bool> {
    on_battery_of(Path::new("/sys/class/power_supply"))
}

pub(crate) fn hottest_celsius() -> Option<f64> {
    hottest_celsius_of(Path::new("/sys/class/thermal"))
}

/// A battery of the machine itself that is being emptied, and nothing from outside that is plugged in.
/// Those of mice and headsets say that they are a device's.
fn on_battery_of(supplies: &Path) -> Option<bool> {
    let mut of_machine = entries(supplies);
    of_machine.retain(|supply| word(supply, "scope").as_deref() != Some("Device"));
    let is_battery = |supply: &PathBuf| word(supply, "type").as_deref() == Some("Battery");
    let (batteries, outside): (Vec<_>, Vec<_>) = of_machine.into_iter().partition(is_battery);
    if batteries.is_empty() {
        return None;
    }
    let is_plugged = outside
        .iter()
        .any(|supply| word(supply, "online").as_deref() == Some("1"));
    let is_emptied = |battery: &PathBuf| word(battery, "status").as_deref() == Some("Discharging");
    Some(!is_plugged && batteries.iter().any(is_emptied))
}

fn hottest_celsius_of(zones: &Path) -> Option<f64> {
    let temperatures = entries(zones).into_iter().filter_map(|zone| {
        let thousandths: f64 = word(&zone, "temp")?.parse().ok()?;
        Some(thousandths / 1_000.0)
    });
    temperatures
        .filter(|celsius| CELSIUS_SANE.contains(celsius))
        .max_by(f64::total_cmp)
}

fn entries(class: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(class).into_iter().flatten().flatten();
    entries
        .take(ENTRIES_MAX)
        .map(|entry| entry.path())
        .collect()
}

fn word(entry: &Path, file: &str) -> Option<String> {
    let text = fs::read_to_string(entry.join(file)).ok()?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(entries: &[(&str, &[(&str, &str)])]) -> tempfile::TempDir {
        let class = tempfile::tempdir().unwrap();
        for (entry, files) in entries {
            fs::create_dir(class.path().join(entry)).unwrap();
            for (file, text) in *files {
                fs::write(class.path().join(entry).join(file), format!("{text}\n")).unwrap();
            }
        }
        class
    }

    #[test]
    fn a_battery_that_is_emptied_with_nothing_plugged_in_is_what_counts() {
        let emptied: &[(&str, &str)] = &[("type", "Battery"), ("status", "Discharging")];
        let mouse: &[(&str, &str)] = &[
            ("type", "Battery"),
            ("status", "Discharging"),
            ("scope", "Device"),
        ];
        let plugged: &[(&str, &str)] = &[("type", "Mains"), ("online", "1")];
        let unplugged: &[(&str, &str)] = &[("type", "Mains"), ("online", "0")];
        let check = |entries: &[(&str, &[(&str, &str)])], expected| {
            assert_eq!(on_battery_of(class(entries).path()), expected);
        };
        check(&[("BAT0", emptied), ("AC", unplugged)], Some(true));
        check(&[("BAT0", emptied), ("AC", plugged)], Some(false));
        check(
            &[("BAT0", &[("type", "Battery"), ("status", "Full")])],
            Some(false),
        );
        check(&[("mouse", mouse), ("AC", plugged)], None);
        check(&[], None);
        assert_eq!(on_battery_of(Path::new("/没有")), None);
    }

    #[test]
    fn the_hottest_zone_counts_and_broken_sensors_do_not() {
        let zones = class(&[
            ("thermal_zone0", &[("temp", "45500")]),
            ("thermal_zone1", &[("temp", "61000")]),
            ("thermal_zone2", &[("temp", "-274000")]),
            ("thermal_zone3", &[("temp", "200000")]),
            ("cooling_device0", &[]),
        ]);
        assert_eq!(hottest_celsius_of(zones.path()), Some(61.0));
        assert_eq!(hottest_celsius_of(Path::new("/没有")), None);
    }
}

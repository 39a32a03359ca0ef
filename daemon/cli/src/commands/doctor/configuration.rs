//! Whether the user's settings file says only what it may.

use inkstone_settings::Loaded;

use super::check::Check;

pub(super) fn look(loaded: &Loaded) -> Vec<Check> {
    if loaded.problems.is_empty() {
        return vec![Check::well("settings", "read without problems")];
    }
    let remedy = "correct the file, then run: inkstone doctor";
    loaded
        .problems
        .iter()
        .map(|problem| Check::fault("settings", problem.to_string(), remedy))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_settings::Layer;
    use std::path::Path;

    #[test]
    fn every_problem_of_the_file_is_a_fault() {
        let mut loaded = Loaded::default();
        assert!(!look(&loaded)[0].is_fault());
        loaded.apply_file_text(
            Layer::User,
            Path::new("inkstone.toml"),
            "nonsense = 1\n[completion]\nstop = 3\n",
        );
        let checks = look(&loaded);
        assert_eq!(checks.len(), 2);
        assert!(checks.iter().all(Check::is_fault));
    }
}

//! Who may use whom among our own crates: what cargo knows against the table of ARCHITECTURE.md.
//!
//! Crates of `tests/` may use everything, and everything's tests may use `inkstone-test-support`.

use crate::Finding;
use crate::metadata::{DependencyKind, Member, Metadata};
use crate::rules::architecture::Table;

const EDGE_REMEDY: &str =
    "turn the dependency around, or change the table in ARCHITECTURE.md in the same commit";
const ROW_REMEDY: &str = "make the table in ARCHITECTURE.md name the crates of the workspace";

/// Edges that the table does not have, crates without a row and rows without a crate.
pub fn check(metadata: &Metadata, table: &Table) -> Vec<Finding> {
    let mut findings = Vec::new();
    let shipped: Vec<&Member> = metadata
        .members
        .iter()
        .filter(|member| is_shipped(member))
        .collect();
    for member in &shipped {
        match table.iter().find(|(name, _)| is_named(member, name)) {
            Some((_, allowed)) => findings.extend(check_member(metadata, member, allowed)),
            None => findings.push(Finding::new(
                &member.folder,
                "has no row in the table",
                ROW_REMEDY,
            )),
        }
    }
    for name in table
        .iter()
        .flat_map(|(name, uses)| std::iter::once(name).chain(uses))
    {
        if !shipped.iter().any(|member| is_named(member, name)) {
            let problem = format!("the table names `{name}`, which is no crate");
            findings.push(Finding::new("ARCHITECTURE.md", problem, ROW_REMEDY));
        }
    }
    findings.dedup();
    findings
}

fn check_member(metadata: &Metadata, member: &Member, allowed: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, kind) in &member.dependencies {
        let Some(target) = metadata.member(name) else {
            continue;
        };
        let is_test_only = *kind == DependencyKind::Development && !is_shipped(target);
        if is_test_only
            || target.id == member.id
            || allowed.iter().any(|name| is_named(target, name))
        {
            continue;
        }
        let what = if *kind == DependencyKind::Development {
            "tests use"
        } else {
            "uses"
        };
        let problem = format!("{what} {}, which the table does not allow", target.folder);
        findings.push(Finding::new(&member.folder, problem, EDGE_REMEDY));
    }
    findings
}

/// Whether the crate is part of what is shipped.
fn is_shipped(member: &Member) -> bool {
    !member.folder.starts_with("tests/")
}

/// Whether the table means this crate: by its folder, or by the folder's last name.
fn is_named(member: &Member, name: &str) -> bool {
    member.folder == name || (!name.contains('/') && member.folder.rsplit('/').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(folder: &str, dependencies: &[(&str, DependencyKind)]) -> Member {
        let name = folder.replace('/', "-");
        let dependencies = dependencies
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), *kind))
            .collect();
        Member {
            id: name.clone(),
            name,
            folder: folder.to_owned(),
            dependencies,
        }
    }

    fn found(members: Vec<Member>, rows: &[(&str, &[&str])]) -> Vec<String> {
        let metadata = Metadata {
            members,
            ..Metadata::default()
        };
        let row = |(name, uses): &(&str, &[&str])| {
            (
                (*name).to_owned(),
                uses.iter().map(|name| (*name).to_owned()).collect(),
            )
        };
        let table = rows.iter().map(row).collect();
        check(&metadata, &table)
            .into_iter()
            .map(|finding| finding.problem)
            .collect()
    }

    const TEXT: (&str, DependencyKind) = ("lsp-text", DependencyKind::Normal);

    #[test]
    fn an_edge_that_the_table_has_is_allowed() {
        let members = vec![member("lsp/text", &[]), member("lsp/server", &[TEXT])];
        let none: &[&str] = &[];
        assert_eq!(
            found(members, &[("text", none), ("lsp/server", &["text"])]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn an_edge_that_the_table_lacks_is_found_for_code_build_scripts_and_tests() {
        for kind in [
            DependencyKind::Normal,
            DependencyKind::Build,
            DependencyKind::Development,
        ] {
            let members = vec![
                member("lsp/text", &[]),
                member("lsp/prose", &[("lsp-text", kind)]),
            ];
            let found = found(members, &[("text", &[]), ("prose", &[])]);
            assert_eq!(found.len(), 1, "{kind:?}");
            assert!(found[0].contains("lsp/text"), "{found:?}");
        }
    }

    #[test]
    fn tests_may_use_test_crates_and_test_crates_everything() {
        let support = ("tests-support", DependencyKind::Development);
        let members = vec![
            member("lsp/text", &[support]),
            member("tests/support", &[TEXT]),
        ];
        assert_eq!(found(members, &[("text", &[])]), Vec::<String>::new());
        let linked = ("tests-support", DependencyKind::Normal);
        let members = vec![member("lsp/text", &[linked]), member("tests/support", &[])];
        assert_eq!(found(members, &[("text", &[])]).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_and_a_row_without_a_crate_are_found() {
        let found = found(vec![member("lsp/text", &[])], &[("prose", &[])]);
        assert_eq!(found.len(), 2, "{found:?}");
    }
}

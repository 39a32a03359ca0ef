//! Several addresses of one person, as a `.mailmap` names them. Pure: the text comes from the caller.
//!
//! Git itself applies it to what it says of authors. Here it is read the other way round, for the
//! proposal of who the owner of a folder may be.

/// Lines that are read; the largest that are known have a few thousand.
const LINES_MAX: usize = 100_000;

/// The addresses that count as the same person as `email`, in small letters, without it.
pub fn aliases(mailmap: &str, email: &str) -> Vec<String> {
    let email = email.to_lowercase();
    let groups: Vec<Vec<String>> = mailmap.lines().take(LINES_MAX).map(addresses).collect();
    let mut same: Vec<String> = vec![email];
    let mut at = 0;
    // An alias may be the proper address of others.
    while let Some(known) = same.get(at).cloned() {
        for group in groups.iter().filter(|group| group.contains(&known)) {
            for address in group {
                if !same.contains(address) {
                    same.push(address.clone());
                }
            }
        }
        at += 1;
    }
    same.remove(0);
    same
}

/// The addresses of a line, `Proper Name <proper@x> Commit Name <commit@x>`.
fn addresses(line: &str) -> Vec<String> {
    let line = line.split('#').next().unwrap_or_default();
    let mut addresses = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once('<')
        && let Some((address, behind)) = after.split_once('>')
    {
        let address = address.trim().to_lowercase();
        if !address.is_empty() {
            addresses.push(address);
        }
        rest = behind;
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAILMAP: &str = "\
# people
Ann Lee <ann@new.example> <ann@old.example>
Ann Lee <ann@new.example> 安 <Ann@Work.example>
Ben <ben@x.example>
Ben <ben@x.example> <ann-not@x.example> # <ann@old.example>
<<> broken
";

    #[test]
    fn all_addresses_of_a_person_are_found_from_any_of_them() {
        let mut found = aliases(MAILMAP, "ANN@old.example");
        found.sort();
        assert_eq!(found, ["ann@new.example", "ann@work.example"]);
        assert_eq!(aliases(MAILMAP, "ben@x.example"), ["ann-not@x.example"]);
        assert_eq!(aliases(MAILMAP, "nobody@x.example"), [""; 0]);
    }
}

//! Which files are read, and why others are not.

use crate::desk::Desk;

#[test]
fn documents_are_found_in_the_order_of_a_walk_and_the_rest_has_a_reason() {
    let mut desk = Desk::new();
    for path in [
        "章/一.md",
        "章.md",
        "a/z.org",
        "a-b.txt",
        "a.tex",
        "main.rs",
        "README",
        "Makefile",
    ] {
        desk.write(path, path);
    }
    let looked = desk.look();
    let expected = [
        "+ README",
        "+ a/z.org",
        "+ a-b.txt",
        "+ a.tex",
        "+ 章/一.md",
        "+ 章.md",
    ];
    let added: Vec<&String> = looked.iter().filter(|line| line.starts_with('+')).collect();
    assert_eq!(added, expected);
    for path in ["main.rs", "Makefile"] {
        assert!(
            looked.contains(&format!("! {path}: no_format")),
            "{looked:?}"
        );
    }
    assert_eq!(desk.known(), expected.map(|line| line[2..].to_owned()));
}

#[test]
fn ignore_files_of_all_kinds_hidden_files_and_excludes_are_respected() {
    let mut desk = Desk::new();
    desk.git(&["init", "-q"]);
    desk.write(".gitignore", "drafts/\n*.tmp.md\n!keep.tmp.md\n");
    desk.write(".ignore", "quoted.md\n");
    desk.write("in/.inkstoneignore", "secret*.md\n!secret-no.md\n");
    desk.write(".git/info/exclude", "excluded.md\n");
    for path in [
        "drafts/a.md",
        "b.tmp.md",
        "keep.tmp.md",
        "quoted.md",
        "in/secret 日记.md",
        "in/secret-no.md",
        "excluded.md",
        ".hidden.md",
        ".obsidian/x.md",
        "node_modules/p/README.md",
        "private/a.md",
        "in/private/b.md",
        "notes/private.md",
        "ok.md",
    ] {
        desk.write(path, path);
    }
    desk.options.exclude.push("private/".to_owned());
    let expected = [
        "+ in/secret-no.md",
        "+ keep.tmp.md",
        "+ notes/private.md",
        "+ ok.md",
    ];
    assert_eq!(desk.look(), expected);
}

#[test]
fn a_single_file_is_looked_at_by_the_rules_of_the_folders_above_it() {
    let mut desk = Desk::new();
    desk.write(".ignore", "drafts/\n");
    desk.write("drafts/deep/a.md", "a");
    desk.write("node_modules/b.md", "b");
    desk.write("in/c.md", "c");
    desk.write("in/d.md", "d");
    let scopes = ["drafts/deep/a.md", "node_modules", "in/c.md", "none/e.md"];
    assert_eq!(desk.look_at(&scopes), ["+ in/c.md"]);
}

#[test]
fn a_pattern_of_the_settings_that_is_none_is_named() {
    let desk = Desk::new();
    for pattern in ["a[", "!a"] {
        let mut options = desk.options.clone();
        options.exclude.push(pattern.to_owned());
        let error = inkstone_trainer::walk::walk(&desk.root, &options)
            .err()
            .unwrap();
        assert!(
            error.to_string().contains(&format!("`{pattern}`")),
            "{error}"
        );
    }
}

#[test]
fn formats_that_are_off_and_large_files_are_skipped_with_a_reason() {
    let mut desk = Desk::new();
    desk.options.file_bytes_max = 8;
    desk.options
        .formats
        .retain(|format| *format != inkstone_corpus::format::Format::Html);
    desk.write("a.md", "12345678");
    desk.write("b.md", "123456789");
    desk.write("c.html", "x");
    let expected = ["+ a.md", "! b.md: too_large", "! c.html: format_off"];
    assert_eq!(desk.look(), expected);
}

#[test]
fn files_beyond_the_limit_are_left_out_and_what_is_known_of_them_stays() {
    let mut desk = Desk::new();
    for name in ["a.md", "b.md", "c.md", "d.md"] {
        desk.write(name, name);
    }
    assert_eq!(desk.look(), ["+ a.md", "+ b.md", "+ c.md", "+ d.md"]);
    desk.options.files_max = 2;
    assert_eq!(desk.look(), ["! c.md: too_many_files"]);
    std::fs::remove_file(desk.at("d.md")).unwrap();
    assert_eq!(desk.look(), ["! c.md: too_many_files", "- d.md"]);
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use crate::desk::Desk;

    #[test]
    fn links_in_circles_and_out_of_the_folder_are_not_followed() {
        let mut desk = Desk::new();
        let outside = Desk::new();
        outside.write("secret.md", "not added");
        desk.write("in/a.md", "a");
        symlink(desk.at(""), desk.at("in/circle")).unwrap();
        symlink(outside.at("secret.md"), desk.at("in/linked.md")).unwrap();
        symlink(&outside.root, desk.at("elsewhere")).unwrap();
        symlink(desk.at("x.md"), desk.at("x.md")).unwrap();
        let looked = desk.look();
        let added: Vec<_> = looked.iter().filter(|line| line.starts_with('+')).collect();
        assert_eq!(added, ["+ in/a.md"]);
        for path in ["in/linked.md", "x.md"] {
            let line = format!("! {path}: symbolic_link");
            assert!(looked.contains(&line), "{looked:?}");
        }
    }

    #[test]
    fn a_pipe_and_a_socket_are_never_opened() {
        let mut desk = Desk::new();
        let mode = Mode::RUSR | Mode::WUSR;
        mknodat(CWD, desk.at("pipe.md"), FileType::Fifo, mode, 0).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(desk.at("socket.txt")).unwrap();
        desk.write("z.md", "z");
        // A pipe that is opened for reading would wait here for ever.
        let expected = [
            "! pipe.md: not_a_file",
            "! socket.txt: not_a_file",
            "+ z.md",
        ];
        assert_eq!(desk.look(), expected);
    }

    #[test]
    fn a_name_that_is_not_text_is_skipped() {
        let mut desk = Desk::new();
        let name = OsStr::from_bytes(b"caf\xe9.md");
        std::fs::write(desk.root.join(name), "x").unwrap();
        desk.write("a\nb.md", "x");
        desk.write("a\u{1}/b.md", "x");
        desk.write("emoji 👩‍👩‍👧 e\u{301}.md", "x");
        let mut looked = desk.look();
        looked.sort();
        let skipped = looked
            .iter()
            .filter(|line| line.ends_with(": name_not_text"));
        assert_eq!(skipped.count(), 3, "{looked:?}");
        assert_eq!(desk.known(), ["emoji 👩‍👩‍👧 e\u{301}.md"]);
    }
}

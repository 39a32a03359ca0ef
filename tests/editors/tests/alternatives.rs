//! Several suggestions to choose from, in both Neovims: keys go through them, the count says which.

use std::time::Duration;

use inkstone_editor_tests::neovim::Neovim;
use inkstone_editor_tests::scene::Scene;
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, eventually};

const ENGLISH: &str = "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, \
                       and the fishermen stood in small groups,";
const CHINESE: &str = "今天早上我去公园散步,看到很多老人在打太极拳。湖边的柳树已经发芽了,空气里";
const MIXED: &str = "# Harbour 日记\n\n暴风雨过后的早晨，渔民们用 WhatsApp 告诉大家，港口的";

/// How long Neovim may take to do what a command asks.
const WAIT: Duration = Duration::from_secs(30);

/// Goes once around; what is shown is told by the count, and comes again at the end.
fn go_around(neovim: &Neovim<'_>) -> Vec<String> {
    let first = neovim.await_shown();
    neovim.keys("<M-]>");
    let count = eventually(Duration::from_secs(90), "others", || neovim.count());
    let of = count.split_once('/').map(|(_, of)| of.to_owned());
    let of = of.unwrap_or_else(|| panic!("{count:?} is no count"));
    let number: usize = of
        .parse()
        .unwrap_or_else(|_| panic!("{count:?} is no count"));
    assert!(number > 1, "there is a choice: {count}");
    let second = neovim.await_count(&format!("2/{of}"));
    let mut shown = vec![first.clone(), second];
    for at in 3..=number {
        neovim.keys("<M-]>");
        shown.push(neovim.await_count(&format!("{at}/{of}")));
    }
    neovim.keys("<M-]>");
    assert_eq!(neovim.await_count(&format!("1/{of}")), first);
    let different: std::collections::BTreeSet<&String> = shown.iter().collect();
    assert_eq!(different.len(), shown.len(), "{shown:?}");
    shown
}

in_both! {
    fn keys_go_through_them_and_back_and_the_shown_one_is_taken_by_word(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        neovim.keys("A");
        let shown = go_around(&neovim);
        let words: Vec<&str> = shown.iter().filter_map(|text| text.split_whitespace().next()).collect();
        assert_ne!(words[0], words[1]);
        neovim.keys("<M-]>");
        let second = neovim.await_count(&format!("2/{}", shown.len()));
        neovim.keys("<M-[>");
        neovim.await_count(&format!("1/{}", shown.len()));
        neovim.keys("<M-]>");
        assert_eq!(neovim.await_count(&format!("2/{}", shown.len())), second);
        neovim.keys("<M-Right>");
        neovim.await_text(&format!("{ENGLISH} {}", words[1]));
        let rest = neovim.await_shown();
        assert_eq!(format!(" {}{rest}", words[1]), second);
        eventually(WAIT, "the count of accepted ones", || {
            (neovim.status()["suggestions"]["accepted"] == 1).then_some(())
        });
        neovim.keys("<Tab>");
        neovim.await_text(&format!("{ENGLISH}{second}"));
    }

    fn the_chosen_one_stays_while_it_is_typed(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        neovim.keys("A");
        let shown = go_around(&neovim);
        neovim.keys("<M-]>");
        let second = neovim.await_count(&format!("2/{}", shown.len()));
        // All begin with a space, so all still fit.
        neovim.keys("<Space>");
        neovim.await_text(&format!("{ENGLISH} "));
        eventually(WAIT, "the rest, without the daemon", || {
            (neovim.status()["document"]["decision"]["outcome"] == "reused").then_some(())
        });
        eventually(WAIT, "the chosen one", || (neovim.shown()? == second[1..]).then_some(()));
        assert_eq!(neovim.count().as_deref(), Some(format!("2/{}", shown.len()).as_str()));
    }

    fn chinese_ones_begin_with_different_characters(program) {
        let scene = Scene::with_models(CHINESE, &[ENGLISH_MODEL, CHINESE_MODEL]);
        let neovim = Neovim::start(&scene, program);
        neovim.keys("A");
        // The gate may hold the first back; a key does not.
        neovim.await_shown_pressing("<M-Bslash>");
        let shown = go_around(&neovim);
        assert_ne!(shown[0].chars().next(), shown[1].chars().next());
        neovim.keys("<M-]><Tab>");
        neovim.await_text(&format!("{CHINESE}{}", shown[1]));
    }

    fn one_is_all_where_the_settings_say_so(program) {
        let scene = Scene::with_models(MIXED, &[ENGLISH_MODEL, CHINESE_MODEL]);
        let one = "vim.lsp.config('inkstone', { init_options = { completion = { alternatives = 1 } } })";
        let neovim = Neovim::start_with(&scene, program, one);
        neovim.keys("GA");
        let shown = neovim.await_shown_pressing("<M-Bslash>");
        neovim.keys("<M-]>");
        assert_eq!(neovim.await_count("1/1"), shown);
    }
}

//! Neovim 0.12, which draws suggestions itself, and 0.11, where our plugin does: the same promises.

use std::time::Duration;

use inkstone_editor_tests::neovim::Neovim;
use inkstone_editor_tests::place::EditorProgram;
use inkstone_editor_tests::scene::Scene;
use inkstone_test_support::{
    ENGLISH_MODEL, HomeProcess, PATIENT_SETTINGS, bin, eventually, eventually_or,
};

const ENGLISH: &str = "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, \
                       and the fishermen stood in small groups,";

/// How long Neovim may take to do what a command asks.
const WAIT: Duration = Duration::from_secs(30);

/// Waits until the last request brought nothing for this reason. As a person does who waits for the
/// model to load, types a character and takes it back now and then.
fn await_reason(neovim: &Neovim<'_>, reason: &str) {
    for _ in 0..WAIT.as_secs() {
        let found = eventually_or(Duration::from_secs(3), || {
            (neovim.status()["document"]["decision"]["reason"] == reason).then_some(())
        });
        if found.is_some() {
            return;
        }
        neovim.keys("x<BS>");
    }
    panic!("{reason} is not the reason: {}", neovim.status());
}

in_both! {
    fn a_suggestion_is_displayed_and_taken_whole(program) {
        let scene = Scene::new(&format!("# Harbour\n\n{ENGLISH}\n"));
        let neovim = Neovim::start(&scene, program);
        neovim.keys("GA");
        let suggestion = neovim.await_shown();
        assert_eq!(neovim.text(), format!("# Harbour\n\n{ENGLISH}"), "shown, not inserted");
        neovim.keys("<Tab>");
        neovim.await_text(&format!("# Harbour\n\n{ENGLISH}{suggestion}"));
        let status = neovim.status();
        assert_eq!(status["suggestions"]["accepted"], 1, "{status}");
        assert_eq!(status["daemon"]["state"], "up", "{status}");
    }

    fn typing_into_a_suggestion_keeps_its_rest(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        neovim.keys("A");
        let suggestion = neovim.await_shown();
        let typed: String = suggestion.chars().take(3).collect();
        neovim.keys(&typed.replace(' ', "<Space>"));
        neovim.await_text(&format!("{ENGLISH}{typed}"));
        // Taken at once, before any new answer: nothing may appear twice.
        neovim.keys("<Tab>");
        neovim.await_text(&format!("{ENGLISH}{suggestion}"));
    }

    fn a_dismissed_suggestion_leaves_the_text_alone(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        neovim.keys("A");
        neovim.await_shown();
        neovim.keys("<C-]>");
        neovim.await_nothing_shown();
        assert_eq!(neovim.text(), ENGLISH);
        let status = neovim.status();
        assert_eq!(status["suggestions"]["rejected"], 1, "{status}");
        assert_eq!(status["suggestions"]["accepted"], 0, "{status}");
    }

    fn a_ready_suggestion_waits_for_its_key(program) {
        let scene = Scene::new(ENGLISH);
        let on_key = "vim.lsp.config('inkstone', { init_options = { completion = { reveal = 'on_key' } } })";
        let neovim = Neovim::start_with(&scene, program, on_key);
        neovim.keys("A");
        await_reason(&neovim, "held_for_key");
        assert_eq!(neovim.shown(), None);
        neovim.keys("<M-Bslash>");
        let suggestion = neovim.await_shown_pressing("<M-Bslash>");
        let status = neovim.status();
        assert_eq!(status["suggestions"]["offered"], 1, "{status}");
        neovim.keys("<Tab>");
        neovim.await_text(&format!("{ENGLISH}{suggestion}"));
    }

    fn nothing_comes_while_an_input_method_composes_or_in_a_read_only_buffer(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        neovim.keys("A");
        neovim.await_shown();
        neovim.lua("require('inkstone').composing(true)");
        neovim.await_nothing_shown();
        neovim.keys(" and");
        await_reason(&neovim, "composing");
        neovim.lua("require('inkstone').composing(false)");
        neovim.await_shown();
        neovim.keys("<Esc>:set readonly<CR>A so");
        await_reason(&neovim, "read_only");
        assert_eq!(neovim.shown(), None);
    }

    fn coming_back_to_the_editor_brings_the_model_back(program) {
        let scene = Scene::new(ENGLISH);
        scene.home.write_config(&format!("{PATIENT_SETTINGS}idle_unload_s = 1\n"));
        let neovim = Neovim::start(&scene, program);
        let model = || {
            let status = scene.command(&bin("inkstone")).args(["status", "--json"]).output().ok()?;
            let status: serde_json::Value = serde_json::from_slice(&status.stdout).ok()?;
            let mut models = status["daemon"]["models"].as_array()?.iter();
            models.find(|model| model["name"] == ENGLISH_MODEL).cloned()
        };
        // Opening has loaded it, and nobody has typed since.
        eventually(WAIT, "a model that was put away", || {
            model().filter(|model| model["state"] == "unloaded" && model["loads"] == 1)
        });
        neovim.lua("vim.api.nvim_exec_autocmds('FocusLost', {})");
        neovim.lua("vim.api.nvim_exec_autocmds('FocusGained', {})");
        eventually(WAIT, "the model's return", || model().filter(|model| model["loads"] == 2));
    }

    fn leaving_insert_mode_removes_the_suggestion(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        neovim.keys("A");
        neovim.await_shown();
        neovim.keys("<Esc>");
        neovim.await_nothing_shown();
        assert_eq!(neovim.text(), ENGLISH);
    }

    fn a_key_does_what_it_always_did_when_nothing_is_shown(program) {
        let scene = Scene::new("list:");
        let own = "vim.keymap.set('i', '<M-Right>', '->')\n\
                   vim.keymap.set('i', '<C-]>', function() return '!' end, { expr = true })";
        let neovim = Neovim::start_with(&scene, program, own);
        neovim.keys(":Inkstone toggle<CR>");
        neovim.keys("A<Tab>a<M-Right>b<C-]>");
        // Markdown indents with spaces here, to the next column that four divides.
        neovim.await_text("list:   a->b!");
    }

    fn a_mapped_expression_means_what_it_meant_before(program) {
        let scene = Scene::new("list:");
        let own = r#"vim.cmd([[inoremap <expr> <Tab> col('.') < 99 ? "\<Left>" : "\<Tab>"]])
            vim.cmd([[inoremap <expr> <M-Right> "“<b>\<Left>\<lt>Left>"]])
            vim.cmd([[imap <expr> <M-Down> 6 * 7]])
            vim.keymap.set('i', '<C-]>', function() vim.g.acted = 'alone' end, { expr = true })"#;
        let neovim = Neovim::start_with(&scene, program, own);
        neovim.keys(":Inkstone toggle<CR>");
        neovim.keys("A<Tab><Tab>-<M-Right>+<M-Down>.<C-]>");
        neovim.await_text("lis-“<+42.b>t:");
        assert_eq!(neovim.lua("vim.g.acted"), "alone");
        assert_eq!(neovim.lua("vim.v.errmsg"), "");
    }

    fn after_the_daemon_was_killed_the_next_suggestion_comes(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        neovim.keys("A");
        neovim.await_shown();
        neovim.keys("<C-]>");
        neovim.await_nothing_shown();
        let killed = scene.home.daemons();
        killed.iter().for_each(HomeProcess::kill);
        neovim.keys(" and");
        neovim.await_text(&format!("{ENGLISH} and"));
        let suggestion = neovim.await_shown();
        neovim.keys("<Tab>");
        neovim.await_text(&format!("{ENGLISH} and{suggestion}"));
        let running = scene.home.daemons();
        assert!(running.len() == 1 && running != killed, "{killed:?}, then {running:?}");
    }

    fn offsets_hold_between_chinese_emoji_and_combining_marks(program) {
        let before = "《日记》👨‍👩‍👧 cafe\u{301}：";
        let after = "。他说：“好”。";
        for encoding in ["utf-8", "utf-16", "utf-32"] {
            let scene = Scene::new(&format!("{before}{after}\n"));
            let only = format!(
                "vim.lsp.config('inkstone', {{ capabilities = {{ general = {{ positionEncodings = {{ '{encoding}' }} }} }} }})"
            );
            let neovim = Neovim::start_with(&scene, program, &only);
            assert_eq!(neovim.status()["position_encoding"], encoding);
            // Before text on the same line a suggestion comes only by key.
            neovim.keys(&format!("/。<CR>i{ENGLISH}"));
            neovim.await_text(&format!("{before}{ENGLISH}{after}"));
            neovim.keys("<M-Bslash>");
            let suggestion = neovim.await_shown_pressing("<M-Bslash>");
            neovim.keys("<Tab>");
            neovim.await_text(&format!("{before}{ENGLISH}{suggestion}{after}"));
        }
    }

    fn checkhealth_finds_no_fault(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        neovim.keys("A");
        neovim.await_shown();
        neovim.keys("<Esc>:checkhealth inkstone<CR>");
        let report = eventually(
            WAIT,
            "the health report",
            || Some(neovim.text()).filter(|text| text.contains("installed: ")),
        );
        for part in ["inkstone-lsp", "attached to 1 buffer", "the daemon answers", "smollm2-135m-instruct"] {
            assert!(report.contains(part), "{part} is missing:\n{report}");
        }
        assert!(!report.contains("ERROR") && !report.contains("WARNING"), "{report}");
    }

    fn commands_show_the_status_and_open_the_log(program) {
        let scene = Scene::new(ENGLISH);
        let neovim = Neovim::start(&scene, program);
        neovim.keys(":Inkstone status<CR>");
        eventually(WAIT, "the status", || {
            let messages = neovim.lua("vim.fn.execute('messages')");
            messages.as_str().filter(|text| text.contains("suggestions are on")).map(str::to_owned)
        });
        neovim.keys(":Inkstone log<CR>");
        eventually(WAIT, "the log", || {
            let name = neovim.lua("vim.api.nvim_buf_get_name(0)");
            name.as_str().filter(|name| name.ends_with("inkstone-lsp.log")).map(str::to_owned)
        });
    }
}

/// On 0.12 only: there Neovim removes what it drew once the key is done, and cancels what is asked.
#[test]
fn asking_while_a_suggestion_is_shown_brings_the_next() {
    let scene = Scene::new(ENGLISH);
    let neovim = Neovim::start(&scene, EditorProgram::Neovim);
    neovim.keys("A");
    neovim.await_shown();
    neovim.keys("<M-Bslash>");
    // What was asked by key is drawn by the plugin.
    let ghost = "vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_get_namespaces()['inkstone.ghost'], 0, -1, {})";
    eventually(WAIT, "an answer to the key", || {
        neovim.lua(ghost).as_array()?.first().map(|_| ())
    });
    let suggestion = neovim.await_shown();
    neovim.keys("<Tab>");
    neovim.await_text(&format!("{ENGLISH}{suggestion}"));
}

#[test]
fn an_unknown_option_is_refused_by_name() {
    let scene = Scene::new("");
    let neovim = Neovim::start(&scene, EditorProgram::Neovim);
    let refused = neovim.lua("select(2, pcall(require('inkstone').setup, { key = {} }))");
    assert!(
        refused
            .as_str()
            .is_some_and(|why| why.contains("`key`") && why.contains("keys")),
        "{refused}"
    );
}

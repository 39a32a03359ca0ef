//! Which adapter a request gets: a rule of one line, so that `status` can say why. Pure.

use inkstone_prose::Language;
use inkstone_store::WorkspaceId;

use super::CheckedAdapter;
use super::genres::Genre;

/// What a request is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serving) struct Asked {
    /// The language around the caret.
    pub(in crate::serving) language: Language,
    /// The added folder that the document lies in.
    pub(in crate::serving) workspace: Option<WorkspaceId>,
    /// What kind of writing the document is, where that is known.
    pub(in crate::serving) genre: Option<Genre>,
}

/// Of the adapters that are for this folder, genre and language, or for more than these, the one that is
/// for least: of the folder before of all folders, then of the genre before of all genres, then of the
/// language before of all languages; of equals the first, which is the newest.
pub(super) fn choose(adapters: &[CheckedAdapter], asked: Asked) -> Option<&CheckedAdapter> {
    let fitting = adapters.iter().filter(|adapter| {
        let language = adapter.language.as_deref();
        let genre = adapter.genre.as_deref().map(Genre::named);
        (genre.is_none() || genre == asked.genre)
            && language.is_none_or(|tag| is_for(tag, asked.language))
            && (adapter.workspace.is_none() || adapter.workspace == asked.workspace)
    });
    // `rev`, since the last of equals is taken.
    fitting.rev().max_by_key(|adapter| {
        let (folder, genre) = (adapter.workspace.is_some(), adapter.genre.is_some());
        (folder, genre, adapter.language.is_some())
    })
}

/// Whether an adapter for the language of this tag is for a caret in that language. Languages that
/// cannot be told apart there are one.
fn is_for(tag: &str, language: Language) -> bool {
    let told_apart = [Language::English, Language::Chinese].map(Language::tag);
    tag == language.tag() || language == Language::Other && !told_apart.contains(&tag)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use inkstone_scheduler::Adapter;
    use inkstone_store::{Added, Identities, Store};

    use super::*;

    fn workspaces() -> [WorkspaceId; 2] {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("db")).unwrap();
        ["/essays", "/日记"].map(|path| {
            let added = store.add_workspace(Path::new(path), &Identities::default(), 1);
            match added.unwrap() {
                Added::New(id) | Added::Known(id) => id,
            }
        })
    }

    fn adapter(
        name: &str,
        language: Option<&str>,
        workspace: Option<WorkspaceId>,
    ) -> CheckedAdapter {
        CheckedAdapter {
            name: name.to_owned(),
            key: Adapter(1),
            path: PathBuf::new(),
            sha256: inkstone_models::Sha256::of(b""),
            bytes: 0,
            language: language.map(str::to_owned),
            genre: None,
            workspace,
        }
    }

    fn chosen(
        adapters: &[CheckedAdapter],
        language: Language,
        workspace: Option<WorkspaceId>,
    ) -> Option<&str> {
        chosen_for(adapters, language, workspace, None)
    }

    fn chosen_for<'a>(
        adapters: &'a [CheckedAdapter],
        language: Language,
        workspace: Option<WorkspaceId>,
        genre: Option<&str>,
    ) -> Option<&'a str> {
        let asked = Asked {
            language,
            workspace,
            genre: genre.map(Genre::named),
        };
        choose(adapters, asked).map(|adapter| adapter.name.as_str())
    }

    #[test]
    fn the_folder_counts_before_the_language_and_both_before_neither() {
        let [essays, diary] = workspaces();
        let all = [
            adapter("any", None, None),
            adapter("en", Some("en"), None),
            adapter("essays", None, Some(essays)),
            adapter("essays-en", Some("en"), Some(essays)),
        ];
        let (english, chinese) = (Language::English, Language::Chinese);
        assert_eq!(chosen(&all, english, Some(essays)), Some("essays-en"));
        assert_eq!(chosen(&all, chinese, Some(essays)), Some("essays"));
        assert_eq!(chosen(&all, english, Some(diary)), Some("en"));
        assert_eq!(chosen(&all, english, None), Some("en"));
        assert_eq!(chosen(&all, chinese, None), Some("any"));
        assert_eq!(chosen(&all, Language::Other, None), Some("any"));
    }

    #[test]
    fn nothing_is_worn_where_nothing_is_for_it_and_of_equals_the_newest() {
        let [essays, _] = workspaces();
        assert_eq!(chosen(&[], Language::English, None), None);
        let chinese = [
            adapter("zh", Some("zh"), None),
            adapter("old", Some("zh"), None),
        ];
        assert_eq!(chosen(&chinese, Language::English, Some(essays)), None);
        assert_eq!(chosen(&chinese, Language::Chinese, None), Some("zh"));
    }

    #[test]
    fn the_genre_counts_after_the_folder_and_before_the_language() {
        let [essays, diary] = workspaces();
        let of_genre = |name: &str, genre: &str, workspace| CheckedAdapter {
            genre: Some(genre.to_owned()),
            ..adapter(name, Some("en"), workspace)
        };
        let all = [
            adapter("en", Some("en"), None),
            of_genre("letters", "correspondence", None),
            of_genre("essays-blog", "blog", Some(essays)),
            adapter("essays", None, Some(essays)),
        ];
        let english =
            |workspace, genre| chosen_for(&all, Language::English, Some(workspace), genre);
        assert_eq!(english(diary, Some("correspondence")), Some("letters"));
        assert_eq!(english(diary, Some("blog")), Some("en"));
        assert_eq!(english(diary, None), Some("en"), "not known");
        assert_eq!(english(essays, Some("correspondence")), Some("essays"));
        assert_eq!(english(essays, Some("blog")), Some("essays-blog"));
        let chinese = chosen_for(&all, Language::Chinese, None, Some("correspondence"));
        assert_eq!(chinese, None);
    }
}

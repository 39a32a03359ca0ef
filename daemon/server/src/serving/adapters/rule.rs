//! Which adapter a request gets: a rule of one line, so that `status` can say why. Pure.

use inkstone_prose::Language;
use inkstone_store::WorkspaceId;

use super::CheckedAdapter;

/// What a request is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serving) struct Asked {
    /// The language around the caret.
    pub(in crate::serving) language: Language,
    /// The added folder that the document lies in.
    pub(in crate::serving) workspace: Option<WorkspaceId>,
}

/// Of the adapters that are for this folder and language, or for more than these, the one that is for
/// least: of the folder before of all folders, of the language before of all languages; of equals the
/// first, which is the newest. One that is for a genre is worn by name only: which genre a document
/// is of is not known while it is written.
pub(super) fn choose(adapters: &[CheckedAdapter], asked: Asked) -> Option<&CheckedAdapter> {
    let fitting = adapters.iter().filter(|adapter| {
        let language = adapter.language.as_deref();
        adapter.genre.is_none()
            && language.is_none_or(|tag| is_for(tag, asked.language))
            && (adapter.workspace.is_none() || adapter.workspace == asked.workspace)
    });
    // `rev`, since the last of equals is taken.
    fitting
        .rev()
        .max_by_key(|adapter| (adapter.workspace.is_some(), adapter.language.is_some()))
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
        let asked = Asked {
            language,
            workspace,
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
    fn one_of_a_genre_is_worn_by_name_only() {
        let of_genre = CheckedAdapter {
            genre: Some("letter".to_owned()),
            ..adapter("letters", Some("en"), None)
        };
        assert_eq!(chosen(&[of_genre], Language::English, None), None);
    }
}

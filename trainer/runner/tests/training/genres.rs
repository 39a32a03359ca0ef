//! A training on one kind of writing alone.

use std::fs;

use inkstone_corpus::Genre;
use inkstone_store::AdapterScope;
use inkstone_trainer::train::order::{Outcome, Reason};

use crate::desk::{Desk, SHORT, calm, write_prose};

#[test]
fn a_training_of_a_genre_learns_from_its_documents_alone_and_is_for_them() {
    let mut desk = Desk::new(SHORT);
    let Some(()) = write_prose(&desk, 60) else {
        return;
    };
    // Letters, which say by their form what they are.
    for number in 0..12 {
        let letter = format!(
            "Dear Anna,\n\nThank you for your letter of the {number}th, which came this morning. We are all well here, and the children ask for you. I shall write again when I know more of the house in lane {number}.\n\nYours sincerely,\nAnn\n"
        );
        fs::write(desk.writing().join(format!("letter-{number}.md")), letter).unwrap();
    }
    let mut store = desk.store();
    desk.genre = Some(Genre::Correspondence);
    let few = desk.train(&mut store, &calm(), Reason::Now);
    assert!(matches!(few, Outcome::TooSmall { .. }), "{few:?}");
    // What most of the author's documents are taken for.
    let known = store.document_genres(1_000).unwrap();
    let of = |genre: &str| known.iter().filter(|one| one.genre == genre).count();
    let names = inkstone_corpus::dataset::names::genre;
    let most = Genre::ALL.into_iter().max_by_key(|genre| of(names(*genre)));
    desk.genre = most;
    let genre = names(most.unwrap());
    assert!(of(genre) < known.len(), "all of one kind: {known:?}");
    let outcome = desk.train(&mut store, &calm(), Reason::Changed);
    let Outcome::Registered(registered) = outcome else {
        panic!("{outcome:?}");
    };
    let row = store.adapter(&registered.adapter).unwrap().unwrap();
    assert_eq!(row.name, format!("en-{genre}-1"));
    assert_eq!(
        row.scope,
        AdapterScope {
            base_sha256: row.scope.base_sha256,
            language: Some("en".to_owned()),
            genre: Some(genre.to_owned()),
            workspace: None,
        }
    );
    assert!(registered.facts.documents <= of(genre), "{registered:?}");
    // It is not what a training of everything is compared with.
    desk.genre = None;
    let all = desk.train(&mut store, &calm(), Reason::Changed);
    assert!(matches!(all, Outcome::Registered(_)), "{all:?}");
}

//! Secrets and personal data in text: one set of detectors for dataset, prompts, suggestions and logs.
//!
//! Pure: text in, findings or redacted text out. What is found is data with a form: keys, numbers
//! with checks, addresses. **Names of persons are not**: without a form, they are told from other
//! words only by a model, which is wrong often enough to tear holes into novels and minutes, and a
//! writer's own characters and colleagues are what their prose is about. Whoever must not be named
//! is better kept out by excluding the folder.
//!
//! What is left on purpose, because it names nobody or is meant to be shown: commit hashes and other
//! digests, UUIDs, public keys, loopback addresses and netmasks, versions, dates that nobody calls a
//! birthday, numbers of orders and books.
//!
//! Every matcher looks a bounded way to both sides and decides on a bounded part, so the work is
//! linear in the text whatever the text; a finding may be as long as its alphabet goes on.
//!
//! In reading order: [`Kind`] (what there is), [`find`] and [`redact`], `folded` (full width as
//! half); then the passes: `words` (words with digits, and signs), `label` (words that say what
//! follows) with `labelled`, `secret`, `phrase` and `command` (what may follow), `vendor` (keys by
//! their beginning), `private_key`; then the matchers: `email`, `url`, `phone`, `card`, `document`,
//! `network`, `wallet`, `place`, `plate`, `address_english`, `address_chinese`; below them `text`,
//! `number` and `date`.

mod address_chinese;
mod address_english;
mod card;
mod command;
mod date;
mod document;
mod email;
mod find;
mod folded;
mod kind;
mod label;
mod labelled;
mod network;
mod number;
mod phone;
mod phrase;
mod place;
mod plate;
mod private_key;
mod redact;
mod secret;
mod text;
mod url;
mod vendor;
mod wallet;
mod words;

pub use find::{Finding, find};
pub use kind::Kind;
pub use redact::{Redacted, redact};

//! Any bytes are a memory or an error; a memory whose content lies is looked up soon and without a
//! panic, one that was built is whole, and one that takes over from an older file, honest or not, is a
//! memory.

use inkstone_memory::memory::FOLLOWERS_MAX;
use inkstone_memory::{Builder, DocumentName, Former, Memory, Strength};
use inkstone_vocab::TokenId;
use sha2::{Digest as _, Sha256};

/// Bytes of the header, which stays whole in the second reading.
const HEADER_BYTES: usize = 136;
/// Where the checksum lies in it.
const CHECKSUM: std::ops::Range<usize> = 96..128;
/// Tokens of each document.
const DOCUMENT_TOKENS: usize = 64;
/// Tokens that differ, so that contexts repeat.
const TOKENS: u8 = 16;

/// Reads the bytes as a file, then as the content behind a right header, then as a text.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let tokens: Vec<TokenId> = bytes.iter().map(|byte| TokenId(u32::from(byte % TOKENS))).collect();
    match Memory::open(bytes) {
        Ok(memory) => {
            look_up(&memory, &tokens);
            take_over(&memory, &tokens);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let mut file = built(&tokens, None);
    let Ok(memory) = Memory::open(&file) else {
        panic!("what was built is refused");
    };
    assert!(memory.verify().is_ok());
    assert_eq!(memory.header().tokens as usize, tokens.len());
    look_up(&memory, &tokens);
    for (content, byte) in file[HEADER_BYTES..].iter_mut().zip(bytes) {
        *content = *byte;
    }
    seal(&mut file);
    let Ok(memory) = Memory::open(&file) else { return };
    look_up(&memory, &tokens);
    take_over(&memory, &tokens);
}

/// What a file whose parts fit each other says stood in a document stands in the next file as well,
/// whatever it is.
fn take_over<B: AsRef<[u8]>>(memory: &Memory<B>, tokens: &[TokenId]) {
    let Ok(former) = Former::of(memory) else {
        return;
    };
    let next = built(tokens, Some(former));
    let Ok(memory) = Memory::open(&next) else {
        panic!("what was built of an older file is refused");
    };
    assert!(Former::of(&memory).is_ok());
    look_up(&memory, tokens);
}

/// A file of documents, those taken over that an older one has.
fn built(tokens: &[TokenId], former: Option<Former<'_>>) -> Vec<u8> {
    let mut builder = Builder::new([1; 32], [2; 32]);
    if let Some(former) = former {
        builder = builder.following(former);
    }
    for (number, document) in (0_u128..).zip(tokens.chunks(DOCUMENT_TOKENS)) {
        let name = DocumentName { key: number.to_be_bytes(), content: [0; 32] };
        if !builder.keep(&name) {
            builder.add(&name, document.iter().map(|&token| (token, 1.0)));
        }
    }
    builder.finish(0)
}

/// Makes the checksum that of the content.
fn seal(file: &mut [u8]) {
    let mut hasher = Sha256::new();
    hasher.update(&file[..CHECKSUM.start]);
    hasher.update(&file[CHECKSUM.end..]);
    file[CHECKSUM].copy_from_slice(&hasher.finalize());
}

fn look_up<B: AsRef<[u8]>>(memory: &Memory<B>, tokens: &[TokenId]) {
    let context = &tokens[..tokens.len().min(8)];
    for followers in memory.followers(context) {
        assert!(followers.count.is_finite() && followers.tokens.len() <= FOLLOWERS_MAX);
    }
    assert!(memory.guess(context, 4).len() <= 4);
    let mut logits = vec![0.0; usize::from(TOKENS)];
    if let Some(mixture) = memory.mixture(context, &Strength::of_percent(100, true)) {
        assert!((0.0..=1.0).contains(&mixture.model));
        mixture.apply(&mut logits);
        assert!(logits.iter().all(|logit| logit.is_finite()));
    }
}

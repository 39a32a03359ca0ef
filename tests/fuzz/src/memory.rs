//! Any bytes are a memory or an error; a memory whose content lies is looked up soon and without a
//! panic, and one that was built is whole.

use inkstone_memory::memory::FOLLOWERS_MAX;
use inkstone_memory::{Builder, Memory, Strength};
use inkstone_vocab::TokenId;

/// Bytes of the header, which stays whole in the second reading.
const HEADER_BYTES: usize = 128;
/// Tokens that differ, so that contexts repeat.
const TOKENS: u8 = 16;

/// Reads the bytes as a file, then as the content behind a right header, then as a text.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let tokens: Vec<TokenId> = bytes.iter().map(|byte| TokenId(u32::from(byte % TOKENS))).collect();
    match Memory::open(bytes) {
        Ok(memory) => look_up(&memory, &tokens),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let mut builder = Builder::new([1; 32], [2; 32]);
    for document in tokens.chunks(64) {
        builder.add(document.iter().map(|&token| (token, 1.0)));
    }
    let mut file = builder.finish(0);
    let Ok(memory) = Memory::open(&file) else {
        panic!("what was built is refused");
    };
    assert!(memory.verify().is_ok());
    assert_eq!(memory.header().tokens as usize, tokens.len());
    look_up(&memory, &tokens);
    for (content, byte) in file[HEADER_BYTES..].iter_mut().zip(bytes) {
        *content = *byte;
    }
    if let Ok(memory) = Memory::open(&file) {
        look_up(&memory, &tokens);
    }
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

//! The likeliest token of a distribution and how likely it is.

use inkstone_vocab::TokenId;

/// A chosen token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The token.
    pub token: TokenId,
    /// Its log-probability in nats under the softmax of the logits.
    pub logprob: f32,
}

/// The likeliest token; the lowest id wins a tie, so that equal runs give equal text. None when no
/// logit is a number.
pub fn greedy(logits: &[f32]) -> Option<Choice> {
    let best = likeliest((0_u32..).map(TokenId).zip(logits.iter().copied()))?;
    Some(choice(best, logits.iter().copied()))
}

/// The likeliest of some tokens, as if the model knew no others. None when none of them has a
/// number.
pub fn greedy_among(logits: &[f32], allowed: &[TokenId]) -> Option<Choice> {
    let logit = |&token: &TokenId| Some((token, *logits.get(token.0 as usize)?));
    let allowed = allowed.iter().filter_map(logit);
    let best = likeliest(allowed.clone())?;
    Some(choice(best, allowed.map(|(_, logit)| logit)))
}

fn likeliest(candidates: impl Iterator<Item = (TokenId, f32)>) -> Option<(TokenId, f32)> {
    candidates
        .filter(|(_, logit)| !logit.is_nan())
        .reduce(|best, next| {
            let is_better = next.1 > best.1 || (next.1 >= best.1 && next.0 < best.0);
            if is_better { next } else { best }
        })
}

/// Log softmax of the maximum: -ln Σ exp(logit - max), stable since every exponent is ≤ 0.
fn choice((token, highest): (TokenId, f32), logits: impl Iterator<Item = f32>) -> Choice {
    let sum: f32 = logits
        .filter(|logit| !logit.is_nan())
        .map(|logit| (logit - highest).exp())
        .sum();
    Choice {
        token,
        logprob: -sum.ln(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_token_wins_with_its_log_probability() {
        let choice = greedy(&[0.0, 2.0, 1.0]).unwrap();
        assert_eq!(choice.token, TokenId(1));
        let expected = (2.0_f32.exp() / (1.0 + 2.0_f32.exp() + 1.0_f32.exp())).ln();
        assert!((choice.logprob - expected).abs() < 1e-6);
    }

    #[test]
    fn the_lowest_id_wins_a_tie() {
        assert_eq!(greedy(&[1.0, 3.0, 3.0]).unwrap().token, TokenId(1));
    }

    #[test]
    fn among_some_tokens_the_others_take_no_probability() {
        let among = |ids: &[u32]| {
            let allowed: Vec<TokenId> = ids.iter().copied().map(TokenId).collect();
            greedy_among(&[0.0, 2.0, 1.0, f32::NAN], &allowed)
        };
        let choice = among(&[2, 0]).unwrap();
        assert_eq!(choice.token, TokenId(2));
        let expected = (1.0_f32.exp() / (1.0 + 1.0_f32.exp())).ln();
        assert!((choice.logprob - expected).abs() < 1e-6);
        assert_eq!(among(&[]), None);
        assert_eq!(among(&[3, 7]), None);
    }

    #[test]
    fn not_a_number_is_never_chosen() {
        assert_eq!(greedy(&[f32::NAN, 0.5]).unwrap().token, TokenId(1));
        assert_eq!(greedy(&[f32::NAN]), None);
        assert_eq!(greedy(&[]), None);
    }
}

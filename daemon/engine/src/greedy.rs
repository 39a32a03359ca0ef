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
    let mut best: Option<(usize, f32)> = None;
    for (id, &logit) in logits.iter().enumerate() {
        if !logit.is_nan() && best.is_none_or(|(_, highest)| logit > highest) {
            best = Some((id, logit));
        }
    }
    let (id, highest) = best?;
    // log softmax of the maximum: -ln Σ exp(logit - max), stable since every exponent is ≤ 0.
    let sum: f32 = logits
        .iter()
        .filter(|logit| !logit.is_nan())
        .map(|logit| (logit - highest).exp())
        .sum();
    Some(Choice {
        token: TokenId(u32::try_from(id).ok()?),
        logprob: -sum.ln(),
    })
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
    fn not_a_number_is_never_chosen() {
        assert_eq!(greedy(&[f32::NAN, 0.5]).unwrap().token, TokenId(1));
        assert_eq!(greedy(&[f32::NAN]), None);
        assert_eq!(greedy(&[]), None);
    }
}

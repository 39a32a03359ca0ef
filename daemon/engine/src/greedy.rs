//! The likeliest token of a distribution and how likely it is.

use inkstone_vocab::TokenId;

/// A chosen token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The token.
    pub token: TokenId,
    /// Its log-probability in nats under the softmax of the logits that it was chosen among.
    pub logprob: f32,
    /// The same under the softmax of all logits: lower by what some of them were left out for.
    pub logprob_of_all: f32,
}

/// The likeliest token; the lowest id wins a tie, so that equal runs give equal text. None when no
/// logit is a number.
pub fn greedy(logits: &[f32]) -> Option<Choice> {
    let (token, highest) = likeliest((0_u32..).map(TokenId).zip(logits.iter().copied()))?;
    let logprob = log_softmax(highest, logits.iter().copied());
    Some(Choice {
        token,
        logprob,
        logprob_of_all: logprob,
    })
}

/// The likeliest of some tokens, as if the model knew no others. None when none of them has a
/// number.
pub fn greedy_among(logits: &[f32], allowed: &[TokenId]) -> Option<Choice> {
    let logit = |&token: &TokenId| Some((token, *logits.get(token.0 as usize)?));
    let allowed = allowed.iter().filter_map(logit);
    let (token, highest) = likeliest(allowed.clone())?;
    Some(Choice {
        token,
        logprob: log_softmax(highest, allowed.map(|(_, logit)| logit)),
        logprob_of_all: log_softmax(highest, logits.iter().copied()),
    })
}

fn likeliest(candidates: impl Iterator<Item = (TokenId, f32)>) -> Option<(TokenId, f32)> {
    candidates
        .filter(|(_, logit)| !logit.is_nan())
        .reduce(|best, next| {
            let is_better = next.1 > best.1 || (next.1 >= best.1 && next.0 < best.0);
            if is_better { next } else { best }
        })
}

/// Log softmax of a logit: -ln Σ exp(other - logit), which is finite wherever the logit is not far
/// below the highest.
fn log_softmax(logit: f32, logits: impl Iterator<Item = f32>) -> f32 {
    let sum: f32 = logits
        .filter(|other| !other.is_nan())
        .map(|other| (other - logit).exp())
        .sum();
    -sum.ln()
}

/// The `count` likeliest tokens, the likeliest first, the lowest id first among equals; of those
/// `among`, if any are given, as if the model knew no others. The first is the one that [`greedy`] or
/// [`greedy_among`] chooses.
pub fn ranked(logits: &[f32], among: Option<&[TokenId]>, count: usize) -> Vec<Choice> {
    let all = (0_u32..).map(TokenId).zip(logits.iter().copied());
    let mut candidates: Vec<(TokenId, f32)> = match among {
        None => all.collect(),
        Some(among) => {
            let logit = |&token: &TokenId| Some((token, *logits.get(token.0 as usize)?));
            among.iter().filter_map(logit).collect()
        }
    };
    candidates.retain(|(_, logit)| logit.is_finite());
    let Some(best) = likeliest(candidates.iter().copied()) else {
        return Vec::new();
    };
    let best_logprob = log_softmax(best.1, candidates.iter().map(|(_, logit)| *logit));
    let best_of_all = log_softmax(best.1, logits.iter().copied());
    keep_likeliest(&mut candidates, count);
    let choice = |(token, logit): (TokenId, f32)| Choice {
        token,
        logprob: best_logprob + (logit - best.1),
        logprob_of_all: best_of_all + (logit - best.1),
    };
    candidates.into_iter().map(choice).collect()
}

/// Leaves the `count` likeliest, in order: the likeliest first, the lowest id first among equals.
pub(crate) fn keep_likeliest(candidates: &mut Vec<(TokenId, f32)>, count: usize) {
    let by_likelihood =
        |a: &(TokenId, f32), b: &(TokenId, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if count > 0 && count < candidates.len() {
        candidates.select_nth_unstable_by(count - 1, by_likelihood);
    }
    candidates.truncate(count);
    candidates.sort_unstable_by(by_likelihood);
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
        let expected = (1.0_f32.exp() / (1.0 + 1.0_f32.exp() + 2.0_f32.exp())).ln();
        assert!((choice.logprob_of_all - expected).abs() < 1e-6);
        assert_eq!(among(&[]), None);
        assert_eq!(among(&[3, 7]), None);
    }

    #[test]
    fn the_likeliest_come_in_order_the_first_as_greedy_chooses_it() {
        let logits = [0.0, 2.0, f32::NAN, 1.0, f32::NEG_INFINITY, 2.0];
        let ids = |choices: Vec<Choice>| choices.iter().map(|c| c.token.0).collect::<Vec<_>>();
        assert_eq!(ids(ranked(&logits, None, 3)), [1, 5, 3]);
        assert_eq!(ids(ranked(&logits, None, 9)), [1, 5, 3, 0]);
        let among = [TokenId(3), TokenId(0), TokenId(2)];
        assert_eq!(ids(ranked(&logits, Some(&among), 2)), [3, 0]);
        assert_eq!(
            ranked(&logits, Some(&among), 1),
            [greedy_among(&logits, &among).unwrap()]
        );
        let all: f32 = ranked(&logits[3..4], None, 1)[0].logprob;
        assert!(all.abs() < 1e-6, "the only one is certain");
        assert_eq!(ranked(&[f32::NAN], None, 3), []);
    }

    #[test]
    fn not_a_number_is_never_chosen() {
        assert_eq!(greedy(&[f32::NAN, 0.5]).unwrap().token, TokenId(1));
        assert_eq!(greedy(&[f32::NAN]), None);
        assert_eq!(greedy(&[]), None);
    }
}

//! Blocks that a language model finds far more surprising, or far more predictable, than the writer's
//! others. What is far is `crate::surprise`'s to say.

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_out, en_same, zh_out, zh_same};
use crate::left_out::Reason;
use crate::surprise::{Limits, outlier};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("perplexity"),
    version: 2,
    title: "outliers by a language model",
    why: "What the model finds far more surprising than the writer's other text of the language and \
          genre is gibberish or a table of words that no other rule knows; what it finds far more \
          predictable is known by heart. It needs the texts around it, so it is applied when a \
          dataset is put together, to what the daemon has scored. Off, since the labelled sample \
          (`tests/eval/perplexity`) has too few outliers that no other rule finds to show that it \
          is right: where it is off, outliers are flagged and stay.",
    default_on: false,
    kind: Kind::LeaveOut(Reason::Perplexity),
    examples: &[
        en_out("Sphinx quartz lamp the of of when twelve.").perplexity(8.3, 3.6, 0.5),
        en_out("dlkfj weoiru xcmvn qpwoe zmxnc alskdj fhgur.").perplexity(7.9, 3.6, 0.5),
        zh_out("的了在是书天跑红七。").perplexity(8.6, 4.2, 0.5),
        en_out("Permission is hereby granted, free of charge, to any person.")
            .perplexity(0.3, 3.6, 0.5),
        zh_out("床前明月光，疑是地上霜。").perplexity(0.9, 4.2, 0.5),
        en_same("A rare but sound sentence.").perplexity(5.3, 3.6, 0.5),
        zh_same("一个少见却通顺的句子。").perplexity(5.9, 4.2, 0.5),
        en_same("Nobody asked the daemon."),
        en_same("Not a number.").perplexity(f64::NAN, 3.6, 0.5),
    ],
    needs: Classes::ANY,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let Some(perplexity) = subject.context.perplexity else {
        return;
    };
    if outlier(perplexity.level, &perplexity.usual, &Limits::DEFAULT).is_some() {
        found.refuse();
    }
}

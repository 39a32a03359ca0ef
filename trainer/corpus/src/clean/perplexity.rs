//! Blocks that a language model finds far more surprising than the writer's others.

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_out, en_same, zh_out};
use crate::left_out::Reason;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("perplexity"),
    version: 1,
    title: "outliers by a language model",
    why: "Twenty times the writer's usual perplexity is garbage that no other rule knows. Idle \
          where the daemon was not asked; off until its precision on real writers is measured.",
    default_on: false,
    kind: Kind::LeaveOut(Reason::LowInformation),
    examples: &[
        en_out("Sphinx quartz lamp the of of when twelve.").perplexity(9000.0, 45.0),
        zh_out("的了在是书天跑红七。").perplexity(4000.0, 60.0),
        en_same("A rare but sound sentence.").perplexity(400.0, 45.0),
        en_same("Nobody asked the daemon."),
        en_same("Not a number.").perplexity(f32::NAN, 45.0),
    ],
    needs: Classes::ANY,
    mends_addresses: false,
    apply,
};

const TIMES_USUAL_MIN: f32 = 20.0;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let Some(perplexity) = subject.context.perplexity else {
        return;
    };
    if perplexity.usual > 0.0 && perplexity.value >= TIMES_USUAL_MIN * perplexity.usual {
        found.refuse();
    }
}

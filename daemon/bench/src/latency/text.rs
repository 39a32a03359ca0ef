//! The prose that the measurement types: written for it, neutral, the same on every machine.
//!
//! Not a corpus: quality is measured elsewhere, on real books.

/// Bytes of English in ten tokens of the catalogue's models, roughly; what a document really has in
/// tokens is reported by the daemon.
const BYTES_PER_10_TOKENS: usize = 46;

/// A few paragraphs, about a thousand tokens together.
const PARAGRAPHS: [&str; 10] = [
    "The ferry had crossed the river at the same hour every morning for as long as anyone in the \
     village could remember. It was a flat wooden boat with a rope on each side, and the man who \
     pulled it along knew the current so well that he could tell from the colour of the water how \
     much rain had fallen in the hills. Farmers brought their carts to the landing before sunrise, \
     and while they waited they talked about prices, about the weather, and about whose children \
     had gone to the city.",
    "In the spring a letter came from the county office. It said that a bridge would be built half \
     a mile upstream, with two lanes and a path for people on foot, and that the work would take \
     three years. Nobody was surprised. There had been surveyors on the bank the summer before, and \
     one of them had left behind a red flag that the goats had eaten. The ferryman read the letter \
     twice, folded it, and put it into the drawer where he kept the receipts for rope and tar.",
    "His daughter thought that he should write back. She was a teacher in the next town and had \
     seen what happened to small places when a road went around them. A bridge was a good thing, \
     she said, but somebody ought to ask where the bus would stop, whether the school would still \
     have its own landing, and what would become of the market. Her father listened and nodded, and \
     then he went out to grease the pulleys, because the evening crossing was always the busiest.",
    "The first engineers arrived in June with two trucks and a drilling machine. They rented rooms \
     above the bakery and were polite to everyone. In the evenings they spread their drawings over \
     the long table, and the baker, who was curious about everything, learned to read them. He \
     could point to the place where the bedrock came close to the surface and explain why the \
     middle pier had to stand exactly there. By August half of the village had an opinion about \
     concrete.",
    "Building went slowly at first. The river rose in October and carried away a wooden platform, \
     and for some weeks the ferry was the only way to bring cement to the other side. The ferryman \
     charged the company the ordinary price for each sack, no more, and kept a careful list. When \
     the manager asked him why he did not take advantage of the situation, he answered that the \
     price had been painted on the board by his grandfather, and that there was no room on it for \
     another number.",
    "During the second winter the foundations were finished and the steel began to arrive. Children \
     walked out along the bank after school to watch the crane, and their teacher let them measure \
     its shadow to work out how tall it was. The answers differed by several metres. One boy, who \
     had asked the crane driver instead, was right to the centimetre and was told that this was \
     also a method. The drawings they made that week still hang in the corridor of the school.",
    "When the bridge was opened there were speeches and a brass band. The first to cross was the \
     oldest woman of the village, in a wheelchair decorated with ribbons, and behind her came the \
     whole procession, so close together that the guests of honour had to wait. The ferryman stood \
     at the old landing with his hat in his hand. He had made one last crossing that morning with \
     an empty boat, counting the pulls of the rope, and had found that there were two hundred and \
     eleven of them.",
    "It turned out that the ferry did not disappear. In summer people came from far away to see the \
     bridge, and once they were there they wanted to look at it from the water. The daughter \
     painted a new board with a new price, and underneath it, smaller, the old one for anyone who \
     lived within sight of the river. Her pupils ran the ticket desk on Saturdays and learned to \
     give change. On some days the boat carried more passengers than it ever had before.",
    "Not everything improved. The road brought lorries at night, and the windows of the houses near \
     the corner had to be replaced with thicker glass. Two shops closed because people could now \
     drive to larger ones. There was a long argument about a traffic light, which ended when the \
     council bought one second-hand and nobody could be found to connect it. It stood in the square \
     for a whole year with a sack over its head, and tourists took photographs of it as if it were a \
     statue of somebody important.",
    "The baker keeps one of the drawings behind his counter. If you ask him, he will unroll it and \
     show you the middle pier, the layers of gravel and clay above the rock, and a small cross in \
     pencil at the edge of the paper. That is where the drill broke on the third day, he says, and \
     where they found a piece of rope as thick as an arm.",
];

/// The last paragraph as it is begun: what the first question continues.
pub(crate) const BEGUN: &str = "Last autumn a museum in the city asked whether it could have";

/// How it is typed on, a key at a time. No tidy ending: the typing stops inside a sentence.
pub(crate) const TYPED: &str = " the rope, and the village held a meeting about it in the school. \
     Most people were against giving it away";

/// A document of at most about this many tokens, in paragraphs, the last of them begun.
pub(crate) fn document(tokens_max: usize) -> String {
    document_from(tokens_max, 0)
}

/// The same, beginning with another paragraph, so that two documents share nothing at their start.
pub(crate) fn document_from(tokens_max: usize, first_paragraph: usize) -> String {
    let bytes_max = tokens_max * BYTES_PER_10_TOKENS / 10 - BEGUN.len();
    let mut text = String::new();
    for paragraph in PARAGRAPHS
        .iter()
        .cycle()
        .skip(first_paragraph % PARAGRAPHS.len())
    {
        if text.len() + paragraph.len() > bytes_max {
            break;
        }
        text.push_str(paragraph);
        text.push_str("\n\n");
    }
    text.push_str(BEGUN);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_the_size_asked_for_within_a_paragraph() {
        for tokens in [1_000, 4_000] {
            let bytes = document(tokens).len();
            let wanted = tokens * BYTES_PER_10_TOKENS / 10;
            assert!(
                (wanted - 700..=wanted).contains(&bytes),
                "{bytes} for {wanted}"
            );
        }
    }

    #[test]
    fn the_paragraphs_are_a_thousand_tokens_without_repeating() {
        let bytes: usize = PARAGRAPHS.iter().map(|paragraph| paragraph.len() + 2).sum();
        assert!(bytes >= 1_000 * BYTES_PER_10_TOKENS / 10, "{bytes}");
    }
}

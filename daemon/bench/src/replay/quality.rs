//! The comparison as Markdown: the table of quality that is committed, so that a change of quality
//! shows as a change of lines.

use std::fmt::Write as _;

use super::comparison::{
    BesideRaw, ComparisonReport, LanguageComparison, PolicyReport, TechniqueReport,
};
use super::report::{PointsReport, Rates};

/// Where nothing was measured.
const NOTHING: &str = "–";

impl ComparisonReport {
    /// The table. `corpora` names what was played, and `command` how to do it again.
    pub fn quality_table(&self, corpora: &str, command: &str) -> String {
        let mut table = format!(
            "# Quality of suggestions\n\nMade by `{command}` on {corpora}, at most {} tokens of \
             context, seed {}. Do not edit.\n",
            self.prompt_tokens, self.seed
        );
        for (language, comparison) in &self.languages {
            let model = self.models.get(language).map_or("", String::as_str);
            // Writing to a string cannot fail.
            let _infallible = write!(
                table,
                "\n## {language}, {model}\n\n{}",
                comparison.sections(&self.preset)
            );
        }
        table
    }
}

impl LanguageComparison {
    fn sections(&self, preset: &str) -> String {
        let mut text = self.extent();
        text.push_str(
            "\n| policy | shown | right when shown | inside words: shown | right | keys saved | \
             beside the first | wrong shows per 100 characters |\n|---|---|---|---|---|---|---|---|\n",
        );
        let first = self.policies.first().and_then(PolicyReport::saved_pct);
        for policy in &self.policies {
            text.push_str(&policy.row(first));
        }
        if !self.techniques.is_empty() {
            // Writing to a string cannot fail.
            let _infallible = write!(
                text,
                "\nWhat a technique adds: precision where as many are shown as `{preset}` shows, and \
                 keys saved with it in percent points, with 95 % intervals (paired bootstrap by \
                 passage).\n\n| technique | right when shown | inside words | keys saved |\n\
                 |---|---|---|---|\n",
            );
        }
        for technique in &self.techniques {
            text.push_str(&technique.row());
        }
        if let Some(points) = &self.points {
            if let Some(by_key) = &points.by_key {
                // Writing to a string cannot fail.
                let _infallible = writeln!(text, "\nAsked by key: {}.", by_key.cell());
            }
            text.push_str(&points.curve_section());
        }
        if let Some(beside) = &self.beside_raw {
            text.push_str(&beside.section(preset));
        }
        text
    }

    fn extent(&self) -> String {
        let points = self.points.as_ref().map(|points| {
            format!(
                ", {} carets at word starts and {} inside words in {} passages",
                points.shown.word_start.positions, points.shown.midword.positions, points.passages
            )
        });
        let typed = self.policies.first().and_then(|first| {
            let typing = first.typing.as_ref()?;
            Some(format!(", {} characters typed", typing.chars))
        });
        format!(
            "{} documents{}{}.\n",
            self.documents,
            points.unwrap_or_default(),
            typed.unwrap_or_default()
        )
    }
}

impl PolicyReport {
    fn saved_pct(&self) -> Option<f64> {
        Some(self.typing.as_ref()?.keystrokes_saved_pct)
    }

    fn name(&self) -> String {
        let left_out: Vec<&str> = self.without.iter().map(|each| each.name()).collect();
        if left_out.is_empty() {
            self.preset.clone()
        } else {
            format!("{} without {}", self.preset, left_out.join(", "))
        }
    }

    fn row(&self, first_saved_pct: Option<f64>) -> String {
        let rates = |rates: &Option<Rates>| {
            let cells = rates.map(|rates| {
                format!(
                    "{:.1} % | {:.2}",
                    100.0 * rates.shown_rate,
                    rates.precision_when_shown
                )
            });
            cells.unwrap_or_else(|| format!("{NOTHING} | {NOTHING}"))
        };
        let typing = self.typing.as_ref().map(|typing| {
            let beside = first_saved_pct
                .filter(|first| *first > 0.0)
                .map(|first| format!("× {:.2}", typing.keystrokes_saved_pct / first));
            format!(
                "{:.1} % | {} | {:.1}",
                typing.keystrokes_saved_pct,
                beside.as_deref().unwrap_or(NOTHING),
                typing.wrong_shows_per_100_chars
            )
        });
        format!(
            "| {} | {} | {} | {} |\n",
            self.name(),
            rates(&self.word_start),
            rates(&self.midword),
            typing.unwrap_or_else(|| format!("{NOTHING} | {NOTHING} | {NOTHING}"))
        )
    }
}

impl TechniqueReport {
    fn row(&self) -> String {
        let precision = |gain: Option<super::bootstrap::Difference>| {
            gain.map_or_else(|| NOTHING.to_owned(), |gain| gain.cell())
        };
        let saved = self.keystrokes_saved_pct.map_or_else(
            || NOTHING.to_owned(),
            |gain| format!("{:+.1} [{:+.1}, {:+.1}]", gain.gain, gain.low, gain.high),
        );
        format!(
            "| {} | {} | {} | {saved} |\n",
            self.technique.name(),
            precision(self.word_start),
            precision(self.midword)
        )
    }
}

impl BesideRaw {
    fn section(&self, preset: &str) -> String {
        let mut text = String::from(
            "\nWhat everything together adds to precision at word starts, beside the model alone (every \
             technique left out, ordered by the probability of the first word), where both show \
             equally many.\n\n| shown | gain |\n|---|---|\n",
        );
        for gain in &self.gains {
            // Writing to a string cannot fail.
            let _infallible = writeln!(
                text,
                "| {:.0} % | {} |",
                100.0 * gain.shown_rate,
                gain.precision.cell()
            );
        }
        let _infallible = writeln!(text, "| 5 to 40 %, mean | {} |", self.mean_gain.cell());
        let _infallible = writeln!(text, "| as {preset} shows | {} |", self.gain.cell());
        text
    }
}

impl PointsReport {
    fn curve_section(&self) -> String {
        let mut text = String::from(
            "\nPrecision at word starts by the score and by the probability of the first word alone, \
             where both show equally many.\n\n| shown | score | probability | gain |\n|---|---|---|---|\n",
        );
        let curves = self
            .curve
            .by_score
            .iter()
            .zip(&self.curve.by_first_word_probability);
        for ((ours, raw), gain) in curves.zip(&self.curve_gain) {
            // Writing to a string cannot fail.
            let _infallible = writeln!(
                text,
                "| {:.0} % | {:.2} | {:.2} | {} |",
                ours.shown_pct,
                ours.precision,
                raw.precision,
                gain.precision.cell()
            );
        }
        let _infallible = writeln!(text, "| 5 to 40 %, mean | | | {} |", self.mean_gain.cell());
        for (preset, of_preset) in &self.presets {
            let rates = of_preset.word_start;
            let _infallible = writeln!(
                text,
                "| {preset}: {:.1} % | {:.2} | {:.2} | {} |",
                100.0 * rates.shown_rate,
                rates.precision_when_shown,
                rates.precision_when_shown - of_preset.gain.gain,
                of_preset.gain.cell()
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::comparison::tests::report;

    #[test]
    fn the_table_has_a_row_for_each_policy_technique_and_rate() {
        let table = report().quality_table("a book", "bench");
        for row in [
            "| all without score, healing, context, alternatives, stops, drafts, memory | 100.0 % | 0.50 | 0.0 % | 0.00 | 10.0 % | × 1.00 | 3.0 |",
            "| balanced | 75.0 % | 1.00 | 0.0 % | 0.00 | 30.0 % | × 3.00 | 3.0 |",
            "| score | +0.67 [+0.67, +0.67] | +0.00 [+0.00, +0.00] | +20.0 [+20.0, +20.0] |",
            "| 25 % | 1.00 | 1.00 | +0.00 [+0.00, +0.00] |",
            "| as balanced shows | ",
        ] {
            assert!(table.contains(row), "{row}\n{table}");
        }
    }
}

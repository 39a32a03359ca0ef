//! The report as a table for a person.

use std::fmt::Write as _;

use super::bootstrap::Difference;
use super::curve::CurvePoint;
use super::nll::{BASE_NAME, NllReport};
use super::report::{
    ChoiceReport, LanguageReport, PointsReport, Rates, ReplayReport, TypingReport,
};

impl ReplayReport {
    /// The results for a person.
    pub fn table(&self) -> String {
        let mut table = format!("preset {}", self.preset);
        for technique in &self.without {
            // Writing to a string cannot fail.
            let _infallible = write!(table, ", without {}", technique.name());
        }
        table.push('\n');
        for (language, report) in &self.languages {
            let model = self.models.get(language).map_or("", String::as_str);
            // Writing to a string cannot fail.
            let _infallible = write!(
                table,
                "\n{language}, {model}: {} documents\n{}",
                report.documents,
                report.rows()
            );
        }
        table
    }
}

impl LanguageReport {
    fn rows(&self) -> String {
        let mut rows = self
            .points
            .as_ref()
            .map(PointsReport::rows)
            .unwrap_or_default();
        for (preset, typing) in &self.typing_presets {
            row(&mut rows, &format!("typing, {preset}"), &typing.cell());
        }
        if let Some(nll) = &self.nll {
            rows.push_str(&nll.rows());
        }
        rows
    }
}

impl NllReport {
    fn rows(&self) -> String {
        let mut rows = String::new();
        for (name, way) in &self.nll_ways {
            // Of the model as it is, there is nothing to compare it with.
            let change = |change: &Difference| match name.as_str() {
                BASE_NAME => String::new(),
                _ => format!(", {} %", change.cell()),
            };
            let own = change(&way.own_change_pct);
            let mut cell = format!("{:.4} nats a token{own}", way.own_nll);
            if let (Some(nll), Some(of)) = (way.generic_nll, &way.generic_change_pct) {
                // Writing to a string cannot fail.
                let _infallible = write!(cell, "; generic {nll:.4}{}", change(of));
            }
            row(&mut rows, &format!("loss, {name}"), &cell);
        }
        rows
    }
}

impl PointsReport {
    fn rows(&self) -> String {
        let mut rows = String::new();
        row(&mut rows, "word starts", &self.shown.word_start.cell());
        row(&mut rows, "inside words", &self.shown.midword.cell());
        if let Some(by_key) = &self.by_key {
            row(&mut rows, "by key", &by_key.cell());
        }
        for (name, curve) in [
            ("by score", &self.curve.by_score),
            ("by probability", &self.curve.by_first_word_probability),
        ] {
            let cells: Vec<String> = curve.iter().map(CurvePoint::cell).collect();
            row(&mut rows, name, &cells.join("  "));
        }
        let gains = self.curve_gain.iter();
        let cells: Vec<String> = gains
            .map(|at| format!("{:.0} %: {}", 100.0 * at.shown_rate, at.precision.cell()))
            .collect();
        row(&mut rows, "score's gain", &cells.join("  "));
        row(&mut rows, "5 to 40 %, mean", &self.mean_gain.cell());
        for (preset, of_preset) in &self.presets {
            let cells = format!(
                "{:.1} % shown, {:.2} right, gain {}",
                100.0 * of_preset.word_start.shown_rate,
                of_preset.word_start.precision_when_shown,
                of_preset.gain.cell()
            );
            row(&mut rows, preset, &cells);
        }
        rows
    }
}

fn row(rows: &mut String, name: &str, cells: &str) {
    // Writing to a string cannot fail.
    let _infallible = writeln!(rows, "{name:<18}{cells}");
}

impl Rates {
    fn cell(&self) -> String {
        format!(
            "{} carets, shown at {:.1} %, right {:.1} % of those, wrong at {:.1} % of all",
            self.positions,
            100.0 * self.shown_rate,
            100.0 * self.precision_when_shown,
            100.0 * self.wrong_show_rate,
        )
    }
}

impl ChoiceReport {
    /// How often one of them is right.
    pub(super) fn cell(&self) -> String {
        format!(
            "{} carets, the first right at {:.1} %, one of {:.1} right at {:.1} %",
            self.positions,
            100.0 * self.first_right_rate,
            self.mean_given,
            100.0 * self.any_right_rate,
        )
    }
}

impl Difference {
    /// The difference with its interval.
    pub(super) fn cell(&self) -> String {
        format!("{:+.2} [{:+.2}, {:+.2}]", self.gain, self.low, self.high)
    }
}

impl CurvePoint {
    fn cell(&self) -> String {
        format!("{:.0} %: {:.2}", self.shown_pct, self.precision)
    }
}

impl TypingReport {
    fn cell(&self) -> String {
        let ms = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.0}"));
        format!(
            "{:.1} % of keys saved, {:.1} wrong shows per 100 characters, {:.1} characters taken at \
             a time, {} ms (p95 {})",
            self.keystrokes_saved_pct,
            self.wrong_shows_per_100_chars,
            self.mean_accepted_chars,
            ms(self.latency_ms.p50),
            ms(self.latency_ms.p95),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::report;

    #[test]
    fn the_table_says_what_a_writer_gains() {
        let table = report().table();
        assert!(table.contains("25.0 % of keys saved"), "{table}");
        assert!(table.contains("right 50.0 % of those"), "{table}");
        assert!(
            table.contains("the first right at 20.0 %, one of 2.0 right at 60.0 %"),
            "{table}"
        );
        assert!(
            table.contains("loss, adapter     3.0000 nats a token, -5.00 [-6.00, -4.00] %"),
            "{table}"
        );
        assert!(table.contains("+0.81 [+0.81, +0.81]"), "{table}");
    }
}

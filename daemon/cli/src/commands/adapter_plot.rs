//! How a training went, as an SVG picture: losses, learning rate and speed over the steps, with the best
//! step and each way back marked. Pure: numbers in, text out.
//!
//! An own writer: a few lines and words need no drawing library with its fonts and raster formats.

use std::fmt::{Arguments, Write as _};

use serde::Deserialize;

/// Points of each kind that are drawn; the trainer keeps fewer.
const POINTS_MAX: usize = 1_000;
const WIDTH_PX: f64 = 860.0;
const LEFT_PX: f64 = 74.0;
const RIGHT_PX: f64 = 24.0;
/// The title and the legend above the panels.
const TOP_PX: f64 = 78.0;
/// Between two panels, and below the last for the numbers of steps.
const GAP_PX: f64 = 34.0;
const BOTTOM_PX: f64 = 52.0;
/// Lines across a panel, about.
const TICKS: f64 = 5.0;
const FONT: &str = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif";
const INK: &str = "#24292f";
const GRID: &str = "#e4e7eb";
const PAPER: &str = "#ffffff";
/// Colours that colour-blind readers tell apart (Okabe and Ito, 2008).
const TRAINING: &str = "#56b4e9";
const HELD_OUT: &str = "#d55e00";
const GENERIC: &str = "#009e73";
const RATE: &str = "#0072b2";
const SPEED: &str = "#cc79a7";

/// How a training went, as the registry keeps it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct Curve {
    steps: Vec<StepPoint>,
    evaluations: Vec<Evaluation>,
    retreats: Vec<Retreat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
struct StepPoint {
    step: u64,
    loss: f64,
    rate: f64,
    tokens_per_s: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
struct Evaluation {
    step: u64,
    held_out: f64,
    generic: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
struct Retreat {
    step: u64,
    back_to: u64,
}

/// What is drawn.
pub(super) struct Picture<'a> {
    /// The adapter's name.
    pub(super) title: &'a str,
    /// How it was trained.
    pub(super) curve: &'a Curve,
    /// The step whose state it is.
    pub(super) best_step: Option<u64>,
}

/// A line through points of step and number.
struct Line {
    name: &'static str,
    colour: &'static str,
    points: Vec<(f64, f64)>,
    /// Whether each point is a dot as well: there are few.
    has_dots: bool,
}

struct Panel {
    title: &'static str,
    height_px: f64,
    lines: Vec<Line>,
    /// Whether zero is in it.
    from_zero: bool,
}

/// Where numbers lie in a panel.
struct Axes {
    steps: f64,
    low: f64,
    high: f64,
    top_px: f64,
    height_px: f64,
}

impl Axes {
    fn x(&self, step: f64) -> f64 {
        LEFT_PX + step / self.steps * (WIDTH_PX - LEFT_PX - RIGHT_PX)
    }

    fn y(&self, number: f64) -> f64 {
        let share = (number - self.low) / (self.high - self.low);
        self.top_px + (1.0 - share.clamp(0.0, 1.0)) * self.height_px
    }
}

impl Picture<'_> {
    /// The picture.
    pub(super) fn svg(&self) -> String {
        let panels = self.panels();
        let steps = self.steps();
        let heights: f64 = panels.iter().map(|panel| panel.height_px + GAP_PX).sum();
        let height = TOP_PX + heights - GAP_PX + BOTTOM_PX;
        let mut svg = String::new();
        push(
            &mut svg,
            format_args!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH_PX}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH_PX} {height}\" role=\"img\" font-family=\"{FONT}\" font-size=\"12\" \
             fill=\"{INK}\">\n<title>How {} was trained</title>\n\
             <rect width=\"{WIDTH_PX}\" height=\"{height}\" fill=\"{PAPER}\"/>\n\
             <text x=\"{LEFT_PX}\" y=\"26\" font-size=\"16\" font-weight=\"600\">{}</text>\n",
                escaped(self.title),
                escaped(self.title)
            ),
        );
        self.legend(&mut svg, &panels);
        let mut top_px = TOP_PX;
        for panel in &panels {
            let axes = panel.axes(steps, top_px);
            panel.draw(&mut svg, &axes);
            self.marks(&mut svg, &axes);
            top_px += panel.height_px + GAP_PX;
        }
        let bottom = top_px - GAP_PX;
        steps_below(&mut svg, steps, bottom);
        svg.push_str("</svg>\n");
        svg
    }

    fn steps(&self) -> f64 {
        let steps = self.curve.steps.iter().map(|one| one.step);
        let all = steps.chain(self.curve.evaluations.iter().map(|one| one.step));
        all.chain(self.best_step).max().unwrap_or(0).max(1) as f64
    }

    fn panels(&self) -> [Panel; 3] {
        let curve = self.curve;
        let of_steps = |number: fn(&StepPoint) -> f64| -> Vec<(f64, f64)> {
            let points = curve.steps.iter().take(POINTS_MAX);
            points.map(|one| (one.step as f64, number(one))).collect()
        };
        let looks = || curve.evaluations.iter().take(POINTS_MAX);
        let held_out = looks().map(|one| (one.step as f64, one.held_out)).collect();
        let generic = looks().filter_map(|one| Some((one.step as f64, one.generic?)));
        let line = |name, colour, points| Line {
            name,
            colour,
            points,
            has_dots: false,
        };
        let dotted = |line: Line| Line {
            has_dots: true,
            ..line
        };
        [
            Panel {
                title: "loss (nats for each token)",
                height_px: 250.0,
                lines: vec![
                    line("training", TRAINING, of_steps(|one| one.loss)),
                    dotted(line("your held-out text", HELD_OUT, held_out)),
                    dotted(line("generic prose", GENERIC, generic.collect())),
                ],
                from_zero: false,
            },
            Panel {
                title: "learning rate",
                height_px: 90.0,
                lines: vec![line("learning rate", RATE, of_steps(|one| one.rate))],
                from_zero: true,
            },
            Panel {
                title: "tokens a second",
                height_px: 90.0,
                lines: vec![line(
                    "tokens a second",
                    SPEED,
                    of_steps(|one| one.tokens_per_s),
                )],
                from_zero: true,
            },
        ]
    }

    fn legend(&self, svg: &mut String, panels: &[Panel]) {
        let lines = panels.iter().take(1).flat_map(|panel| &panel.lines);
        let lines = lines.filter(|line| !line.points.is_empty());
        let mut entries: Vec<(&str, &str)> = lines.map(|line| (line.name, line.colour)).collect();
        if self.best_step.is_some() {
            entries.push(("best step", INK));
        }
        if !self.curve.retreats.is_empty() {
            entries.push(("went back", "#c00"));
        }
        let mut x = LEFT_PX;
        for (name, colour) in entries {
            push(
                svg,
                format_args!(
                    "<rect x=\"{x:.0}\" y=\"38\" width=\"18\" height=\"4\" fill=\"{colour}\"/>\
                 <text x=\"{:.0}\" y=\"44\">{name}</text>\n",
                    x + 24.0
                ),
            );
            x += 44.0 + 6.6 * name.len() as f64;
        }
    }

    /// The best step as a line from top to bottom, and each way back as one in red.
    fn marks(&self, svg: &mut String, axes: &Axes) {
        let (top, bottom) = (axes.top_px, axes.top_px + axes.height_px);
        if let Some(step) = self.best_step {
            let x = axes.x(step as f64);
            push(
                svg,
                format_args!(
                    "<line class=\"best\" x1=\"{x:.1}\" y1=\"{top:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" \
                 stroke=\"{INK}\" stroke-dasharray=\"4 3\"><title>best: step {step}</title></line>\n"
                ),
            );
        }
        for retreat in self.curve.retreats.iter().take(POINTS_MAX) {
            let (from, to) = (axes.x(retreat.step as f64), axes.x(retreat.back_to as f64));
            push(
                svg,
                format_args!(
                    "<path class=\"retreat\" d=\"M{from:.1} {bottom:.1}V{top:.1}H{to:.1}\" fill=\"none\" \
                 stroke=\"#c00\" stroke-width=\"1.2\"><title>from step {} back to {}</title></path>\n",
                    retreat.step, retreat.back_to
                ),
            );
        }
    }
}

impl Panel {
    fn axes(&self, steps: f64, top_px: f64) -> Axes {
        let points = self.lines.iter().flat_map(|line| &line.points);
        let numbers = points
            .map(|&(_, number)| number)
            .filter(|one| one.is_finite());
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for number in numbers {
            (low, high) = (low.min(number), high.max(number));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if self.from_zero {
            low = low.min(0.0);
        }
        let room = ((high - low) * 0.05).max(high.abs().max(1e-9) * 1e-3);
        Axes {
            steps,
            low: if self.from_zero { low } else { low - room },
            high: high + room,
            top_px,
            height_px: self.height_px,
        }
    }

    fn draw(&self, svg: &mut String, axes: &Axes) {
        push(
            svg,
            format_args!(
                "<text x=\"{LEFT_PX}\" y=\"{:.1}\" font-weight=\"600\">{}</text>\n",
                axes.top_px - 7.0,
                self.title
            ),
        );
        for tick in ticks(axes.low, axes.high) {
            let y = axes.y(tick);
            push(
                svg,
                format_args!(
                    "<line x1=\"{LEFT_PX}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\" stroke=\"{GRID}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
                    WIDTH_PX - RIGHT_PX,
                    LEFT_PX - 8.0,
                    y + 4.0,
                    shown(tick)
                ),
            );
        }
        for line in &self.lines {
            line.draw(svg, axes);
        }
    }
}

impl Line {
    fn draw(&self, svg: &mut String, axes: &Axes) {
        let mut path = String::new();
        let mut before = f64::NEG_INFINITY;
        for &(step, number) in self.points.iter().filter(|(_, number)| number.is_finite()) {
            // A training that went back begins another line.
            let to = if step > before { 'L' } else { 'M' };
            let to = if path.is_empty() { 'M' } else { to };
            push(
                &mut path,
                format_args!("{to}{:.1} {:.1}", axes.x(step), axes.y(number)),
            );
            before = step;
        }
        if path.is_empty() {
            return;
        }
        let colour = self.colour;
        push(
            svg,
            format_args!(
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\" \
             stroke-linejoin=\"round\"><title>{}</title></path>\n",
                self.name
            ),
        );
        for &(step, number) in self.points.iter().filter(|_| self.has_dots) {
            if number.is_finite() {
                let (x, y) = (axes.x(step), axes.y(number));
                push(
                    svg,
                    format_args!(
                        "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\" fill=\"{colour}\"/>\n"
                    ),
                );
            }
        }
    }
}

fn steps_below(svg: &mut String, steps: f64, bottom_px: f64) {
    let axes = Axes {
        steps,
        low: 0.0,
        high: 1.0,
        top_px: bottom_px,
        height_px: 0.0,
    };
    for tick in ticks(0.0, steps) {
        push(
            svg,
            format_args!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
                axes.x(tick),
                bottom_px + 18.0,
                shown(tick)
            ),
        );
    }
    push(
        svg,
        format_args!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">steps</text>\n",
            f64::midpoint(LEFT_PX, WIDTH_PX - RIGHT_PX),
            bottom_px + 38.0
        ),
    );
}

/// Round numbers from low to high: 1, 2 or 5 times a power of ten apart.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let wanted = (high - low) / TICKS;
    if !(wanted.is_finite() && wanted > 0.0) {
        return Vec::new();
    }
    let power = 10_f64.powf(wanted.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let factor = factors.into_iter().find(|factor| factor * power >= wanted);
    let apart = factor.unwrap_or(10.0) * power;
    let first = (low / apart).ceil();
    (0..=20)
        .map(|number| (first + f64::from(number)) * apart)
        .take_while(|tick| *tick <= high)
        .collect()
}

/// A number of an axis, short.
fn shown(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if size < 1e-2 {
        return format!("{number:.1e}");
    }
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn push(svg: &mut String, text: Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = svg.write_fmt(text);
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn curve() -> Curve {
        let steps: Vec<_> = (1..=60)
            .map(|step| {
                let progress = f64::from(step) / 60.0;
                json!({
                    "step": step, "loss": 3.9 - progress, "rate": 4e-4 * (1.0 - progress),
                    "tokens_per_s": 180.0 + progress, "of": 1
                })
            })
            .collect();
        let looks: Vec<_> = (0..=6)
            .map(|n| json!({"step": n * 10, "held_out": 3.8 - f64::from(n) / 20.0, "generic": 3.5}))
            .collect();
        serde_json::from_value(json!({
            "steps": steps, "evaluations": looks, "each": 1,
            "retreats": [{"step": 40, "back_to": 20, "rate": 4e-5}]
        }))
        .unwrap()
    }

    fn svg(curve: &Curve, best_step: Option<u64>) -> String {
        let title = "zh-1 <声音>";
        Picture {
            title,
            curve,
            best_step,
        }
        .svg()
    }

    #[test]
    fn every_curve_and_mark_is_drawn_within_the_picture() {
        let picture = svg(&curve(), Some(50));
        assert_eq!(picture.matches("<path d=").count(), 5);
        assert_eq!(picture.matches("class=\"best\"").count(), 3);
        assert_eq!(picture.matches("class=\"retreat\"").count(), 3);
        assert_eq!(picture.matches("<circle").count(), 14);
        assert!(picture.contains("zh-1 &lt;声音&gt;") && !picture.contains("NaN"));
        let height: f64 = picture
            .split("height=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next()?.parse().ok())
            .unwrap();
        let numbers = picture.split("cy=\"").skip(1);
        for number in numbers.filter_map(|rest| rest.split('"').next()?.parse::<f64>().ok()) {
            assert!(number > 0.0 && number < height, "{number}");
        }
    }

    #[test]
    fn a_training_that_went_back_begins_another_line() {
        let mut twice = curve();
        let again = twice.steps[20..].to_vec();
        twice.steps.extend(again);
        let picture = svg(&twice, None);
        let path = picture.split("<path d=\"").nth(1).unwrap();
        let path = path.split('"').next().unwrap();
        assert_eq!(path.matches('M').count(), 2);
    }

    #[test]
    fn nothing_and_what_is_no_number_make_a_picture_all_the_same() {
        let empty = svg(&Curve::default(), None);
        assert!(empty.ends_with("</svg>\n"));
        let mut odd = curve();
        odd.steps[3].loss = f64::INFINITY;
        odd.evaluations[0].held_out = f64::NAN;
        let picture = svg(&odd, Some(0));
        assert!(
            !picture.contains("NaN") && !picture.contains("inf\""),
            "{picture}"
        );
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(ticks(0.0, 60.0), [0.0, 20.0, 40.0, 60.0]);
        let shown: Vec<String> = ticks(3.31, 3.74).into_iter().map(shown).collect();
        assert_eq!(shown, ["3.4", "3.5", "3.6", "3.7"]);
        assert_eq!(super::shown(4e-4), "4.0e-4");
        assert!(ticks(1.0, 1.0).is_empty() && ticks(0.0, f64::NAN).is_empty());
    }
}

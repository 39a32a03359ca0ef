//! Precision at fixed rates of showing, by whichever number orders the carets.
//!
//! Pure arithmetic on points that were asked for without a gate, so that all have an answer.

use serde::Serialize;

use super::points::{Correctness, Point};

/// Rates of showing at which precision is told, in percent of all carets.
const RATES_PCT: [usize; 7] = [5, 10, 20, 30, 40, 60, 100];

/// Precision where the surest carets of all are shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// How many of all carets would be shown, in percent; less than wanted where too few had a
    /// suggestion.
    pub shown_pct: f64,
    /// How many of those are right.
    pub precision: f64,
}

/// The curve by `order`: the carets with the highest numbers are shown first.
pub(super) fn curve(points: &[&Point], order: impl Fn(&Point) -> Option<f64>) -> Vec<CurvePoint> {
    let mut ordered: Vec<(f64, Correctness)> = points
        .iter()
        .filter_map(|point| Some((order(point)?, point.shown?)))
        .collect();
    ordered.sort_by(|a, b| b.0.total_cmp(&a.0));
    RATES_PCT
        .iter()
        .filter_map(|rate| {
            let wanted = (points.len() * rate).div_ceil(100);
            let shown = &ordered[..wanted.min(ordered.len())];
            (!shown.is_empty()).then(|| CurvePoint {
                shown_pct: 100.0 * shown.len() as f64 / points.len() as f64,
                precision: precision(shown.iter().map(|(_, correctness)| *correctness)),
            })
        })
        .collect()
}

/// The share of right ones; 0 of none.
pub(super) fn precision(shown: impl Iterator<Item = Correctness>) -> f64 {
    let (mut right, mut all) = (0_u32, 0_u32);
    for correctness in shown {
        right += u32::from(correctness == Correctness::Right);
        all += 1;
    }
    if all == 0 {
        0.0
    } else {
        f64::from(right) / f64::from(all)
    }
}

#[cfg(test)]
mod tests {
    use super::super::carets::Place;
    use super::super::points::tests::point;
    use super::*;

    #[test]
    fn the_surest_are_shown_first_and_silent_carets_never() {
        let mut points: Vec<Point> = (0..10)
            .map(|at| {
                point(
                    Place::WordStart,
                    f64::from(at) / 10.0,
                    Some(Correctness::Wrong),
                )
            })
            .collect();
        points[9].shown = Some(Correctness::Right);
        points.extend((0..10).map(|_| point(Place::WordStart, 0.99, None)));
        let points: Vec<&Point> = points.iter().collect();
        let by_score = curve(&points, |point| Some(point.confidence.as_ref()?.score));
        let cells = |curve: &[CurvePoint]| -> Vec<String> {
            let cell = |point: &CurvePoint| format!("{} {}", point.shown_pct, point.precision);
            curve.iter().map(cell).collect()
        };
        assert_eq!(
            cells(&by_score),
            [
                "5 1",
                "10 0.5",
                "20 0.25",
                "30 0.16666666666666666",
                "40 0.125",
                "50 0.1",
                "50 0.1"
            ]
        );
        let by_raw = curve(&points, |point| {
            Some(point.confidence.as_ref()?.first_word_probability)
        });
        assert_eq!(cells(&by_raw)[0], "5 0");
    }
}

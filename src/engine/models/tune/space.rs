//! The settings a search may try: what the knobs of a family say is worth trying.

use crate::engine::{
    knobs::{Knob, KnobKind, Search, Setting, Settings},
    numeric::{math, random::Rng},
};

/// Streams of candidates begin here.
const CANDIDATE_STREAM: u64 = 0x7E57_0000;

/// Draws before it is concluded that there is nothing new to try.
const MOST_DRAWS: u64 = 50;

/// The knobs that are searched over.
pub fn searched(knobs: &[Knob]) -> Vec<&Knob> {
    knobs.iter().filter(|k| k.search.is_some()).collect()
}

/// Up to `n` different settings: the present ones, then drawn ones, each from its own stream. Settings at their default are
/// left out of them.
pub fn candidates(knobs: &[Knob], present: &Settings, n: u32, seed: u64) -> Vec<Settings> {
    let mut found = vec![bare(knobs, present.clone())];
    for i in 1..u64::from(n) {
        let mut rng = Rng::stream(seed, CANDIDATE_STREAM + i);
        let fresh = (0..MOST_DRAWS).find_map(|_| {
            let drawn = bare(knobs, draw(knobs, present, &mut rng));
            (!found.contains(&drawn)).then_some(drawn)
        });
        let Some(fresh) = fresh else { break };
        found.push(fresh);
    }
    found
}

fn draw(knobs: &[Knob], present: &Settings, rng: &mut Rng) -> Settings {
    let mut settings = present.clone();
    for knob in knobs {
        let Some(search) = &knob.search else { continue };
        let value = match search {
            Search::Even { low, high } => match knob.kind {
                // Both ends as often as what lies between.
                KnobKind::Integer { .. } => whole(low + ((high - low + 1.0) * rng.unit()).floor()),
                _ => Setting::Real(short(low + (high - low) * rng.unit())),
            },
            Search::Log { low, high } => {
                let value = math::exp(math::ln(*low) + (math::ln(*high) - math::ln(*low)) * rng.unit());
                if matches!(knob.kind, KnobKind::Integer { .. }) {
                    whole(value)
                } else {
                    Setting::Real(short(value))
                }
            }
            Search::Among(values) => match values.get(rng.below(values.len().max(1) as u32) as usize) {
                Some(value) => value.clone(),
                None => continue,
            },
        };
        settings.0.insert(knob.slug.clone(), value);
    }
    settings
}

fn whole(value: f64) -> Setting {
    Setting::Integer(value.round() as i64)
}

/// Three digits: more would pretend to a precision that no search has.
fn short(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// Without what is the default anyway.
pub fn bare(knobs: &[Knob], mut settings: Settings) -> Settings {
    settings.0.retain(|slug, value| !knobs.iter().any(|k| k.slug == *slug && k.default == *value));
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::models::FAMILIES;

    #[test]
    fn candidates_differ_are_allowed_and_repeat() {
        let mut n_searched = 0;
        for family in FAMILIES {
            let knobs = family.knobs();
            let found = candidates(&knobs, &Settings::new(), 40, 7);
            assert_eq!(found[0], Settings::new());
            assert_eq!(found, candidates(&knobs, &Settings::new(), 40, 7));
            // More are the same and then others.
            assert_eq!(found[..], candidates(&knobs, &Settings::new(), 60, 7)[..found.len()]);
            for settings in &found {
                family
                    .trainer(settings)
                    .map(|_| ())
                    .unwrap_or_else(|e| panic!("{}: {e}: {settings:?}", family.slug()));
            }
            for (i, a) in found.iter().enumerate() {
                assert!(!found[i + 1..].contains(a), "{}: {a:?} twice", family.slug());
            }
            let n_knobs = searched(&knobs).len();
            assert_eq!(found.len() > 1, n_knobs > 0, "{}", family.slug());
            n_searched += usize::from(n_knobs > 0);
        }
        assert!(n_searched >= 7, "{n_searched}");
    }

    #[test]
    fn logarithms_and_ends_are_drawn_evenly() {
        let knob = |kind, search| Knob::new("k", "K", "", kind, 0_i64).searched(search);
        let real = knob(KnobKind::Real { min: 0.0, max: 1.0 }, Search::Log { low: 0.01, high: 1.0 });
        let whole = knob(KnobKind::Integer { min: 1, max: 9 }, Search::Even { low: 2.0, high: 4.0 });
        let mut rng = Rng::stream(1, 1);
        let draws: Vec<Settings> =
            (0..600).map(|_| draw(std::slice::from_ref(&real), &Settings::new(), &mut rng)).collect();
        let below = draws.iter().filter(|s| s.real("k", 9.0) < 0.1).count();
        assert!((250..350).contains(&below), "{below}");
        for value in 2..=4 {
            let n = (0..600).filter(|_| {
                draw(std::slice::from_ref(&whole), &Settings::new(), &mut rng).integer("k", 0) == value
            });
            let n = n.count();
            assert!((150..250).contains(&n), "{value}: {n}");
        }
    }
}

//! Whether a learning helps: an interval that may be looked at after every pair.
//!
//! Whoever tests after each trial and stops at the first “significant” one is fooled by chance far more often than the
//! test says. So the interval here is a confidence sequence: it holds the true rate at *all* sample sizes at once with
//! the stated probability, so one may look, go on or stop whenever one likes. It is the beta-binomial mixture of
//! Robbins (“Statistical methods related to the law of the iterated logarithm”, 1970) with a uniform mixture, as in
//! Howard, Ramdas, McAuliffe and Sekhon (“Time-uniform, nonparametric, nonasymptotic confidence sequences”, 2021):
//! for a true rate `p`, `M(p) = B(1 + wins, 1 + losses) / (p^wins (1 − p)^losses)` is a martingale that begins at 1, so
//! by Ville's inequality it ever reaches `1/α` with probability `α` at most. The sequence is every `p` whose `M(p)` did
//! not. Pairs that are no win and no loss say nothing about the rate and do not enter.

/// Probability with which the interval ever misses the true rate.
pub const MISS_MAX: f64 = 0.10;
/// Probability with which a learning that does not help is ever adopted: the interval misses on either side alike.
pub const ADOPTED_WRONGLY_MAX: f64 = MISS_MAX / 2.0;
/// What a learning's rate of wins must be proved to exceed.
pub const RATE_MIN: f64 = 0.5;
/// Most pairs that are judged before there must be a proof; ties count here.
pub const PAIRS_MAX: u32 = 60;
/// An adopted one is judged by so many of the last pairs that were decided …
pub const WINDOW: u32 = 24;
/// … once there are so many.
pub const WINDOW_MIN: u32 = 12;

/// What the pairs came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Better with it.
    pub wins: u32,
    /// Better without it.
    pub losses: u32,
    /// Neither.
    pub ties: u32,
}

/// What follows from a tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Another pair.
    GoOn,
    /// Proved: it helps.
    Adopt,
    /// Proved: it harms.
    DropHarmful,
    /// Not proved, and no pair that is left could prove it.
    DropUnproved,
}

impl Tally {
    /// Pairs of which one was better: the interval's n.
    pub fn decided(self) -> u32 {
        self.wins + self.losses
    }

    /// All pairs that were judged.
    pub fn judged(self) -> u32 {
        self.decided() + self.ties
    }

    /// The share of wins among decided pairs; none where nothing is decided.
    pub fn rate(self) -> Option<f64> {
        (self.decided() > 0).then(|| f64::from(self.wins) / f64::from(self.decided()))
    }

    /// The rates that the pairs leave possible.
    pub fn interval(self) -> (f64, f64) {
        let Some(rate) = self.rate() else { return (0.0, 1.0) };
        let edge = |outer: f64| {
            let (mut out, mut inside) = (outer, rate);
            if !self.excludes(out) {
                return outer;
            }
            for _ in 0..HALVINGS {
                let middle = f64::midpoint(out, inside);
                if self.excludes(middle) { out = middle } else { inside = middle }
            }
            inside
        };
        (edge(0.0), edge(1.0))
    }

    /// Whether the pairs rule this rate out.
    pub fn excludes(self, rate: f64) -> bool {
        if (rate <= 0.0 && self.wins > 0) || (rate >= 1.0 && self.losses > 0) {
            return true;
        }
        let powers = |count: u32, of: f64| if count == 0 { 0.0 } else { f64::from(count) * of.ln() };
        let log = ln_beta(self.wins, self.losses) - powers(self.wins, rate) - powers(self.losses, 1.0 - rate);
        log >= -MISS_MAX.ln()
    }

    /// Whether the whole interval lies above [`RATE_MIN`].
    pub fn helps(self) -> bool {
        self.wins > self.losses && self.excludes(RATE_MIN)
    }

    /// Whether it lies below.
    pub fn harms(self) -> bool {
        self.losses > self.wins && self.excludes(RATE_MIN)
    }

    /// What follows, for one that is being tried.
    pub fn ruling(self) -> Ruling {
        let left = PAIRS_MAX.saturating_sub(self.judged());
        if self.helps() {
            Ruling::Adopt
        } else if self.harms() {
            Ruling::DropHarmful
        } else if left == 0 || !(Self { wins: self.wins + left, ..self }).helps() {
            Ruling::DropUnproved
        } else {
            Ruling::GoOn
        }
    }
}

/// Of bisections: more than a double's digits hold is of no use.
const HALVINGS: u32 = 40;

/// `ln B(1 + wins, 1 + losses)`, that is `wins! losses! / (wins + losses + 1)!`.
fn ln_beta(wins: u32, losses: u32) -> f64 {
    let (few, many) = (wins.min(losses), wins.max(losses));
    let fraction: f64 = (1..=few).map(|k| f64::from(k).ln() - f64::from(many + k).ln()).sum();
    fraction - f64::from(wins + losses + 1).ln()
}

/// Whether an adopted one still helps, from its last decided pairs, the newest first, a win being `true`: dropped when
/// it lost more than half of them.
pub fn still_helps(newest_first: impl IntoIterator<Item = bool>) -> bool {
    let (mut wins, mut all) = (0, 0);
    for win in newest_first.into_iter().take(WINDOW as usize) {
        wins += u32::from(win);
        all += 1;
    }
    all < WINDOW_MIN || 2 * wins >= all
}

/// With so many pairs decided, the fewest wins that prove that it helps; none where no number of them does. The
/// migration holds the same table, so that the database itself decides; a test compares the two.
pub fn wins_to_adopt(decided: u32) -> Option<u32> {
    (0..=decided).find(|wins| Tally { wins: *wins, losses: decided - wins, ties: 0 }.helps())
}

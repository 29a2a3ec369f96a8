//! The structural checks of one post, native: every labelled draft of the three briefs.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use domain::labelled::Suite;

/// What the checks of one post may take.
const CHECK_MAX: Duration = Duration::from_millis(5);
/// How often each draft is checked.
const ROUNDS: usize = 20;

/// Checks each draft so often, as a step does of the first of a batch: the brief is read anew for each, and as many
/// posts of the last weeks as there may be.
pub fn measure(root: &Path) -> Result<()> {
    let mut suite = Suite::default();
    for name in ["night-shift-bakery", "ripgrep", "wikipedia-editathon"] {
        let read = |path: String| std::fs::read_to_string(root.join("tests/fixtures").join(path));
        let drafts = [read(format!("drafts/{name}.good.toml"))?, read(format!("drafts/{name}.flawed.toml"))?];
        suite
            .add(name, &read(format!("briefs/{name}.toml"))?, &[&drafts[0], &drafts[1]])
            .map_err(|complaint| anyhow!(complaint))?;
    }
    let mut times = Vec::new();
    for index in (0..suite.drafts.len()).cycle().take(suite.drafts.len() * ROUNDS) {
        let start = Instant::now();
        std::hint::black_box(suite.findings(index));
        std::hint::black_box(suite.repeated(index));
        times.push(start.elapsed());
    }
    ensure!(!times.is_empty(), "there are no drafts");
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("\nstructural checks of one post, native: {} drafts, {ROUNDS} times each", suite.drafts.len());
    println!(
        "  p50 {:.3} ms, p99 {:.3} ms, worst {:.3} ms; p99 is {:.0} % of the {} ms that it may take",
        at(0.5),
        at(0.99),
        at(1.0),
        at(0.99) / CHECK_MAX.as_secs_f64() / 10.0,
        CHECK_MAX.as_millis()
    );
    Ok(())
}

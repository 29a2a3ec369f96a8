//! A step's settings, from the component's variables.

use engine::Limits;

/// How much a step takes on at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct StepSettings {
    /// Jobs at a time, and the time for one call.
    pub limits: Limits,
}

/// Most jobs at a time.
const BATCH_MAX: u32 = 64;
/// Longest time budget: 10 minutes.
const BUDGET_MS_MAX: i64 = 600_000;

impl StepSettings {
    /// Reads `step_batch` and `step_budget_ms`; what is missing or out of range gives the default, and says so.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let default = Limits::default();
        let read = |name: &str, default: i64, max: i64| match variable(name).map(|text| text.trim().to_string()) {
            None => default,
            Some(text) if text.is_empty() => default,
            Some(text) => text.parse().ok().filter(|number| (1..=max).contains(number)).unwrap_or_else(|| {
                eprintln!("the variable `{name}` is `{text}`; it must be from 1 to {max}; using {default}");
                default
            }),
        };
        let batch = read("step_batch", default.batch.into(), BATCH_MAX.into());
        // A call of the host's own model blocks: jobs beside it would only wait, and outlive their leases.
        let asks_the_host = variable("model_provider").is_some_and(|kind| kind.trim() == "spin_llm")
            || !domain::provider::hosts_models(&variable).is_empty();
        let batch = if asks_the_host { 1 } else { batch };
        let budget_ms = read("step_budget_ms", default.budget_ms, BUDGET_MS_MAX);
        Self { limits: Limits { batch: u32::try_from(batch).unwrap_or(default.batch), budget_ms } }
    }

    /// How long to wait for a model's first byte: what is left of the budget when a claim is made, but no more than
    /// a minute. Milliseconds.
    pub fn model_first_byte_ms(&self) -> u32 {
        u32::try_from(self.limits.budget_ms * 3 / 4).unwrap_or(u32::MAX).min(models::FIRST_BYTE_MS)
    }
}

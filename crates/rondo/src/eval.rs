//! `rondo eval`: how good are the checks and the judges, and does the loop make posts better?
//!
//! Three parts, each over fixed material that is built in: the structural checks over the labelled drafts; a judge,
//! and a second opinion, over the drafts that only a reader can tell from good ones; and the loop of writing, review
//! and revision over the three briefs. The model is the configured one; with none it is the rehearsal model, and the
//! report says so, for its scores are countings and not opinions.

mod judges;
mod material;
mod report;
mod rounds;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args as ClapArgs;
use domain::MicroUsd;
use models::round::Purse;
use models::{Model, Settings, from_settings};
use ports::native::NativeHttp;

use crate::settings::parse_variable;

/// What it takes.
#[derive(ClapArgs)]
pub struct Args {
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// A variable of the app, `model_provider=openai`; `judge_provider`, `judge_name` … set a second judge. Else
    /// the environment has them, as SPIN_VARIABLE_MODEL_PROVIDER.
    #[arg(long = "variable", value_parser = parse_variable, value_name = "NAME=VALUE")]
    variables: Vec<(String, String)>,
    /// What the models may cost altogether, in US dollars; without prices nothing can be stopped.
    #[arg(long, default_value_t = 1.0)]
    budget_usd: f64,
    /// Most drafts that the judges read.
    #[arg(long, default_value_t = 60)]
    drafts: usize,
}

/// Runs all three parts. Fails where a check missed a flaw or cried wolf, where posts got no better, or where one
/// came out that neither meets the thresholds nor sits with a person.
pub async fn run(args: Args) -> Result<ExitCode> {
    let variable = |name: &str| {
        let given = args.variables.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.clone());
        given.or_else(|| std::env::var(format!("SPIN_VARIABLE_{}", name.to_ascii_uppercase())).ok())
    };
    let model = from_settings(&Settings::from_variables(variable))?;
    let second: Option<Box<dyn Model>> = match variable("judge_provider").filter(|value| !value.is_empty()) {
        Some(_) => {
            Some(from_settings(&Settings::from_variables(|name| variable(&name.replacen("model_", "judge_", 1))))?)
        }
        None => None,
    };
    let http = NativeHttp::new().context("no HTTP client")?;
    let purse = Purse::of(micro_usd(args.budget_usd));
    let suite = material::suite()?;
    let checks = material::checked(&suite);
    let bench = judges::Bench { first: &*model, second: second.as_deref(), http: &http, purse: &purse };
    let judged = bench.judge(&suite, args.drafts).await;
    let mut loops = Vec::new();
    for (name, brief) in &suite.briefs {
        loops.push(rounds::play(&*model, &http, &purse, name, brief).await?);
    }
    let report = report::Report {
        model: format!("{}/{}", model.provider(), model.name()),
        priced: model.priced(),
        checks,
        judged,
        loops,
        calls: purse.calls(),
        spent_micro_usd: purse.spent().0,
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", report.text());
    }
    let complaints = report.complaints();
    complaints.iter().for_each(|complaint| eprintln!("rondo eval: {complaint}"));
    Ok(if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn micro_usd(dollars: f64) -> MicroUsd {
    #[expect(clippy::cast_possible_truncation, reason = "a float saturates, and a purse that large is no purse")]
    MicroUsd((dollars.max(0.0) * 1e6) as i64)
}

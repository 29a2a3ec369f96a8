//! `rondo goal`: takes a goal to reviewed drafts, or all the way to the stage.

mod bars;
mod follow;
mod plan;
mod report;

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use domain::Mode;
use serde_json::json;
use tokio::sync::oneshot;

use crate::api::Api;
use crate::tick::check_url;
use crate::{stop, up};

use follow::{End, Follower};
use report::Report;

/// How to read the exit code.
const EXIT_CODES: &str = "\
Exit codes:
  0  it came as far as it was asked to
  1  something failed; the message says what
  2  the command cannot be done as written
  3  it came to an end, and something in it needs a person: a post that review did not pass, or a missed one
  4  nothing moved for two minutes

With --json, standard output is one object:
  {url, waits_for, campaign: {id, name, mode, stage, reason},
   posts: [{id, slot, planned_local, state, mean, revisions, cost_micro_usd, title, first_words, reason, ext_url}],
   totals: {posts: {<state>: n}, revisions, sent_back, spent_micro_usd, elapsed_ms}}
`waits_for` is `nothing`, `strategy_approval`, `post_approval`, `person` or `time`.";

const NEEDS_PERSON: u8 = 3;
const STALLED: u8 = 4;

#[derive(clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten)]
    plan: plan::Args,
    /// Go on with a campaign that is there already
    #[arg(long, value_name = "ID", conflicts_with_all = ["goal", "brief"])]
    campaign: Option<String>,
    /// Decides as a person would: all, or the strategy alone. In a rehearsal only
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    approve: Option<Approve>,
    /// Prints one JSON object instead of a table
    #[arg(long)]
    json: bool,
    /// The app [default: one is started here for as long as this takes]
    #[arg(long, env = "RONDO_URL", value_name = "URL", requires = "token")]
    url: Option<String>,
    /// A token of the API, for `--url`
    #[arg(long, env = "RONDO_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
    #[command(flatten)]
    here: Here,
}

/// What is decided by the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Approve {
    /// The strategy, and every post that passed review
    All,
    /// The strategy alone; posts stop as reviewed drafts
    Strategy,
}

/// The flags of `up` for an app that is started here.
#[derive(clap::Args)]
struct Here {
    /// The manifest, or its folder [default: the nearest spin.toml, from here upwards]
    #[arg(short = 'f', long, value_name = "PATH")]
    from: Option<std::path::PathBuf>,
    /// Where databases and logs are kept [default: .spin beside the manifest]
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<std::path::PathBuf>,
    /// Sets a variable of the manifest, name=value; may be repeated
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = crate::settings::parse_variable)]
    variables: Vec<(String, String)>,
    /// Runs the wasm that is there, stale or not
    #[arg(long)]
    no_build: bool,
}

impl Here {
    fn up(self) -> up::Args {
        up::Args {
            from: self.from,
            listen: ([127, 0, 0, 1], 0).into(),
            state_dir: self.state_dir,
            variables: self.variables,
            runtime_config_file: None,
            quiet: true,
            no_build: self.no_build,
        }
    }
}

/// Runs the command.
pub async fn run(args: Args) -> Result<ExitCode> {
    if args.approve.is_some() && args.plan.mode == Mode::Performance {
        usage(
            "--approve decides as a person would, and what a performance publishes is for a person to decide; leave one of the two out",
        );
    }
    // Whatever is wrong with the brief is said before anything is built or started.
    let body = match &args.campaign {
        Some(_) => None,
        None => Some(args.plan.body()?),
    };
    let errand = Errand { body, campaign: args.campaign, approve: args.approve, json: args.json };
    match args.url {
        Some(url) => {
            check_url(&url)?;
            errand.run(&Api::new(&url, args.token)?, false).await
        }
        None => run_here(errand, args.here.up()).await,
    }
}

/// Ends as clap ends when a flag cannot be.
fn usage(message: &str) -> ! {
    clap::Error::raw(clap::error::ErrorKind::ArgumentConflict, format!("{message}\n")).exit()
}

/// Starts the app for the errand, over the same state as `rondo up` has.
async fn run_here(errand: Errand, args: up::Args) -> Result<ExitCode> {
    let local = up::Local::load(&args).await?;
    let token = local.operator_token();
    if token.is_none() {
        bail!("the manifest has no variable `operator_token`, so nobody can speak to the app; use --url and --token");
    }
    let api = Api::new(&local.url().context("the manifest answers no HTTP")?, token)?;
    let (done, over) = oneshot::channel::<()>();
    let work = async {
        let came = errand.run(&api, true).await;
        drop(done);
        came
    };
    let (served, came) = tokio::join!(local.serve(over), work);
    served.and(came)
}

/// What is to be done, wherever the app is.
struct Errand {
    body: Option<serde_json::Value>,
    campaign: Option<String>,
    approve: Option<Approve>,
    json: bool,
}

impl Errand {
    async fn run(&self, api: &Api, started_here: bool) -> Result<ExitCode> {
        tokio::select! {
            came = self.carry_out(api, started_here) => came,
            () = stop::asked() => bail!("stopped; the campaign stays where it is, and `rondo goal --campaign ID` goes on with it"),
        }
    }

    async fn carry_out(&self, api: &Api, started_here: bool) -> Result<ExitCode> {
        let id = match (&self.campaign, &self.body) {
            (Some(id), _) => id.clone(),
            (None, body) => api.create_campaign(body.as_ref().unwrap_or(&json!({})), &key()?).await?.id,
        };
        let campaign = api.campaign(&id).await?;
        if self.approve.is_some() && campaign.mode == Mode::Performance {
            usage(&format!("--approve decides as a person would, and {id} is a performance: a person decides there"));
        }
        let end = Follower::new(api, &id, self.approve).to_the_end().await?;
        let report = Report::make(api, &end).await;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report).context("a report is always JSON")?);
        } else {
            print!("{report}{}", report.what_next(started_here));
        }
        Ok(exit_code(&end))
    }
}

fn exit_code(end: &End) -> ExitCode {
    match end {
        End { stalled: true, .. } => ExitCode::from(STALLED),
        end if end.needs_person() => ExitCode::from(NEEDS_PERSON),
        _ => ExitCode::SUCCESS,
    }
}

/// A key of its own for each run, so that the answer to a lost one is not lost with it.
fn key() -> Result<String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?;
    Ok(format!("rondo-goal-{}-{}", std::process::id(), since.as_nanos()))
}

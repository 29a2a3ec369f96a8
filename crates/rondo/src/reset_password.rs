//! `rondo reset-password`: a one-time link with which somebody chooses a new password.

use anyhow::{Context, Result};
use serde_json::json;

use crate::api::Api;
use crate::tick::check_url;

/// Makes the link through the API, as the operator, who may make one for anybody.
#[derive(clap::Args)]
pub struct Args {
    /// Whose password: their e-mail address
    email: String,
    /// Where the app answers
    #[arg(long, env = "RONDO_URL", value_name = "URL", default_value = "http://127.0.0.1:3000")]
    url: String,
    /// The app's `operator_token`, as you have set it
    #[arg(long, env = "SPIN_VARIABLE_OPERATOR_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: String,
    /// Their device is lost: turns the second factor off as well
    #[arg(long)]
    lost_device: bool,
}

/// Prints the link. It works once, within an hour.
pub async fn run(args: Args) -> Result<()> {
    check_url(&args.url)?;
    let api = Api::new(&args.url, Some(args.token))?;
    let link = api.reset_password(&json!({ "email": args.email, "clears_second_factor": args.lost_device })).await;
    println!("{}", link.context("no link was made")?);
    eprintln!("Whoever opens it within an hour chooses the password. It works once.");
    Ok(())
}

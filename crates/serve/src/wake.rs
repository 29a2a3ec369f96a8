//! Who may wake a step or tick: whoever has the wake secret.

use store::people::install;

use crate::caller::bearer;
use crate::session::same_secret;
use crate::{App, Problem, Request, Settings};

/// The wake secret: the operator's, or the install's own.
pub async fn secret(db: &dyn ports::Db, settings: &Settings) -> Result<String, Problem> {
    match settings.wake_secret() {
        Some(set) => Ok(set),
        None => Ok(install::wake_secret(db).await?),
    }
}

/// Refuses whoever does not have it.
pub async fn authorize(app: App<'_>, request: &Request) -> Result<(), Problem> {
    let given = request.header("authorization").and_then(bearer).unwrap_or_default();
    let secret = secret(app.ports.db, app.settings).await?;
    if same_secret(&secret, given) { Ok(()) } else { Err(Problem::Unauthorized { complaint: "this needs the wake secret" }) }
}

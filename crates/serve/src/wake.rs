//! Who may wake a step or tick: whoever has the wake secret.

use store::people::install;

use crate::caller::bearer;
use crate::password::same_secret;
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
    if same_secret(&secret, given) {
        Ok(())
    } else {
        Err(Problem::Unauthorized { complaint: "this needs the wake secret" })
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::testing::{World, get};

    fn check(world: &World, header: &str, expect: bool) {
        let request = get("/wake/generate").with_header("authorization", header);
        assert_eq!(block_on(authorize(world.app(), &request)).is_ok(), expect, "{header}");
    }

    #[test]
    fn with_nothing_set_the_installs_own_secret_wakes() {
        let world = World::with(&[]);
        let own = block_on(install::wake_secret(&world.db)).unwrap();
        assert_eq!(own.len(), 64);
        check(&world, &format!("Bearer {own}"), true);
        check(&world, "Bearer guess", false);
        check(&world, "Bearer ", false);
        check(&world, &own, false);
    }

    #[test]
    fn a_secret_that_is_set_takes_the_place_of_the_installs_own() {
        let world = World::with(&[("wake_secret", "ours")]);
        let own = block_on(install::wake_secret(&world.db)).unwrap();
        check(&world, "Bearer ours", true);
        check(&world, &format!("Bearer {own}"), false);
    }
}

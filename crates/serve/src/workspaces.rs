//! Making another workspace.

use domain::Mode;
use ports::DbError;
use store::people::workspace::{self, Workspace};
use store::secret;

use crate::{App, Caller, Problem, fields, id};

/// Longest slug that a name gives, in characters; a few more make it unique.
const SLUG_CHARS_MAX: usize = 40;
/// Characters that make a slug unique where the name alone does not.
const SUFFIX_CHARS: usize = 6;

/// Makes one whose owner is the person who calls.
pub async fn create(app: App<'_>, caller: &Caller, name: &str) -> Result<Workspace, Problem> {
    let founder = caller.person()?;
    let name = fields::check_name("name", name)?;
    let mut new = Workspace {
        id: id(app),
        name: name.into(),
        slug: slug(name),
        paused: false,
        mode: Mode::Rehearsal,
        revision: 1,
    };
    let now_ms = app.ports.clock.now_ms();
    let made = match workspace::create(app.ports.db, now_ms, &new, founder).await {
        Err(DbError::Conflict(_)) => {
            new.slug = format!("{}-{}", new.slug, &secret::new(app.ports.entropy)[..SUFFIX_CHARS]);
            workspace::create(app.ports.db, now_ms, &new, founder).await
        }
        other => other,
    };
    made.map(|()| new).map_err(Into::into)
}

/// A name as URLs have it: small letters, digits and hyphens.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars().take(SLUG_CHARS_MAX) {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            'ä' => slug.push_str("ae"),
            'ö' => slug.push_str("oe"),
            'ü' => slug.push_str("ue"),
            'ß' => slug.push_str("ss"),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "workspace".into() } else { slug.into() }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::session::enter;
    use crate::testing::{World, get, pair};

    #[test]
    fn a_name_becomes_an_address() {
        for (name, expect) in [
            ("Hill & Sons", "hill-sons"),
            ("  Bäckerei  Groß! ", "baeckerei-gross"),
            ("東京", "workspace"),
            ("--", "workspace"),
        ] {
            assert_eq!(slug(name), expect);
        }
    }

    #[test]
    fn two_workspaces_of_one_name_have_two_addresses_and_whoever_makes_one_may_enter_it() {
        let (world, cookie) = World::claimed();
        let ada = world.caller(&get("/").with_header("cookie", &cookie)).unwrap();
        let one = block_on(create(world.app(), &ada, "Client")).unwrap();
        let two = block_on(create(world.app(), &ada, "Client")).unwrap();
        assert_eq!(one.slug, "client");
        assert!(two.slug.starts_with("client-"));
        let fresh = pair(&block_on(enter(world.app(), &ada, &get("/"), &two.id)).unwrap());
        let there = world.caller(&get("/").with_header("cookie", &fresh)).unwrap();
        assert_eq!((there.workspace_id, there.role), (two.id, domain::Role::Owner));
        assert!(world.caller(&get("/").with_header("cookie", &cookie)).is_err(), "the old cookie is void");
    }

    #[test]
    fn a_workspace_that_one_does_not_belong_to_does_not_exist() {
        let (world, cookie) = World::claimed();
        let ada = world.caller(&get("/").with_header("cookie", &cookie)).unwrap();
        world.db.run("insert into workspace (id, name, slug, created_at) values ('w2', 'Two', 'two', 9)", &[]).unwrap();
        for id in ["w2", "nothing"] {
            assert_eq!(block_on(enter(world.app(), &ada, &get("/"), id)).unwrap_err().slug(), "not-found");
        }
        let token = world.token(domain::Role::Owner);
        let program = world.caller(&get("/").with_header("authorization", &format!("Bearer {token}"))).unwrap();
        assert_eq!(block_on(create(world.app(), &program, "X")).unwrap_err().slug(), "unauthorized");
    }
}

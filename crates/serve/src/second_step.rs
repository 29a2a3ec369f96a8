//! The second step of signing in: a code of an authenticator app, or a recovery code; turning it on and off.

use store::envelope::{EnvelopeError, Envelopes, Place};
use store::people::sign_in::Key;
use store::people::{half_sign_in, totp as table, user};
use store::secret;

use crate::caller::same_origin;
use crate::session::{HALF, begin, confirmed, count_guess, guessed_right, named, set_cookie};
use crate::{App, Caller, Problem, Request, totp};

/// How many recovery codes a person is given.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of one: 80 bits, in 16 letters and digits.
const RECOVERY_BYTES: usize = 10;

/// What somebody needs to enrol an app.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// To be typed.
    pub secret: String,
    /// To be photographed.
    pub uri: String,
}

impl From<EnvelopeError> for Problem {
    fn from(error: EnvelopeError) -> Self {
        match error {
            EnvelopeError::Db(error) => error.into(),
            other => Self::Internal(other.into()),
        }
    }
}

async fn envelopes(app: App<'_>) -> Result<Envelopes, Problem> {
    Ok(Envelopes::of(app.ports.db, app.settings.seal_key().as_deref()).await?)
}

fn place(user_id: &str) -> Place<'_> {
    Place { table: "totp", column: "sealed", row: user_id }
}

/// Whose sign-in waits in this browser for its second step.
pub async fn waiting(app: App<'_>, request: &Request) -> Result<Option<String>, Problem> {
    let Some(value) = request.cookie(&named(app.settings, request, HALF)) else { return Ok(None) };
    Ok(half_sign_in::find(app.ports.db, app.ports.clock.pinned_ms(), &secret::sha256(value)).await?)
}

/// Takes the code and answers the cookies to set: of the session, and that which clears the step's own.
pub async fn finish(app: App<'_>, request: &Request, given: &str) -> Result<[String; 2], Problem> {
    same_origin(app.settings, request)?;
    let over = || Problem::Unauthorized { complaint: "signing in took too long; begin again" };
    let user_id = waiting(app, request).await?.ok_or_else(over)?;
    let keys = [Key::Address(&request.client_addr), Key::SecondStep(&user_id)];
    count_guess(app, &keys).await?;
    if !is_right(app, &user_id, given).await? {
        return Err(Problem::Unauthorized { complaint: "the code is wrong, or was used already" });
    }
    guessed_right(app, &keys).await?;
    let half = request.cookie(&named(app.settings, request, HALF)).unwrap_or_default();
    if !half_sign_in::take(app.ports.db, &secret::sha256(half)).await? {
        return Err(over());
    }
    let user = user::find(app.ports.db, &user_id).await?.ok_or_else(over)?;
    let session = begin(app, request, &user.id, user.workspace_id.as_deref().unwrap_or_default()).await?;
    Ok([session, set_cookie(app.settings, request, HALF, "", 0)])
}

/// Takes a code, once.
async fn is_right(app: App<'_>, user_id: &str, given: &str) -> Result<bool, Problem> {
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    let Some(found) = table::find(db, user_id).await?.filter(|found| found.is_confirmed) else { return Ok(false) };
    let plain = normal(given);
    if plain.len() != totp::DIGITS {
        return Ok(table::take_code(db, pinned_ms, user_id, &secret::sha256(&plain)).await?);
    }
    let key = envelopes(app).await?.open(place(user_id), &found.sealed)?;
    match totp::step_of(&key, &plain, app.ports.clock.now_ms()) {
        Some(step) => Ok(table::take_step(db, user_id, step).await?),
        None => Ok(false),
    }
}

/// A code as it was typed: spaces, hyphens and letter case aside.
fn normal(given: &str) -> String {
    given.chars().filter(char::is_ascii_alphanumeric).take(64).map(|c| c.to_ascii_uppercase()).collect()
}

/// Begins to enrol. A confirmed one must be turned off first.
pub async fn enrol(app: App<'_>, caller: &Caller) -> Result<Enrolment, Problem> {
    let user = person(app, caller).await?;
    let key = totp::new_secret(app.ports.entropy);
    let sealed = envelopes(app).await?.seal(app.ports.entropy, place(&user.id), &key)?;
    if !table::enrol(app.ports.db, app.ports.clock.pinned_ms(), &user.id, sealed).await? {
        return Err(Problem::AlreadyExists);
    }
    Ok(Enrolment { secret: totp::base32(&key), uri: totp::uri(&key, &user.email) })
}

/// What was begun and is not confirmed yet, to show it again.
pub async fn begun(app: App<'_>, caller: &Caller) -> Result<Option<Enrolment>, Problem> {
    let user = person(app, caller).await?;
    let Some(found) = table::find(app.ports.db, &user.id).await?.filter(|found| !found.is_confirmed) else {
        return Ok(None);
    };
    let key = envelopes(app).await?.open(place(&user.id), &found.sealed)?;
    Ok(Some(Enrolment { secret: totp::base32(&key), uri: totp::uri(&key, &user.email) }))
}

/// Turns it on, by a code of the app, and answers the recovery codes: shown once.
pub async fn confirm(app: App<'_>, caller: &Caller, given: &str) -> Result<Vec<String>, Problem> {
    let (db, user_id) = (app.ports.db, caller.person()?);
    let keys = [Key::SecondStep(user_id)];
    count_guess(app, &keys).await?;
    let found = table::find(db, user_id).await?.filter(|found| !found.is_confirmed).ok_or(Problem::WrongState)?;
    let key = envelopes(app).await?.open(place(user_id), &found.sealed)?;
    let step = totp::step_of(&key, &normal(given), app.ports.clock.now_ms());
    let step = step.ok_or_else(|| Problem::invalid("code", "is not the app's present one"))?;
    guessed_right(app, &keys).await?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code(app)).collect();
    let hashes: Vec<String> = codes.iter().map(|code| secret::sha256(&normal(code))).collect();
    if !table::confirm(db, app.ports.clock.pinned_ms(), user_id, (&found.sealed, step), &hashes).await? {
        return Err(Problem::AlreadyDecided);
    }
    Ok(codes)
}

fn recovery_code(app: App<'_>) -> String {
    let mut bytes = [0; RECOVERY_BYTES];
    app.ports.entropy.fill(&mut bytes);
    let text = totp::base32(&bytes);
    [&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-")
}

/// Turns it off; that takes the password.
pub async fn turn_off(app: App<'_>, caller: &Caller, given: &str) -> Result<(), Problem> {
    let user = confirmed(app, caller, "password", given).await?;
    if !table::remove(app.ports.db, app.ports.clock.pinned_ms(), &user.id, &user.id).await? {
        return Err(Problem::WrongState);
    }
    Ok(())
}

async fn person(app: App<'_>, caller: &Caller) -> Result<user::User, Problem> {
    let user = user::find(app.ports.db, caller.person()?).await?;
    user.ok_or_else(|| Problem::NotFound { what: "user", id: caller.actor.clone() })
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use store::people::sign_in::ACCOUNT_FREE;

    use super::*;
    use crate::session::{SignedIn, sign_in};
    use crate::testing::{PASSWORD, World, form, get, pair};

    /// Ada's codes, now.
    fn code_now(world: &World, enrolment: &Enrolment) -> String {
        let bits: String = enrolment.secret.bytes().map(|byte| format!("{:05b}", value(byte))).collect();
        let bytes: Vec<u8> = bits
            .as_bytes()
            .chunks_exact(8)
            .map(|eight| u8::from_str_radix(std::str::from_utf8(eight).unwrap(), 2).unwrap())
            .collect();
        totp::code(&bytes, world.app().ports.clock.now_ms() / 1000 / totp::PERIOD_S)
    }

    fn value(byte: u8) -> u8 {
        if byte.is_ascii_digit() { byte - b'2' + 26 } else { byte - b'A' }
    }

    /// Ada's, turned on: her enrolment and recovery codes.
    fn turned_on(world: &World, cookie: &str) -> (Enrolment, Vec<String>) {
        let ada = world.caller(&get("/").with_header("cookie", cookie)).unwrap();
        let enrolment = block_on(enrol(world.app(), &ada)).unwrap();
        let codes = block_on(confirm(world.app(), &ada, &code_now(world, &enrolment))).unwrap();
        world.clock.advance(60_000);
        (enrolment, codes)
    }

    fn first_step(world: &World) -> String {
        match block_on(sign_in(world.app(), &form("/sign-in", ""), "ada@example.com", PASSWORD)).unwrap() {
            SignedIn::SecondStep(cookie) => pair(&cookie),
            SignedIn::In(_) => panic!("the password alone is not enough"),
        }
    }

    fn second(world: &World, half: &str, code: &str) -> Result<String, &'static str> {
        let request = form("/sign-in/code", "").with_header("cookie", half);
        block_on(finish(world.app(), &request, code)).map(|[cookie, _]| pair(&cookie)).map_err(|problem| problem.slug())
    }

    #[test]
    fn the_password_alone_no_longer_signs_in_and_the_code_alone_never_does() {
        let (world, cookie) = World::claimed();
        let (enrolment, _) = turned_on(&world, &cookie);
        let half = first_step(&world);
        assert!(world.caller(&get("/").with_header("cookie", &half)).is_err());
        assert_eq!(second(&world, "half=guess", &code_now(&world, &enrolment)), Err("unauthorized"));
        assert_eq!(second(&world, &half, "000000"), Err("unauthorized"));
        let session = second(&world, &half, &code_now(&world, &enrolment)).unwrap();
        assert!(world.caller(&get("/").with_header("cookie", &session)).is_ok());
    }

    #[test]
    fn a_code_that_was_seen_is_of_no_use_to_who_saw_it() {
        let (world, cookie) = World::claimed();
        let (enrolment, _) = turned_on(&world, &cookie);
        let (mine, theirs) = (first_step(&world), first_step(&world));
        let code = code_now(&world, &enrolment);
        assert!(second(&world, &mine, &code).is_ok());
        assert_eq!(second(&world, &theirs, &code), Err("unauthorized"), "the same code again");
        assert_eq!(second(&world, &mine, &code), Err("unauthorized"), "the same step again");
        world.clock.advance(30_000);
        assert!(second(&world, &theirs, &code_now(&world, &enrolment)).is_ok(), "the next code is a new one");
    }

    #[test]
    fn a_recovery_code_works_once_however_it_is_typed() {
        let (world, cookie) = World::claimed();
        let (_, codes) = turned_on(&world, &cookie);
        assert_eq!(codes.len(), RECOVERY_CODES);
        let typed = codes[3].to_lowercase().replace('-', " ");
        assert!(second(&world, &first_step(&world), &typed).is_ok());
        assert_eq!(second(&world, &first_step(&world), &codes[3]), Err("unauthorized"));
        assert!(second(&world, &first_step(&world), &codes[4]).is_ok());
    }

    #[test]
    fn guessing_codes_is_blocked_even_for_the_right_one_and_a_new_first_step_does_not_help() {
        let (world, cookie) = World::claimed();
        let (enrolment, _) = turned_on(&world, &cookie);
        let half = first_step(&world);
        for _ in 0..=ACCOUNT_FREE {
            assert_eq!(second(&world, &half, "123456"), Err("unauthorized"));
        }
        assert_eq!(second(&world, &half, &code_now(&world, &enrolment)), Err("rate-limited"));
        assert_eq!(second(&world, &first_step(&world), &code_now(&world, &enrolment)), Err("rate-limited"));
        world.clock.advance(1_001);
        assert!(second(&world, &half, &code_now(&world, &enrolment)).is_ok());
    }

    #[test]
    fn the_second_step_has_an_end() {
        let (world, cookie) = World::claimed();
        let (enrolment, _) = turned_on(&world, &cookie);
        let half = first_step(&world);
        world.clock.advance(half_sign_in::LIFETIME_MS);
        assert_eq!(second(&world, &half, &code_now(&world, &enrolment)), Err("unauthorized"));
    }

    #[test]
    fn it_is_on_only_after_a_right_code_and_off_only_with_the_password() {
        let (world, cookie) = World::claimed();
        let ada = world.caller(&get("/").with_header("cookie", &cookie)).unwrap();
        let enrolment = block_on(enrol(world.app(), &ada)).unwrap();
        assert_eq!(block_on(confirm(world.app(), &ada, "000000")).unwrap_err().slug(), "invalid");
        assert!(matches!(
            block_on(sign_in(world.app(), &form("/sign-in", ""), "ada@example.com", PASSWORD)),
            Ok(SignedIn::In(_))
        ));
        assert_eq!(block_on(begun(world.app(), &ada)).unwrap().unwrap().secret, enrolment.secret);
        block_on(confirm(world.app(), &ada, &code_now(&world, &enrolment))).unwrap();
        assert_eq!(block_on(enrol(world.app(), &ada)).unwrap_err().slug(), "already-exists");
        assert!(block_on(begun(world.app(), &ada)).unwrap().is_none(), "a confirmed secret is never shown again");
        assert_eq!(block_on(turn_off(world.app(), &ada, "wrong")).unwrap_err().slug(), "invalid");
        first_step(&world);
        block_on(turn_off(world.app(), &ada, PASSWORD)).unwrap();
        assert!(matches!(
            block_on(sign_in(world.app(), &form("/sign-in", ""), "ada@example.com", PASSWORD)),
            Ok(SignedIn::In(_))
        ));
    }

    #[test]
    fn the_secret_lies_sealed_in_its_own_row() {
        let (world, cookie) = World::claimed();
        let (enrolment, _) = turned_on(&world, &cookie);
        let rows = world.db.run("select hex(sealed) as sealed from totp", &[]).unwrap();
        let stored = rows.first().unwrap().text("sealed").unwrap();
        let plain = enrolment.secret.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
        assert!(!stored.contains(&plain));
        let other = World::with(&[("seal_key", &"7".repeat(64))]);
        let key = block_on(envelopes(other.app())).unwrap();
        let sealed = block_on(table::find(&world.db, &rows_user(&world))).unwrap().unwrap().sealed;
        assert_eq!(key.open(place(&rows_user(&world)), &sealed), Err(EnvelopeError::Broken));
        let own = block_on(envelopes(world.app())).unwrap();
        assert_eq!(own.open(place("bob"), &sealed), Err(EnvelopeError::Broken));
        assert!(own.open(place(&rows_user(&world)), &sealed).is_ok());
    }

    fn rows_user(world: &World) -> String {
        world.db.run("select user_id from totp", &[]).unwrap().first().unwrap().text("user_id").unwrap()
    }

    #[test]
    fn a_program_has_no_second_factor_to_look_after() {
        let (world, _) = World::claimed();
        let token = world.token(domain::Role::Owner);
        let program = world.caller(&get("/").with_header("authorization", &format!("Bearer {token}"))).unwrap();
        assert_eq!(block_on(enrol(world.app(), &program)).unwrap_err().slug(), "unauthorized");
        assert_eq!(block_on(turn_off(world.app(), &program, PASSWORD)).unwrap_err().slug(), "unauthorized");
    }
}

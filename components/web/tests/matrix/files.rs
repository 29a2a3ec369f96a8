//! Bytes that are no text, and files that are called anything and hold anything.

use serve::Method;

use super::browser::{self, Upload};
use super::escaped::check;
use super::hostile_text::{FILE_NAMES, FILES, NO_TEXT};
use super::matrix::Worlds;
use super::places::{get, places};
use super::{World, answer};

#[test]
fn bytes_that_are_no_text_are_refused() {
    let worlds = Worlds::new("web-bytes");
    let world = worlds.copy();
    let owner = &worlds.callers[1];
    for place in places(&world, owner) {
        for bytes in NO_TEXT {
            let name = place.form.controls.iter().find(|one| one.is_text()).map_or("text", |one| one.name.as_str());
            let body = format!("csrf={}&{name}=zqx7{bytes}", owner.csrf);
            let request = World::request(Method::POST, &place.form.action)
                .with_header("cookie", &owner.cookie)
                .with_body("application/x-www-form-urlencoded", body);
            let reply = answer(&world, &request);
            assert!(reply.status.is_client_error(), "{} took {bytes}: {}", place.form.action, reply.status);
            check(&reply).unwrap();
        }
    }
}

#[test]
fn a_file_may_be_called_anything_and_hold_anything() {
    let worlds = Worlds::new("web-files");
    let long = "zqx7".repeat(250);
    let mut faults = Vec::new();
    for place in places(&worlds.copy(), &worlds.callers[1]) {
        for control in place.form.controls.iter().filter(|one| one.kind == "file") {
            for name in FILE_NAMES.iter().copied().chain([long.as_str()]) {
                for content in FILES {
                    let (world, owner) = (worlds.copy(), &worlds.callers[1]);
                    let files = [Upload { field: control.name.clone(), name: name.into(), bytes: content.to_vec() }];
                    let reply = answer(&world, &place.form.request(&owner.cookie, &files));
                    let said = check(&reply).and_then(|()| {
                        // A trial leads on to the form that imports.
                        let next = browser::forms(&reply.text(), &place.form.action).into_iter();
                        for form in next.filter(|form| form.action == "/imports" && form.is_post) {
                            check(&answer(&world, &form.request(&owner.cookie, &[])))?;
                            check(&get(&world, "/imports", &owner.cookie))?;
                            check(&get(&world, "/export/imported_posts.csv", &owner.cookie))?;
                        }
                        Ok(())
                    });
                    if let Err(fault) = said {
                        faults.push(format!("{} {}: {name:?}: {fault}", place.route.path, control.name));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

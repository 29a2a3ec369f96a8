//! Makes a workspace with campaigns in every stage and posts in every state, to look at:
//! `cargo run -p web --example made_up_workspace -- /tmp/made-up && rondo up --state-dir /tmp/made-up`, then sign in as
//! `ada@nightshift.example` with `four unrelated plain words`.

#[expect(dead_code, reason = "the tests need more of it")]
#[path = "../tests/support/seed.rs"]
mod seed;

use std::path::PathBuf;

use ports::native::NativeDb;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("name a folder for the state"));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let file = folder.join("sqlite_db.db");
    assert!(!file.exists(), "{} is there already", file.display());
    let world = seed::World::full_in(NativeDb::open(&file).expect("the file can be made"));
    println!("{}: sign in as ada@nightshift.example with `{}`", file.display(), seed::PASSWORD);
    println!("or send the cookie {}", world.cookie);
}

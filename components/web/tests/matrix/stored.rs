//! Whatever the database holds, from people, programs, models and platforms: every page shows it as text.

use serde_json::Value;

use super::World;
use super::escaped::{check, whole};
use super::hostile_text::MARK;
use super::matrix::Worlds;
use super::places::{get, pages};

/// Put after every text. Its feed and its file must bear it as well.
const PAYLOAD: &str =
    " \"><zqx7 onload='zqx7()'>--></script></textarea><script>zqx7()</script> javascript:zqx7() =zqx7 \u{202e}";

fn texts(world: &World, sql: &str) -> Vec<String> {
    world.db.run(sql, &[]).unwrap().iter().map(|row| row.text("it").unwrap()).collect()
}

/// Words that people or models wrote, as opposed to a state, an id, a hash, a zone.
fn is_prose(text: &str) -> bool {
    text.contains(' ') && text.parse::<jiff::civil::DateTime>().is_err()
}

fn hostile(value: &mut Value) {
    match value {
        Value::String(text) if is_prose(text) => text.push_str(PAYLOAD),
        Value::Array(all) => all.iter_mut().for_each(hostile),
        Value::Object(all) => all.values_mut().for_each(hostile),
        _ => {}
    }
}

/// Every text of every row; says how many.
fn spoil(world: &World) -> usize {
    for trigger in texts(world, "select name as it from sqlite_master where type = 'trigger'") {
        world.db.run(&format!("drop trigger {trigger}"), &[]).unwrap();
    }
    for pragma in ["foreign_keys = off", "ignore_check_constraints = on"] {
        world.db.run(&format!("pragma {pragma}"), &[]).unwrap();
    }
    let mut spoilt = 0;
    let tables = "select name as it from sqlite_master where type = 'table' and sql not like 'create virtual%'
        and name not like 'sqlite_%' and name not like '%\\_%data' escape '\\' and name not like '%words%' and name <> 'setting'";
    for table in texts(world, tables) {
        let columns = format!("select name as it from pragma_table_info('{table}') where type = 'TEXT' and pk = 0");
        for column in texts(world, &columns) {
            for old in texts(world, &format!("select distinct {column} as it from {table} where {column} is not null"))
            {
                let new = match serde_json::from_str::<Value>(&old) {
                    Ok(mut value) if old.starts_with(['{', '[']) => {
                        hostile(&mut value);
                        value.to_string()
                    }
                    _ if is_prose(&old) || matches!(column.as_str(), "title" | "text" | "angle" | "pillar") => {
                        old.clone() + PAYLOAD
                    }
                    _ => continue,
                };
                if new != old {
                    let sql = format!("update {table} set {column} = ?1 where {column} = ?2");
                    spoilt += usize::from(world.db.run(&sql, &[new.as_str().into(), old.as_str().into()]).is_ok());
                }
            }
        }
    }
    spoilt
}

#[test]
fn whatever_the_database_holds_is_only_text_on_every_page() {
    let worlds = Worlds::new("web-stored");
    let (world, owner) = (worlds.copy(), &worlds.callers[1]);
    let pages = pages(&world, owner);
    let spoilt = spoil(&world);
    assert!(spoilt > 50, "only {spoilt} texts were made hostile");
    let mut faults = Vec::new();
    let mut seen = 0;
    for page in pages {
        let reply = whole(&world, get(&world, &page, &owner.cookie));
        seen += usize::from(reply.text().to_lowercase().contains(MARK));
        if let Err(fault) = check(&reply) {
            faults.push(format!("{page}: {fault}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(seen > 40, "the texts were on {seen} pages");
}

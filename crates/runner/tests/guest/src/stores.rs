//! What a test wants from the stores, one command a line.

use spin_sdk::key_value::Store;
use spin_sdk::llm;
use spin_sdk::sqlite::{Connection, Value};

/// Runs the statements, parted by lines of `--`, on one connection.
pub fn sqlite(database: &str, text: &str) -> String {
    let connection = match Connection::open(database) {
        Ok(connection) => connection,
        Err(error) => return format!("open: {error:?}"),
    };
    text.split("\n--\n").map(|sql| run(&connection, sql) + "\n").collect()
}

fn run(connection: &Connection, sql: &str) -> String {
    match connection.execute(sql, &[]) {
        Err(error) => format!("{error:?}"),
        Ok(result) => {
            let rows: Vec<String> = result.rows.iter().map(|row| format!("{:?}", row.values)).collect();
            format!("{:?} {}", result.columns, rows.join(" "))
        }
    }
}

/// One read with a parameter: what most requests of an app do.
pub fn select(n: &str) -> String {
    let read = || -> Result<String, spin_sdk::sqlite::Error> {
        let connection = Connection::open_default()?;
        let n = Value::Integer(n.parse().unwrap_or(0));
        let result = connection.execute("select name from thing where id = ?1", &[n])?;
        Ok(format!("{:?}", result.rows.first().map(|row| &row.values)))
    };
    read().unwrap_or_else(|error| format!("{error:?}"))
}

/// Runs `set key value`, `get key`, `delete key`, `exists key` and `keys`.
pub fn key_value(store: &str, text: &str) -> String {
    let store = match Store::open(store) {
        Ok(store) => store,
        Err(error) => return format!("open: {error:?}"),
    };
    let run = |line: &str| {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        match words.as_slice() {
            ["set", key, value] => format!("{:?}\n", store.set(key, value.as_bytes())),
            ["get", key] => {
                let found = store.get(key).map(|value| value.map(|v| String::from_utf8_lossy(&v).into_owned()));
                format!("{found:?}\n")
            }
            ["delete", key] => format!("{:?}\n", store.delete(key)),
            ["exists", key] => format!("{:?}\n", store.exists(key)),
            _ => format!("{:?}\n", store.get_keys()),
        }
    };
    text.lines().map(run).collect()
}

/// Runs Redis commands, one a line.
pub fn redis(address: &str, text: &str) -> String {
    let connection = match spin_sdk::redis::Connection::open(address) {
        Ok(connection) => connection,
        Err(error) => return format!("open: {error:?}"),
    };
    let run = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["publish", channel, message] => {
                format!("{:?}\n", connection.publish(channel, &message.as_bytes().to_vec()))
            }
            ["sadd", key, value] => format!("{:?}\n", connection.sadd(key, &[value.to_string()])),
            [command, arguments @ ..] => {
                let binary = |word: &&str| spin_sdk::redis::RedisParameter::Binary(word.as_bytes().to_vec());
                let arguments: Vec<_> = arguments.iter().map(binary).collect();
                format!("{:?}\n", connection.execute(command, &arguments))
            }
            [] => String::new(),
        }
    };
    text.lines().map(run).collect()
}

/// What one of the host's models says to a prompt, in at most 7 tokens.
pub fn infer(model: &str, prompt: &str) -> String {
    let options = llm::InferencingParams { max_tokens: 7, ..llm::InferencingParams::default() };
    match llm::infer_with_options(llm::InferencingModel::Other(model), prompt, options) {
        Ok(said) => format!("{} {} {}", said.text, said.usage.prompt_token_count, said.usage.generated_token_count),
        Err(error) => format!("error {error:?}"),
    }
}

/// The host's vectors of two texts.
pub fn embed(model: &str) -> String {
    match llm::generate_embeddings(llm::EmbeddingModel::Other(model), &["one".into(), "two".into()]) {
        Ok(made) => format!("{:?} {}", made.embeddings, made.usage.prompt_token_count),
        Err(error) => format!("error {error:?}"),
    }
}

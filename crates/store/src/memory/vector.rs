//! What entries mean, as a provider's model sees them: vectors, kept as bytes, one for each model.

use std::collections::BTreeMap;

use ports::{Db, DbError, Value};
use serde_json::json;

use crate::now;

/// The vectors that this model made of these entries; those without one are left out.
pub async fn find(
    db: &dyn Db,
    workspace_id: &str,
    model: &str,
    memory_ids: &[&str],
) -> Result<BTreeMap<String, Vec<f32>>, DbError> {
    let rows = db
        .execute(
            "select v.memory_id, v.vector from json_each(?3) i
            cross join memory_vector v on v.workspace_id = ?1 and v.memory_id = i.value and v.model = ?2",
            &[workspace_id.into(), model.into(), json!(memory_ids).to_string().into()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text("memory_id")?, numbers(row.blob("vector")?)))).collect()
}

/// Keeps the vectors that this model made, unless they are known, or forgotten meanwhile.
pub async fn keep(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, model): (&str, &str),
    vectors: &[(&str, &[f32])],
) -> Result<(), DbError> {
    if vectors.is_empty() {
        return Ok(());
    }
    let row = |at: usize| format!("(?2, ?{}, ?3, ?{}, {})", 4 + 2 * at, 5 + 2 * at, now!());
    let rows: Vec<String> = (0..vectors.len()).map(row).collect();
    let sql = format!(
        "insert into memory_vector (workspace_id, memory_id, model, vector, at) values {} on conflict do nothing",
        rows.join(", ")
    );
    let mut parameters: Vec<Value> = vec![pinned_ms.into(), workspace_id.into(), model.into()];
    for (memory_id, vector) in vectors {
        parameters.extend([(*memory_id).into(), bytes(vector).into()]);
    }
    db.execute(&sql, &parameters).await.map(|_| ())
}

/// Single precision, the smallest byte first.
fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::memory::forget;
    use crate::play::{Play, START_MS};

    #[test]
    fn a_vector_is_kept_by_model_and_workspace_and_goes_with_its_entry() {
        let play = Play::new();
        let neighbour = play.neighbour();
        for workspace_id in [&play.workspace_id, &neighbour] {
            let sql = "insert into memory (workspace_id, id, kind, text, by, at) values (?1, 'm', 'sent_back', 'Quieter', 'x', 1)";
            play.db.0.run(sql, &[workspace_id.into()]).unwrap();
        }
        let us = play.workspace_id.as_str();
        let vector = [0.5, -1.25, 1e-7];
        let keep_it = |id: &str| block_on(keep(&play.db, Some(START_MS), (us, "ollama/m"), &[(id, &vector)]));
        keep_it("m").unwrap();
        keep_it("m").unwrap();
        let found = |workspace_id: &str, model: &str| block_on(find(&play.db, workspace_id, model, &["m"])).unwrap();
        assert_eq!(found(us, "ollama/m")["m"], vector);
        assert!(found(us, "ollama/other").is_empty() && found(&neighbour, "ollama/m").is_empty());
        block_on(forget(&play.db, Some(START_MS), (us, "m"), "ada")).unwrap();
        assert!(found(us, "ollama/m").is_empty());
        keep_it("m").unwrap();
        assert!(found(us, "ollama/m").is_empty(), "what is forgotten meanwhile is not kept");
    }
}

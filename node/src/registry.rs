//! Rows of the authority's registry as the command line brings them: checked, taken, and told of; what that withdraws goes out.

use node_core::authority::{
    Authority,
    intake::{Line, RowReport},
};
use serde_json::{Value, json};

use crate::command::in_words;

/// Takes the rows that hold; what became of each. Those of one call are durable together.
///
/// # Errors
/// Why none was taken, in words.
pub(crate) async fn take(authority: &Authority, lines: Vec<Line>) -> Result<Value, String> {
    let rows = lines.into_iter().map(|line| (line.line, Ok(line))).collect();
    let told = authority.take_rows(rows).await.map_err(|e| in_words(&e))?;
    let draft = authority.publish_withdrawals().await.map_err(|e| in_words(&e))?;
    if let Some(draft) = draft {
        tracing::info!(draft = draft.number, state = ?draft.state, "tokens were withdrawn");
    }
    Ok(told.iter().map(report).collect())
}

/// What became of a row, as the command line prints it.
pub(crate) fn report((line, outcome): &RowReport) -> Value {
    match outcome {
        Ok(()) => json!({ "line": line, "result": "taken" }),
        Err(problem) => json!({ "line": line, "error": problem.to_string() }),
    }
}

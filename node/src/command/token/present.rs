//! `vestibule token present`: what the holder's phone shows, as text.

use std::path::PathBuf;

use node_core::token::status;
use serde_json::json;
use sync::time::UnixMillis;

use super::{super::say, issue::time};
use crate::{
    command::{Answer, CommandError, failed},
    secret, wall,
};

#[derive(Debug, clap::Args)]
pub(super) struct PresentArgs {
    /// The holder's key file; the token must name its public half.
    #[arg(long, value_name = "KEYFILE")]
    key: PathBuf,
    /// The time at which it is shown. [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    at: Option<UnixMillis>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// The token, with or without an earlier proof.
    text: String,
}

pub(super) fn run(args: &PresentArgs) -> Result<Answer, CommandError> {
    let key = secret::load_key(&args.key).map_err(failed("cannot use the holder's key"))?;
    let at = args.at.unwrap_or_else(wall::now);
    let shown = status::present(&args.text, &key, at).ok_or_else(|| {
        failed("cannot present this token")("it is no token that names this key as its holder's")
    })?;
    if args.json {
        let ends = at.get() - at.get().rem_euclid(status::STEP_MILLIS) + status::STEP_MILLIS;
        say(json!({ "token": shown, "until": UnixMillis::new(ends).to_string() }));
    } else {
        say(shown);
    }
    Ok(Answer::Yes)
}

//! `vestibule token`: issues, inspects and verifies credentials.

mod issue;
mod present;
mod verify;

use std::io::{self, BufRead};

use node_core::{
    code::Code,
    token::{
        Claim, Credential, Fact, Inspection, Statement,
        status::{self, Purpose, StatusClaims, inspect as inspect_status},
        status_word,
    },
};
use serde_json::{Value, json};

use super::{Answer, CommandError, failed, say};

const EXAMPLES: &str = "Examples:
  vestibule token issue --key issuer.key --issuer KZ --colour green
  vestibule token issue --key issuer.key --issuer KZ --fact negative-test --event 2026-11-21T09:00:00Z --json
  vestibule token issue --key issuer.key --issuer KZ --colour green --holder PUBLICKEY
  vestibule token present --key holder.key 'ST1:…'
  vestibule token inspect 'HC1:…'
  vestibule token verify --trust keys/ --at 2026-11-21T12:00:00Z 'ST1:…'
  vestibule token verify --trust keys/ --at 2026-11-21T12:00:00Z --revocations revoked.json --json - < codes.txt";

/// The longest line that is kept, bytes; the rest of a longer one is passed over, and it is too long for a code.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Issue, inspect and verify credentials.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, clap::Subcommand)]
enum TokenCommand {
    /// Sign a status token and print it.
    #[command(after_help = EXAMPLES)]
    Issue(issue::IssueArgs),
    /// Print the text that a phone shows for 30 seconds: a token with the proof of the key that it names.
    #[command(after_help = EXAMPLES)]
    Present(present::PresentArgs),
    /// Show what a credential of any format says. Nothing is verified.
    #[command(after_help = EXAMPLES)]
    Inspect {
        /// The code, or `-` for the first line of standard input.
        text: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say whether credentials hold and what the policy says of them; exit code 1 unless all are accepted.
    #[command(after_help = EXAMPLES)]
    Verify(verify::VerifyArgs),
}

/// Runs `vestibule token`.
///
/// # Errors
/// [`CommandError`] names the file or argument.
pub fn run(args: TokenArgs) -> Result<Answer, CommandError> {
    match args.command {
        TokenCommand::Issue(args) => issue::run(&args),
        TokenCommand::Present(args) => present::run(&args),
        TokenCommand::Inspect { text, json } => show(&text, json),
        TokenCommand::Verify(args) => verify::run(&args),
    }
}

fn show(text: &str, json: bool) -> Result<Answer, CommandError> {
    let text = match text {
        "-" => next_line(&mut io::stdin().lock())?.unwrap_or_default(),
        text => text.to_owned(),
    };
    let code = Code::read(&text);
    let read = match &code {
        Code::Status(text) => inspect_status(text).map(|inspection| inspection_json(&inspection)),
        code => node_core::token::inspect(code).map(|inspection| foreign_json(&inspection)),
    };
    let said = match read {
        Ok(said) => said,
        Err(reason) => {
            match json {
                true => say(json!({ "verified": false, "reason": reason.word() })),
                false => say(format_args!("not a credential that can be read: {reason}")),
            }
            return Ok(Answer::No);
        }
    };
    if json {
        say(said);
    } else if let Value::Object(fields) = said {
        say("not verified; this is what it says:");
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            say(format_args!("  {name:<12} {}", plain(value)));
        }
    }
    Ok(Answer::Yes)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn foreign_json(inspection: &Inspection) -> Value {
    let mut said = credential_json(inspection.unverified());
    said["format"] = json!(inspection.unverified().format().word());
    said["verified"] = json!(false);
    said["kid"] = json!(inspection.kid);
    said["algorithm"] = json!(inspection.algorithm);
    said
}

/// What a foreign credential says, as the command line prints it; its holder's name only masked.
fn credential_json(credential: &Credential) -> Value {
    let time = |at: Option<sync::time::UnixMillis>| at.map(|at| at.to_string());
    let facts = match credential.statement() {
        Statement::Facts(facts) => facts.iter().map(fact_json).collect(),
        Statement::Colour(colour) => vec![json!({ "colour": status_word(*colour) })],
    };
    json!({
        "issuer": credential.issuer(),
        "subject": credential.subject().to_string(),
        "issued_at": time(credential.issued_at()),
        "expires": time(credential.expires()),
        "masked_name": credential.masked_name(),
        "birth_year": credential.birth_year(),
        "facts": facts,
    })
}

fn fact_json(fact: &Fact) -> Value {
    let mut said = json!({ "fact": fact.word() });
    if let Some(at) = fact.at() {
        said["event"] = at.to_string().into();
    }
    match fact {
        Fact::Vaccination(dose) => {
            said["dose"] = json!(dose.dose);
            said["of"] = json!(dose.of);
            said["product"] = json!(dose.product);
        }
        Fact::Test(test) => said["kind"] = test.kind.word().into(),
        Fact::Recovery(recovery) => {
            said["valid_from"] = json!(recovery.valid_from.map(|at| at.to_string()));
            said["valid_until"] = json!(recovery.valid_until.map(|at| at.to_string()));
        }
        _ => {}
    }
    said
}

fn inspection_json(inspection: &status::Inspection) -> Value {
    let mut said = claims_json(&inspection.claims);
    said["verified"] = json!(false);
    said["kid"] = json!(inspection.kid.to_string());
    said["bytes"] = json!(inspection.bytes);
    said["signature"] = json!(inspection.signature);
    said
}

/// The claims of a token as the command line prints them.
fn claims_json(claims: &StatusClaims) -> Value {
    let (colour, fact, event) = match claims.claim() {
        Claim::Colour(status) => (Some(status_word(status)), None, None),
        Claim::Fact { kind, at } => (None, Some(kind.word()), Some(at.to_string())),
    };
    json!({
        "issuer": claims.issuer(),
        "subject": claims.subject().to_string(),
        "cti": claims.cti().to_string(),
        "issued_at": claims.issued_at().to_string(),
        "expires": claims.expires().to_string(),
        "colour": colour,
        "fact": fact,
        "event": event,
        "masked_name": claims.masked_name(),
        "birth_year": claims.birth_year(),
        "holder": claims.holder().map(|key| key.to_string()),
        "specimen": claims.purpose() == Purpose::Specimen,
    })
}

/// The next line without its end, at most [`LINE_BYTES_MAX`] bytes of it; `None` at the end of the input.
fn next_line(input: &mut impl BufRead) -> Result<Option<String>, CommandError> {
    let mut line = Vec::new();
    let mut any = false;
    loop {
        let chunk = input.fill_buf().map_err(failed("cannot read standard input"))?;
        if chunk.is_empty() {
            break;
        }
        any = true;
        let end = chunk.iter().position(|&b| b == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        let room = LINE_BYTES_MAX - line.len();
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            break;
        }
    }
    // Bytes that are no text become marks that no credential holds.
    Ok(any.then(|| String::from_utf8_lossy(&line).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_none_is_lost() {
        let long = "x".repeat(LINE_BYTES_MAX + 5);
        let text = format!("a\n\n{long}\r\nlast");
        let mut input = io::BufReader::with_capacity(7, text.as_bytes());
        let mut next = || next_line(&mut input).unwrap();
        assert_eq!(next().as_deref(), Some("a"));
        assert_eq!(next().as_deref(), Some(""));
        assert_eq!(next().map(|l| l.len()), Some(LINE_BYTES_MAX));
        assert_eq!(next().as_deref(), Some("last"));
        assert_eq!(next(), None);
    }
}

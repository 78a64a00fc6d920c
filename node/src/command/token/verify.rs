//! `vestibule token verify`: the rules' answer to codes, with trust, policy and time from the command line.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use node_core::{
    clock::Moment,
    code::Code,
    policy::{Lists, Outcome, POLICY_BYTES_MAX, Policy, Verdict, judge},
    reason::Reason,
    token::{
        Credential, Format, Refused,
        revocations::{REVOCATIONS_BYTES_MAX, Revocations},
        shc::{Gathered, Gatherer},
        status::inspect,
        status_word,
        trust::{ImportKind, LIST_BYTES_MAX, TrustList},
        verify,
    },
};
use serde_json::{Value, json};
use sync::time::UnixMillis;

use super::{claims_json, credential_json, issue::time, next_line};
use crate::{
    command::{Answer, CommandError, failed, read_file, say},
    wall,
};

const TRUST_FILES_MAX: usize = 1024;

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// A folder of trust by file kind, or one such file: certificates (`*.pem`, `*.cer`, `*.der`, `*.crt`), key sets
    /// with "iss" (`*.jwks.json`), did documents (`*.did.json`), our own lists (`*.trust`), bare Ed25519 keys (`*.pub`).
    #[arg(long, value_name = "DIR")]
    trust: PathBuf,
    /// The time at which to judge. [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    at: Option<UnixMillis>,
    /// The region's policy, as JSON. Without it, form, signature, time, key usage and revocation alone are judged, in
    /// this order; a status token's colour by the built-in policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The revocations, as JSON. Their age counts from their `issued_at`; trust and policy count as new.
    #[arg(long, value_name = "FILE")]
    revocations: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// The code; `-` or nothing: one code per line on standard input, one JSON per line out. Parts of a card follow each
    /// other; each but the last answers `cannot-confirm` with reason `incomplete`.
    text: Option<String>,
}

/// Everything that a verdict depends on but the code.
struct Bench {
    trust: TrustList,
    revocations: Revocations,
    /// Only with this is a foreign credential's status asked.
    policy: Option<Policy>,
    lists: Lists,
    now: Moment,
}

pub(super) fn run(args: &VerifyArgs) -> Result<Answer, CommandError> {
    let bench = Bench::set_up(args)?;
    match args.text.as_deref() {
        None | Some("-") => each_line(&bench),
        Some(text) => {
            let (verdict, said) = bench.judge(text, &mut Gatherer::default());
            if args.json {
                say(said)
            } else {
                prose(&verdict)
            }
            Ok(answer(&verdict))
        }
    }
}

fn each_line(bench: &Bench) -> Result<Answer, CommandError> {
    let mut input = io::stdin().lock();
    let mut all = Answer::Yes;
    let mut gatherer = Gatherer::default();
    while let Some(line) = next_line(&mut input)? {
        let (verdict, said) = bench.judge(&line, &mut gatherer);
        say(said);
        if answer(&verdict) == Answer::No {
            all = Answer::No;
        }
    }
    Ok(all)
}

impl Bench {
    fn set_up(args: &VerifyArgs) -> Result<Self, CommandError> {
        let now = Moment::trusted(args.at.unwrap_or_else(wall::now));
        let mut lists = Lists::all_at(now.wall);
        let policy = match &args.policy {
            None => None,
            Some(path) => Some(
                Policy::parse(&read_file(path, POLICY_BYTES_MAX)?)
                    .map_err(failed(format!("cannot use {}", path.display())))?,
            ),
        };
        let revocations = match &args.revocations {
            None => Revocations::default(),
            Some(path) => {
                let read = Revocations::parse(&read_file(path, REVOCATIONS_BYTES_MAX)?)
                    .map_err(failed(format!("cannot use {}", path.display())))?;
                lists.revocations = Some(read.issued_at());
                read
            }
        };
        Ok(Self { trust: trust(&args.trust)?, revocations, policy, lists, now })
    }

    fn judge(&self, text: &str, gatherer: &mut Gatherer) -> (Verdict, Value) {
        let code = Code::read(text);
        let format = code.word();
        let whole = match gatherer.take(code) {
            Gathered::Whole(code) => verify(&code, &self.trust, &self.revocations, self.now)
                .map(|credential| (credential, code)),
            Gathered::Waiting { .. } => Err(Refused::because(Reason::Incomplete)),
        };
        let (verdict, claims) = match &whole {
            Ok((credential, code)) => (self.verdict(credential), printed(credential, code)),
            Err(refused) => (Verdict::of_refused(refused), Value::Null),
        };
        let said = json!({
            "format": format,
            "verdict": word(verdict.outcome),
            "reason": verdict.reason.map(|reason| reason.word()),
            "status": status_word(verdict.status),
            "until": verdict.until.map(|at| at.to_string()),
            "claims": claims,
        });
        (verdict, said)
    }

    // A foreign credential of which no policy is given is judged by what it is, not by what it says.
    fn verdict(&self, credential: &Credential) -> Verdict {
        let default = Policy::default();
        let policy = self.policy.as_ref().unwrap_or(&default);
        let mut verdict = judge(credential, policy, &self.lists, self.now);
        let by_status = matches!(
            verdict.reason,
            Some(
                Reason::StatusGreen
                    | Reason::StatusBlue
                    | Reason::StatusYellow
                    | Reason::StatusRed
                    | Reason::StatusGrey
            )
        );
        if self.policy.is_none() && credential.format() != Format::Status && by_status {
            verdict.outcome = Outcome::Admit;
            verdict.reason = None;
        }
        verdict
    }
}

fn answer(verdict: &Verdict) -> Answer {
    match verdict.outcome {
        Outcome::Admit => Answer::Yes,
        Outcome::Refuse | Outcome::CannotConfirm => Answer::No,
    }
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Admit => "accept",
        Outcome::Refuse => "refuse",
        Outcome::CannotConfirm => "cannot-confirm",
    }
}

// The code was verified by the caller; our own is read once more, to print all it says.
fn printed(credential: &Credential, code: &Code) -> Value {
    let Code::Status(text) = code else { return credential_json(credential) };
    let mut claims = inspect(text).map_or(Value::Null, |read| claims_json(&read.claims));
    claims["presented"] = credential.presented().word().into();
    claims
}

fn prose(verdict: &Verdict) {
    let mut line = format!("{}: {}", word(verdict.outcome), status_word(verdict.status));
    if let Some(until) = verdict.until {
        line.push_str(&format!(" until {until}"));
    }
    if let Some(then) = verdict.then {
        line.push_str(&format!(", then {}", status_word(then)));
    }
    if let Some(reason) = verdict.reason {
        line.push_str(&format!(" ({reason})"));
    }
    say(line);
}

fn trust(path: &Path) -> Result<TrustList, CommandError> {
    let mut list = TrustList::default();
    let files = if path.is_dir() { trust_files(path)? } else { vec![path.to_owned()] };
    for file in files {
        let what = || format!("cannot use {}", file.display());
        let kind = kind_of(&file).unwrap_or(ImportKind::List);
        let read = TrustList::import(kind, &read_file(&file, LIST_BYTES_MAX)?);
        list.extend(read.map_err(failed(what()))?);
    }
    if list.is_empty() {
        return Err(failed(format!("cannot trust anybody by {}", path.display()))(
            "it holds no key: no *.trust, *.pub, *.pem, *.cer, *.der, *.crt, *.jwks.json or *.did.json",
        ));
    }
    Ok(list)
}

fn kind_of(file: &Path) -> Option<ImportKind> {
    ImportKind::of_name(file.file_name()?.to_str()?)
}

fn trust_files(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let what = || format!("cannot read the folder {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(what()))? {
        let file = entry.map_err(failed(what()))?.path();
        if kind_of(&file).is_some() {
            files.push(file);
        }
        if files.len() > TRUST_FILES_MAX {
            return Err(failed(what())(format!("it has more than {TRUST_FILES_MAX} lists")));
        }
    }
    files.sort();
    Ok(files)
}

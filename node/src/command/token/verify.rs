//! `vestibule token verify`: the rules' answer to codes, with trust, policy and time from the command line.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use node_core::{
    clock::Moment,
    code::Code,
    policy::{Lists, Outcome, POLICY_BYTES_MAX, Policy, Verdict, judge},
    token::{
        status::inspect,
        status_word,
        trust::{LIST_BYTES_MAX, Revocations, TrustList},
        verify,
    },
};
use serde_json::{Value, json};
use sync::time::UnixMillis;

use super::{claims_json, issue::time, next_line};
use crate::{
    command::{Answer, CommandError, failed, read_file, read_text, say},
    wall,
};

const KEY_BYTES_MAX: usize = 1024;
const TRUST_FILES_MAX: usize = 1024;

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// A folder of trust lists (`*.trust`, JSON) and bare public keys (`*.pub`), or one such file.
    #[arg(long, value_name = "DIR")]
    trust: PathBuf,
    /// The time at which to judge. [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    at: Option<UnixMillis>,
    /// The region's policy, as JSON. [default: the built-in one]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The revocations, as JSON. Their age counts from their `issued_at`; trust and policy count as new.
    #[arg(long, value_name = "FILE")]
    revocations: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// The code; `-` or nothing: one code per line on standard input, one JSON per line out.
    text: Option<String>,
}

/// Everything that a verdict depends on but the code.
struct Bench {
    trust: TrustList,
    revocations: Revocations,
    policy: Policy,
    lists: Lists,
    now: Moment,
}

pub(super) fn run(args: &VerifyArgs) -> Result<Answer, CommandError> {
    let bench = Bench::set_up(args)?;
    match args.text.as_deref() {
        None | Some("-") => each_line(&bench),
        Some(text) => {
            let (verdict, said) = bench.judge(text);
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
    while let Some(line) = next_line(&mut input)? {
        let (verdict, said) = bench.judge(&line);
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
            None => Policy::default(),
            Some(path) => Policy::parse(&read_file(path, POLICY_BYTES_MAX)?)
                .map_err(failed(format!("cannot use {}", path.display())))?,
        };
        let revocations = match &args.revocations {
            None => Revocations::default(),
            Some(path) => {
                let read = Revocations::parse(&read_file(path, LIST_BYTES_MAX)?)
                    .map_err(failed(format!("cannot use {}", path.display())))?;
                lists.revocations = Some(read.issued_at());
                read
            }
        };
        Ok(Self { trust: trust(&args.trust)?, revocations, policy, lists, now })
    }

    fn judge(&self, text: &str) -> (Verdict, Value) {
        let code = Code::read(text);
        let (verdict, claims) = match verify(&code, &self.trust, &self.revocations, self.now) {
            Ok(credential) => {
                let verdict = judge(&credential, &self.policy, &self.lists, self.now);
                (verdict, printed(text))
            }
            Err(refused) => (Verdict::of_refused(&refused), Value::Null),
        };
        let said = json!({
            "format": code.word(),
            "verdict": word(verdict.outcome),
            "reason": verdict.reason.map(|reason| reason.word()),
            "status": status_word(verdict.status),
            "until": verdict.until.map(|at| at.to_string()),
            "claims": claims,
        });
        (verdict, said)
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

// The text was verified by the caller; this reads it once more, to print it.
fn printed(text: &str) -> Value {
    inspect(text).map_or(Value::Null, |inspection| claims_json(&inspection.claims))
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
        let read = if file.extension().is_some_and(|e| e == "pub") {
            TrustList::from_public_key(&read_text(&file, KEY_BYTES_MAX)?)
        } else {
            TrustList::parse(&read_file(&file, LIST_BYTES_MAX)?)
        };
        list.extend(read.map_err(failed(what()))?);
    }
    if list.is_empty() {
        return Err(failed(format!("cannot trust anybody by {}", path.display()))(
            "it holds no key: neither *.trust nor *.pub",
        ));
    }
    Ok(list)
}

fn trust_files(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let what = || format!("cannot read the folder {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(what()))? {
        let file = entry.map_err(failed(what()))?.path();
        if file.extension().is_some_and(|e| e == "pub" || e == "trust") {
            files.push(file);
        }
        if files.len() > TRUST_FILES_MAX {
            return Err(failed(what())(format!("it has more than {TRUST_FILES_MAX} lists")));
        }
    }
    files.sort();
    Ok(files)
}

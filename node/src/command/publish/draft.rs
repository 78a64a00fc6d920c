//! Drafts of bulletins: looked at, drawn up, signed by each root where its key is, and published once enough have signed.

use std::path::{Path, PathBuf};

use node_core::{authority::changes::changes, rules::kind_word};
use serde_json::Value;
use sync::bulletin::{BULLETIN_MAX, Bulletin};

use crate::{
    command::{Answer, CommandError, failed, read_text, register::office, say, write_file},
    control::OfficeAsk,
    office::{DraftKind, change_words},
    secret,
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum DraftVerb {
    /// Say what a file would change against what is in force. The answer is negative when it is nothing.
    #[command(after_help = super::EXAMPLES)]
    Preview {
        /// What it is.
        #[arg(value_enum)]
        kind: DraftKind,
        /// The file, as JSON.
        file: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Draw a bulletin up: it waits for signatures from then on.
    #[command(after_help = super::EXAMPLES)]
    Draft {
        /// What it is.
        #[arg(value_enum)]
        kind: DraftKind,
        /// The file, as JSON.
        file: PathBuf,
        /// Who draws it up.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// For how many days it counts as current.
        #[arg(long, value_name = "N", default_value_t = 30)]
        days: u32,
        #[command(flatten)]
        at: At,
    },
    /// Draw up how venues stand, as the register and the confirmed violations have it now.
    #[command(after_help = super::EXAMPLES)]
    Standing {
        /// Who draws it up; without a name it is only looked at.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        /// For how many days it counts as current.
        #[arg(long, value_name = "N", default_value_t = 30)]
        days: u32,
        #[command(flatten)]
        at: At,
    },
    /// Draw up anew, word for word, everything that is in force: before it counts as overdue, or after the roots have changed.
    #[command(after_help = super::EXAMPLES)]
    Renew {
        /// Who draws it up.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// For how many days it counts as current.
        #[arg(long, value_name = "N", default_value_t = 30)]
        days: u32,
        #[command(flatten)]
        at: At,
    },
    /// List the drafts and who has signed.
    #[command(after_help = super::EXAMPLES)]
    Drafts {
        #[command(flatten)]
        at: At,
    },
    /// Write a draft to a file, for those who sign elsewhere.
    #[command(after_help = super::EXAMPLES)]
    Export {
        /// Its number.
        number: u64,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Sign a draft's file where a root's key is, after saying what it holds. The file then has one signature more.
    #[command(after_help = super::EXAMPLES)]
    Sign {
        /// The draft.
        draft: PathBuf,
        /// A region root's key file.
        #[arg(long, value_name = "KEYFILE")]
        root: PathBuf,
        /// The bulletin that it replaces, to be compared with. [default: what is left out of a policy]
        #[arg(long, value_name = "FILE")]
        before: Option<PathBuf>,
        /// The file to write. [default: the draft's own]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take the signatures of a draft's file; it goes out once enough have signed.
    #[command(after_help = super::EXAMPLES)]
    Add {
        /// The signed draft.
        draft: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Take a bulletin that enough roots have signed; it goes out at once.
    #[command(after_help = super::EXAMPLES)]
    Take {
        /// The bulletin.
        bulletin: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Sign with the root's key that the authority's machine keeps, if it keeps one.
    #[command(after_help = super::EXAMPLES)]
    SignHere {
        /// The draft's number.
        number: u64,
        #[command(flatten)]
        at: At,
    },
    /// Give a draft up.
    #[command(after_help = super::EXAMPLES)]
    Drop {
        /// Its number.
        number: u64,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct At {
    /// The authority's configuration; the node may run.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(verb: DraftVerb) -> Result<Answer, CommandError> {
    match verb {
        DraftVerb::Preview { kind, file, at } => {
            let file = absolute(&file)?;
            let ask = OfficeAsk::DrawUp { kind, file, days: 1, by: None };
            let done = office(&at.config, vec![ask])?;
            let changed =
                done.iter().any(|d| d["changes"].as_array().is_some_and(|c| !c.is_empty()));
            tell(&done, at.json);
            Ok(if changed { Answer::Yes } else { Answer::No })
        }
        DraftVerb::Draft { kind, file, by, days, at } => {
            let file = absolute(&file)?;
            ask(&at, OfficeAsk::DrawUp { kind, file, days, by: Some(by) })
        }
        DraftVerb::Standing { by, days, at } => ask(&at, OfficeAsk::DrawUpStanding { days, by }),
        DraftVerb::Renew { by, days, at } => ask(&at, OfficeAsk::DrawUpAnew { days, by }),
        DraftVerb::Drafts { at } => ask(&at, OfficeAsk::Drafts),
        DraftVerb::Export { number, out, at } => {
            let out = absolute(&out)?;
            ask(&at, OfficeAsk::ExportDraft { number, out })
        }
        DraftVerb::Sign { draft, root, before, out } => {
            sign(&draft, &root, before.as_deref(), out.as_deref())
        }
        DraftVerb::Add { draft, at } => ask(&at, OfficeAsk::AddSignatures(absolute(&draft)?)),
        DraftVerb::Take { bulletin, at } => ask(&at, OfficeAsk::TakeBulletin(absolute(&bulletin)?)),
        DraftVerb::SignHere { number, at } => ask(&at, OfficeAsk::SignDraft(number)),
        DraftVerb::Drop { number, at } => ask(&at, OfficeAsk::DropDraft(number)),
    }
}

/// The running node has another working folder.
fn absolute(path: &Path) -> Result<PathBuf, CommandError> {
    std::path::absolute(path).map_err(failed(format!("{} is no path", path.display())))
}

fn ask(at: &At, ask: OfficeAsk) -> Result<Answer, CommandError> {
    let done = office(&at.config, vec![ask])?;
    tell(&done, at.json);
    Ok(Answer::Yes)
}

fn tell(done: &[Value], json: bool) {
    for said in done {
        let all = said.as_array().map_or(std::slice::from_ref(said), Vec::as_slice);
        for one in all {
            if json {
                say(one);
                continue;
            }
            if one["draft"].is_null() && one["kind"].is_string() {
                say(format_args!(
                    "{} version {} is in force",
                    one["kind"].as_str().unwrap_or_default(),
                    one["version"]
                ));
            }
            if one["draft"].is_u64() {
                say(line(one));
            }
            let changed = one["changes"].as_array();
            if changed.is_some_and(Vec::is_empty) {
                say("nothing changes");
            }
            for change in changed.into_iter().flatten() {
                say(format_args!("  {}", change.as_str().unwrap_or_default()));
            }
        }
    }
}

fn line(draft: &Value) -> String {
    let text = |name: &str| draft[name].as_str().unwrap_or_default();
    format!(
        "draft {}: {} version {}, {} of {} signatures, {}",
        draft["draft"],
        text("kind"),
        draft["version"],
        draft["signed"],
        draft["needed"],
        text("state"),
    )
}

fn sign(
    path: &Path,
    root: &Path,
    before: Option<&Path>,
    out: Option<&Path>,
) -> Result<Answer, CommandError> {
    let read = |path: &Path| {
        let text = read_text(path, BULLETIN_MAX * 2)?;
        let what = || format!("{} holds no bulletin", path.display());
        let bulletin = Bulletin::from_text(&text).map_err(failed(what()))?;
        let notice = bulletin.unverified().map_err(failed(what()))?;
        Ok::<_, CommandError>((bulletin, notice))
    };
    let (draft, notice) = read(path)?;
    let held = before.map(read).transpose()?;
    let body = held.as_ref().map(|(_, held)| held.body.as_slice());
    let root = secret::load_key(root).map_err(failed("cannot use the root's key"))?;
    say(format_args!(
        "{} version {} of region {}, current until {}",
        kind_word(notice.kind),
        notice.version,
        notice.region,
        notice.not_after
    ));
    for change in changes(notice.kind, body, &notice.body) {
        say(format_args!("  {}", change_words(&change)));
    }
    let out = out.unwrap_or(path);
    write_file(out, &draft.signed_by(&root).to_text())?;
    say(format_args!("signed by {}: {}", root.public(), out.display()));
    Ok(Answer::Yes)
}

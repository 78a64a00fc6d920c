//! The authority's office from the command line: its keys, the register of venues, tokens in bulk, drafts of bulletins.

use std::{collections::BTreeMap, fs, path::PathBuf};

use node_core::{
    authority::{
        Authority,
        application::Application,
        changes::Change,
        drafts::{Draft, DraftState},
        enrolment::{ENDS_SOON_MILLIS, Enrolled},
        issuing::{IssuedToken, Says, TokenOrder},
        keys::{Issuer, OfficeKeys},
    },
    code::{ids::TypedNumber, paper::venue_grant_to_text},
    rules::kind_word,
    standing::VenueStanding,
    token::{status::IssuerKey, status_word},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sync::{
    bulletin::{BULLETIN_MAX, BulletinKind},
    id::{PublicKey, VenueId},
    membership::VenueGrant,
    sealed::NumberKind,
};

use crate::{
    command::{in_words, write_file},
    config::AuthoritySection,
    secret::load_key,
    start::StartError,
    wall,
};

/// Venues that one answer lists.
pub(crate) const LISTED: usize = 200;

/// What the office is asked to do.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum OfficeAsk {
    /// Take these applications into the register.
    Enrol(Vec<Row>),
    /// List venues after a number.
    Venues {
        /// Text to look for.
        text: String,
        /// After this one.
        after: Option<u64>,
    },
    /// What roots are to sign for venues without papers, or whose papers end soon.
    Requests {
        /// After this one.
        after: Option<u64>,
        /// For how many days the papers are to hold.
        days: u32,
    },
    /// Take papers that a root signed.
    TakeGrants(Vec<String>),
    /// Issue tokens.
    Issue {
        /// For whom.
        rows: Vec<Row>,
        /// For how many days.
        days: u32,
        /// Whether a strip for each.
        strips: bool,
        /// Whether the fact is said.
        fact: bool,
    },
    /// What a file would change, and draw it up if `by` is there.
    DrawUp {
        /// What it is.
        kind: DraftKind,
        /// Where it is.
        file: PathBuf,
        /// For how many days it counts.
        days: u32,
        /// Who draws it up; none only looks.
        by: Option<String>,
    },
    /// Draw up how venues stand, as the register has it now.
    DrawUpStanding {
        /// For how many days it counts.
        days: u32,
        /// Who draws it up; none only looks.
        by: Option<String>,
    },
    /// Draw up anew what is in force.
    DrawUpAnew {
        /// For how many days it counts.
        days: u32,
        /// Who draws it up.
        by: String,
    },
    /// List the drafts.
    Drafts,
    /// Write a draft to a file, for who signs elsewhere.
    ExportDraft {
        /// Which.
        number: u64,
        /// An absolute path.
        out: PathBuf,
    },
    /// Sign with the root's key of this machine.
    SignDraft(u64),
    /// Take the signatures of a file.
    AddSignatures(PathBuf),
    /// Take a bulletin that enough roots have signed.
    TakeBulletin(PathBuf),
    /// Give a draft up.
    DropDraft(u64),
}

/// Rows hold people's numbers: none is printed.
impl std::fmt::Debug for OfficeAsk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OfficeAsk")
    }
}

/// A row of a table: its line, its fields by name.
pub(crate) type Row = (u64, BTreeMap<String, String>);

/// What is drawn up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum DraftKind {
    /// The policy.
    Policy,
    /// The trust list.
    Trust,
    /// The revocations.
    Revocations,
    /// How venues stand.
    Standing,
    /// What is announced to venues.
    Announcements,
    /// The region's root keys.
    Roots,
}

impl From<DraftKind> for BulletinKind {
    fn from(kind: DraftKind) -> Self {
        match kind {
            DraftKind::Policy => Self::Policy,
            DraftKind::Trust => Self::Trust,
            DraftKind::Revocations => Self::Revocations,
            DraftKind::Standing => Self::Standing,
            DraftKind::Announcements => Self::Announcements,
            DraftKind::Roots => Self::Roots,
        }
    }
}

/// The keys that the configuration names.
///
/// # Errors
/// [`StartError`] names the file, or says that the root is none of the region's.
pub(crate) fn keys(section: &AuthoritySection, roots: &[String]) -> Result<OfficeKeys, StartError> {
    let issuer = match (&section.issuing, &section.issuer) {
        (Some(file), Some(name)) => {
            Some(Issuer { name: name.clone(), key: IssuerKey::new(&load_key(file)?) })
        }
        _ => None,
    };
    let root = section.root.as_deref().map(load_key).transpose()?;
    let known = |key: PublicKey| roots.iter().any(|r| PublicKey::from_hex(r) == Some(key));
    if root.as_ref().is_some_and(|root| !known(root.public())) {
        return Err(StartError::Role("[authority] root is none of the keys in node.roots"));
    }
    Ok(OfficeKeys { issuer, root })
}

/// Does what is asked.
///
/// # Errors
/// Why not, in words.
pub(crate) async fn act(authority: &Authority, ask: OfficeAsk) -> Result<Value, String> {
    match ask {
        OfficeAsk::Enrol(rows) => enrol(authority, rows).await,
        OfficeAsk::Venues { text, after } => {
            let found = authority.venues(&text, after.map(VenueId::new), LISTED).await;
            let found = found.map_err(|e| in_words(&e))?;
            let rows: Vec<_> =
                found.venues.iter().map(|(n, entry)| venue_json(*n, entry)).collect();
            Ok(json!({ "venues": rows, "more": found.more }))
        }
        OfficeAsk::Requests { after, days } => requests(authority, after, days).await,
        OfficeAsk::TakeGrants(texts) => {
            let mut told = Vec::new();
            for text in texts {
                told.push(match authority.take_grant_text(&text).await {
                    Ok(venue) => json!({ "venue": venue.get(), "result": "taken" }),
                    Err(error) => json!({ "error": in_words(&error) }),
                });
            }
            Ok(told.into())
        }
        OfficeAsk::Issue { rows, days, strips, fact } => {
            issue(authority, rows, days, strips, fact).await
        }
        OfficeAsk::DrawUp { kind, file, days, by } => {
            draw_up(authority, kind, &file, days, by).await
        }
        OfficeAsk::DrawUpStanding { days, by } => {
            let body = authority.standing_now().await.map_err(|e| in_words(&e))?;
            draw_up_text(authority, DraftKind::Standing, body, days, by).await
        }
        other => drafts(authority, other).await,
    }
}

async fn enrol(authority: &Authority, rows: Vec<Row>) -> Result<Value, String> {
    let read =
        |(_, fields): &Row| Application::read(|name| fields.get(name).map_or("", String::as_str));
    let read: Vec<_> = rows.iter().map(|row| (row.0, read(row))).collect();
    let good = read.iter().filter_map(|(_, application)| application.clone().ok()).collect();
    let taken = authority.enrol_all(good).await.map_err(|e| in_words(&e))?;
    let mut taken = taken.into_iter();
    let told = read.iter().map(|(line, application)| match application {
        Ok(_) => match taken.next() {
            Some(taken) => {
                json!({ "line": line, "result": taken.word(), "venue": taken.venue().get() })
            }
            None => json!({ "line": line, "error": "it was not taken" }),
        },
        Err(wrong) => json!({ "line": line, "error": wrong.to_string() }),
    });
    Ok(told.collect())
}

fn venue_json(venue: VenueId, entry: &Enrolled) -> Value {
    let fields = node_core::authority::application::FIELDS;
    let mut said: serde_json::Map<String, Value> = fields
        .iter()
        .map(|name| ((*name).to_owned(), entry.application.field(name).into()))
        .collect();
    said.insert("venue".into(), venue.get().into());
    said.insert("since".into(), entry.since.to_string().into());
    let until = entry.granted().map(|grant| grant.not_after.to_string());
    said.insert("granted_until".into(), until.into());
    let code = entry.grant.as_ref().map(venue_grant_to_text);
    said.insert("join_code".into(), code.into());
    said.into()
}

async fn requests(authority: &Authority, after: Option<u64>, days: u32) -> Result<Value, String> {
    let found = authority.venues("", after.map(VenueId::new), LISTED).await;
    let found = found.map_err(|e| in_words(&e))?;
    let soon = wall::now().plus_millis(ENDS_SOON_MILLIS);
    let mut wanted = Vec::new();
    for (venue, entry) in &found.venues {
        let lasts = entry.granted().is_some_and(|grant| grant.not_after > soon);
        // Also where the entry was changed since: its doors go by what the old papers say.
        if (!lasts || entry.outgrew_its_papers()) && entry.application.manager.is_some() {
            let grant = authority.grant_wanted(*venue, days).await.map_err(|e| in_words(&e))?;
            wanted.push(grant_json(&grant));
        }
    }
    let last = found.venues.last().map(|(venue, _)| venue.get()).filter(|_| found.more);
    Ok(json!({ "requests": wanted, "after": last }))
}

fn grant_json(grant: &VenueGrant) -> Value {
    json!({
        "region": grant.region.get(),
        "venue": grant.venue.get(),
        "name": grant.name,
        "zone": grant.zone,
        "manager": grant.manager.to_string(),
        "capacity": grant.capacity,
        "doors": grant.doors,
        "not_before": grant.not_before.get(),
        "not_after": grant.not_after.get(),
        "activity": grant.activity,
        "area": grant.area,
    })
}

/// Whom a row asks a token for.
///
/// # Errors
/// What is wrong with it, in words without the number.
fn token_order(row: &Row, days: u32, says: Says) -> Result<TokenOrder, String> {
    let field = |name: &str| row.1.get(name).map_or("", |text| text.trim());
    let some = |name: &str| Some(field(name)).filter(|text| !text.is_empty());
    let kind = NumberKind::from_word(field("kind"))
        .ok_or("kind: must be iin, passport, cccd, resident-id or phone")?;
    let number = TypedNumber::read(kind, field("number")).map_err(|e| format!("number: {e}"))?;
    let birth_year = some("birth_year").map(str::parse).transpose();
    let holder = some("holder").map(|hex| {
        PublicKey::from_hex(&hex.to_ascii_lowercase())
            .ok_or("holder: must be a public key of 64 hexadecimal digits")
    });
    let phone = some("phone").map(|phone| TypedNumber::read(NumberKind::Phone, phone)).transpose();
    Ok(TokenOrder {
        number,
        says,
        days,
        masked_name: some("masked_name").map(str::to_owned),
        birth_year: birth_year.map_err(|_| "birth_year: must be a year")?,
        holder: holder.transpose()?,
        phone: phone.map_err(|e| format!("phone: {e}"))?,
    })
}

async fn issue(
    authority: &Authority,
    rows: Vec<Row>,
    days: u32,
    strips: bool,
    fact: bool,
) -> Result<Value, String> {
    let says = if fact { Says::Fact } else { Says::Colour };
    let mut told = Vec::new();
    for row in rows {
        let order = match token_order(&row, days, says) {
            Ok(order) => order,
            Err(error) => {
                told.push(json!({ "line": row.0, "error": error }));
                continue;
            }
        };
        let issued = match strips {
            true => authority.issue_strip(&order).await,
            false => authority.issue_token(&order).await.map(|token| vec![token]),
        };
        match issued {
            Ok(tokens) => told.extend(tokens.iter().map(|token| token_json(row.0, token))),
            Err(error) => told.push(json!({ "line": row.0, "error": in_words(&error) })),
        }
    }
    Ok(told.into())
}

fn token_json(line: u64, token: &IssuedToken) -> Value {
    json!({
        "line": line,
        "token": token.text,
        "cti": token.cti.to_string(),
        "status": status_word(token.status),
        "from": token.from.to_string(),
        "until": token.until.to_string(),
    })
}

async fn draw_up(
    authority: &Authority,
    kind: DraftKind,
    file: &std::path::Path,
    days: u32,
    by: Option<String>,
) -> Result<Value, String> {
    let read = |limit: usize| crate::command::read_file(file, limit).map_err(|e| in_words(&e));
    let mut body = read(BULLETIN_MAX)?;
    if kind == DraftKind::Roots {
        let made = authority.succession(&body).await.map_err(|e| in_words(&e))?;
        body = made.map_err(|e| in_words(&e))?;
    }
    draw_up_text(authority, kind, body, days, by).await
}

async fn draw_up_text(
    authority: &Authority,
    kind: DraftKind,
    body: Vec<u8>,
    days: u32,
    by: Option<String>,
) -> Result<Value, String> {
    let changes = authority.preview(kind.into(), &body).await.map_err(|e| in_words(&e))?;
    let said: Vec<String> = changes.iter().map(change_words).collect();
    let Some(by) = by else { return Ok(json!({ "changes": said })) };
    let draft = authority.draw_up(kind.into(), body, days, &by).await;
    let mut told = draft_json(&draft.map_err(|e| in_words(&e))?);
    told["changes"] = json!(said);
    Ok(told)
}

async fn drafts(authority: &Authority, ask: OfficeAsk) -> Result<Value, String> {
    let words = |e: node_core::authority::drafts::DraftError| in_words(&e);
    match ask {
        OfficeAsk::Drafts => {
            let all = authority.drafts().await.map_err(words)?;
            Ok(all.iter().map(draft_json).collect())
        }
        OfficeAsk::DrawUpAnew { days, by } => {
            let drawn = authority.draw_up_anew(days, &by).await.map_err(words)?;
            Ok(drawn.iter().map(draft_json).collect())
        }
        OfficeAsk::ExportDraft { number, out } => {
            let draft = authority.draft(number).await.map_err(words)?;
            let draft = draft.ok_or("there is no draft of this number")?;
            write_file(&out, &draft.bulletin.to_text()).map_err(|e| in_words(&e))?;
            Ok(draft_json(&draft))
        }
        OfficeAsk::SignDraft(number) => {
            authority.sign_draft(number).await.map(|draft| draft_json(&draft)).map_err(words)
        }
        OfficeAsk::AddSignatures(file) => {
            let text = fs::read_to_string(&file)
                .map_err(|e| format!("cannot read {}: {e}", file.display()))?;
            let draft = authority.add_signatures(&text).await.map_err(words)?;
            Ok(draft_json(&draft))
        }
        OfficeAsk::TakeBulletin(file) => {
            let text = fs::read_to_string(&file)
                .map_err(|e| format!("cannot read {}: {e}", file.display()))?;
            let notice = authority.take_bulletin(&text).await.map_err(words)?;
            Ok(json!({ "kind": kind_word(notice.kind), "version": notice.version }))
        }
        OfficeAsk::DropDraft(number) => {
            authority.drop_draft(number).await.map_err(words)?;
            Ok(json!({ "draft": number, "state": "dropped" }))
        }
        _ => Err("not understood".into()),
    }
}

fn draft_json(draft: &Draft) -> Value {
    json!({
        "draft": draft.number,
        "kind": kind_word(draft.notice.kind),
        "version": draft.notice.version,
        "state": state_word(draft.state),
        "signed": draft.signers.len(),
        "needed": draft.needed,
        "made_by": draft.made_by,
        "made_at": draft.made_at.to_string(),
        "current_until": draft.notice.not_after.to_string(),
    })
}

const fn state_word(state: DraftState) -> &'static str {
    match state {
        DraftState::Open => "open",
        DraftState::Published => "published",
        DraftState::Dropped => "dropped",
    }
}

/// A change, in words.
pub(crate) fn change_words(change: &Change) -> String {
    match change {
        Change::Field(name, before, after) => {
            let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".into());
            format!("{name}: {} becomes {}", said(before), said(after))
        }
        Change::IssuerAdded(name) => format!("issuer {name} is trusted from now on"),
        Change::IssuerDropped(name) => format!("issuer {name} is trusted no more"),
        Change::IssuerChanged(name) => format!("issuer {name}: its entry is another"),
        Change::Entries { list, added, dropped } => {
            format!("{list}: {added} entries are new, {dropped} are gone")
        }
        Change::Standing(venue, before, after) => {
            let said = |standing: &Option<VenueStanding>| match standing {
                Some(VenueStanding { stands, until }) => format!("{} until {until}", stands.word()),
                None => "good".to_owned(),
            };
            format!("venue {venue}: {} becomes {}", said(before), said(after))
        }
        Change::Announced(text) => format!("is announced: {text}"),
        Change::Unannounced(text) => format!("is not announced any more: {text}"),
        Change::Other => "the whole text is another".into(),
    }
}

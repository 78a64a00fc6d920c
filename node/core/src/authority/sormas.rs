//! An answer's people for a SORMAS server, as its REST interface takes them: persons and contacts of a person's case, an event
//! with its participants where a venue was asked about; and what came of sending them, kept with the case.
//!
//! Each record's uuid is made of what it is about, so that what is sent again is the same record there, never a second one.
//! Names of fields are those of `PersonDto`, `ContactDto`, `EventDto`, `EventParticipantDto` (SORMAS-Project, sormas-api).

use minicbor::{Decode, Encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sync::{
    id::Subject,
    time::{DAY_MILLIS, UnixMillis},
};
use tokio::sync::{mpsc, oneshot};

use super::{
    Authority,
    cabinet::Filing,
    casework::{About, CaseError, CaseId, KEPT_DAYS},
    export::{Line, Sheet},
};

/// The drawer of what was sent.
const DRAWER: u8 = b'R';
/// Answers that wait to be sent, at once.
pub const PARCELS_MAX: usize = 4;
/// The most refusals that are kept of one delivery.
const REFUSALS_MAX: usize = 50;
/// The longest reason that is kept, characters.
const REASON_MAX: usize = 120;

/// What the server wants to be told of every record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The disease, such as `CORONAVIRUS`.
    pub disease: String,
    /// The uuid of the user who reports.
    pub reporting_user: String,
    /// The uuid of the region.
    pub region: String,
    /// The uuid of the district.
    pub district: String,
}

/// A record, and whom it is about: nobody for an event.
pub type Item = (Option<Subject>, Value);

/// Records that go to one address, in order.
#[derive(Clone, PartialEq)]
pub struct Batch {
    /// Below `/sormas-rest`.
    pub path: &'static str,
    /// The records.
    pub items: Vec<Item>,
}

/// Names nobody.
impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({} to {})", self.items.len(), self.path)
    }
}

/// A uuid of SORMAS's own form, made of what a record is about.
fn uuid(parts: &[&str]) -> String {
    let hash = Sha256::digest(parts.join("\u{1f}").as_bytes());
    let text = data_encoding::BASE32_NOPAD.encode(&hash);
    format!("{}-{}-{}-{}", &text[..6], &text[6..12], &text[12..18], &text[18..26])
}

/// An answer as records; those of a batch need those of the batches before.
pub fn batches(sheet: &Sheet, about: About, terms: &Terms) -> Vec<Batch> {
    match about {
        About::Person(_) => of_person(sheet, terms),
        About::Venue(_) => of_event(sheet, terms),
    }
}

fn of_person(sheet: &Sheet, terms: &Terms) -> Vec<Batch> {
    let mut persons: Vec<Item> = Vec::new();
    for line in &sheet.lines {
        if !persons.iter().any(|(subject, _)| *subject == Some(line.subject)) {
            persons.push((Some(line.subject), person(sheet, line)));
        }
    }
    let contact = |line: &Line| (Some(line.subject), contact(sheet, line, terms));
    vec![
        Batch { path: "persons/push", items: persons },
        Batch { path: "contacts/push", items: sheet.lines.iter().map(contact).collect() },
    ]
}

fn of_event(sheet: &Sheet, terms: &Terms) -> Vec<Batch> {
    let Some(first) = sheet.lines.first() else { return Vec::new() };
    let event = uuid(&["event", &sheet.region.to_string(), &sheet.case, &window(sheet)]);
    let place = json!({
        "uuid": uuid(&["place", &sheet.region.to_string(), &first.venue.to_string()]),
        "region": { "uuid": terms.region },
        "district": { "uuid": terms.district },
        "details": first.venue_name,
    });
    let record = json!({
        "uuid": event,
        "changeDate": sheet.at.get(),
        "reportDateTime": sheet.at.get(),
        "reportingUser": { "uuid": terms.reporting_user },
        "eventStatus": "EVENT",
        "srcType": "NOT_APPLICABLE",
        "eventTitle": first.venue_name,
        "eventDesc": format!("{}: {}", sheet.case, first.venue_name),
        "externalId": sheet.case,
        "startDate": sheet.from.get(),
        "endDate": sheet.until.get(),
        "disease": terms.disease,
        "eventLocation": place,
    });
    let participant = |line: &Line| {
        let value = json!({
            "uuid": uuid(&["participant", &event, &line.subject.to_string()]),
            "changeDate": sheet.at.get(),
            "event": { "uuid": event },
            "person": person(sheet, line),
            "involvementDescription": line.circumstances(),
            "region": { "uuid": terms.region },
            "district": { "uuid": terms.district },
        });
        (Some(line.subject), value)
    };
    let mut items: Vec<Item> = Vec::new();
    for line in &sheet.lines {
        if !items.iter().any(|(subject, _)| *subject == Some(line.subject)) {
            items.push(participant(line));
        }
    }
    vec![
        Batch { path: "events/push", items: vec![(None, record)] },
        Batch { path: "eventparticipants/push", items },
    ]
}

fn window(sheet: &Sheet) -> String {
    format!("{}-{}", sheet.from.get(), sheet.until.get())
}

/// A person has one uuid in all cases of a region, made of the pseudonym.
fn person(sheet: &Sheet, line: &Line) -> Value {
    let own = uuid(&["person", &sheet.region.to_string(), &line.subject.to_string()]);
    let mut value = json!({
        "uuid": own,
        "changeDate": sheet.at.get(),
        "firstName": "-",
        "lastName": line.called(),
        "sex": "UNKNOWN",
        "externalId": line.subject.to_string(),
    });
    let birth = line.birth_date.as_deref().and_then(super::export::whole_day);
    let part = |range: std::ops::Range<usize>| {
        birth.and_then(|day| day.get(range)).and_then(|text| text.parse::<u32>().ok())
    };
    if let (Some(year), Some(month), Some(day)) = (part(0..4), part(5..7), part(8..10)) {
        value["birthdateYYYY"] = year.into();
        value["birthdateMM"] = month.into();
        value["birthdateDD"] = day.into();
    }
    if let Some(phone) = &line.phone {
        value["personContactDetails"] = json!([{
            "uuid": uuid(&["phone", &own]),
            "changeDate": sheet.at.get(),
            "person": { "uuid": own },
            "primaryContact": true,
            "personContactDetailType": "PHONE",
            "contactInformation": phone,
        }]);
    }
    if let Some((kind, number)) = &line.document {
        let field = match kind {
            sync::sealed::NumberKind::Passport => "passportNumber",
            _ => "nationalHealthId",
        };
        value[field] = number.as_str().into();
    }
    value
}

fn contact(sheet: &Sheet, line: &Line, terms: &Terms) -> Value {
    let at = line.from.get().to_string();
    let (region, subject, venue) =
        (sheet.region.to_string(), line.subject.to_string(), line.venue.to_string());
    json!({
        "uuid": uuid(&["contact", &region, &sheet.case, &subject, &venue, &at]),
        "changeDate": sheet.at.get(),
        "reportDateTime": sheet.at.get(),
        "reportingUser": { "uuid": terms.reporting_user },
        "person": { "uuid": uuid(&["person", &region, &subject]) },
        "caseIdExternalSystem": sheet.case,
        "caseOrEventInformation": line.venue_name,
        "disease": terms.disease,
        "region": { "uuid": terms.region },
        "district": { "uuid": terms.district },
        "multiDayContact": false,
        "lastContactDate": line.until.get(),
        "contactClassification": "UNCONFIRMED",
        "contactProximityDetails": format!("{} min", line.minutes),
        "description": line.circumstances(),
        "externalID": subject,
    })
}

/// What the server said of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has it.
    Taken,
    /// It has it, as new or newer.
    Known,
    /// It has not; why, in its words.
    Refused(String),
}

/// Reads what a server answers to a push of `sent` records: a list of `OK`, `TOO_OLD`, `ERROR`; a list of objects with a
/// status code and words; or, of an old one, how many it took. `None` for anything else.
pub fn verdicts(answer: &Value, sent: usize) -> Option<Vec<Verdict>> {
    if let Some(count) = answer.as_u64() {
        return (count == sent as u64).then(|| vec![Verdict::Taken; sent]);
    }
    let all = answer.as_array().filter(|all| all.len() == sent)?;
    all.iter().map(verdict).collect()
}

fn verdict(said: &Value) -> Option<Verdict> {
    if let Some(word) = said.as_str() {
        return match word {
            "OK" => Some(Verdict::Taken),
            "TOO_OLD" => Some(Verdict::Known),
            other => Some(Verdict::Refused(shortened(other))),
        };
    }
    let code = said["statusCode"].as_u64()?;
    Some(match code {
        200..300 => Verdict::Taken,
        409 => Verdict::Known,
        _ => {
            let words = &said["error"];
            let words = words.as_str().map_or_else(|| words.to_string(), str::to_owned);
            Verdict::Refused(shortened(&format!("{code} {words}")))
        }
    })
}

fn shortened(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(REASON_MAX).collect()
}

/// What came of sending an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Records that the server took.
    pub taken: u32,
    /// Records that it had already.
    pub known: u32,
    /// Records that it refused, and those that were kept back for that.
    pub refused: Vec<(Option<Subject>, String)>,
    /// Why it could not be ended.
    pub trouble: Option<String>,
}

/// An answer to be sent, and where to say what came of it.
#[derive(Debug)]
pub struct Parcel {
    /// The answer.
    pub sheet: Sheet,
    /// About what it is.
    pub about: About,
    /// Where to say it.
    pub answer: oneshot::Sender<Delivered>,
}

/// Who sends. Cheap to clone.
pub type Courier = mpsc::Sender<Parcel>;

/// A delivery, as it is kept with its case.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Delivery {
    /// When.
    #[n(0)]
    pub at: UnixMillis,
    /// Who sent it.
    #[n(1)]
    pub by: String,
    /// Which question's answer.
    #[n(2)]
    pub number: u32,
    /// Records that the server took.
    #[n(3)]
    pub taken: u32,
    /// Records that it had already.
    #[n(4)]
    pub known: u32,
    /// How many it refused.
    #[n(5)]
    pub refused: u32,
    /// The first of these: whom they are about, and why.
    #[n(6)]
    pub reasons: Vec<(Option<Subject>, String)>,
    /// Why it could not be ended.
    #[n(7)]
    pub trouble: Option<String>,
}

/// Why an answer was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// Nothing to send with.
    #[error("no server is configured: [authority.sormas]")]
    Nobody,
    /// Others are being sent.
    #[error("other answers are being sent; try again")]
    Busy,
    /// The case.
    #[error(transparent)]
    Case(#[from] CaseError),
}

fn entry(id: CaseId, at: UnixMillis, number: u32) -> Vec<u8> {
    let at = at.get().to_be_bytes();
    [&drawer(id)[..], &at, &number.to_be_bytes()].concat()
}

fn drawer(id: CaseId) -> Vec<u8> {
    [&[DRAWER], &id.bytes()[..]].concat()
}

impl Authority {
    /// Gives the authority its courier; the one given first stays.
    pub fn send_by(&self, courier: Courier) {
        let _ = self.0.courier.set(courier); // a second one is never given
    }

    /// Whether answers can be sent.
    pub fn sends(&self) -> bool {
        self.0.courier.get().is_some()
    }

    /// Sends the people of an answer, with their contact details, and keeps what came of it with the case.
    ///
    /// # Errors
    /// [`SendError`]; then nothing was sent, or it could not be written down.
    pub async fn send_answer(
        &self,
        id: CaseId,
        number: u32,
        by: &str,
    ) -> Result<Delivery, SendError> {
        let courier = self.0.courier.get().ok_or(SendError::Nobody)?;
        let (asked, _) = self.found(id, number).await?;
        let sheet = self.sheet(id, number).await?;
        let (answer, said) = oneshot::channel();
        let parcel = Parcel { sheet, about: asked.about, answer };
        courier.try_send(parcel).map_err(|_| SendError::Busy)?;
        let done = said.await.unwrap_or_else(|_| Delivered {
            trouble: Some("the node is stopping".into()),
            ..Delivered::default()
        });
        let refused = u32::try_from(done.refused.len()).unwrap_or(u32::MAX);
        let reasons = done.refused.into_iter().take(REFUSALS_MAX).collect();
        let Delivered { taken, known, trouble, .. } = done;
        let at = (self.0.clock)();
        let by = by.chars().take(120).collect();
        let delivery = Delivery { at, by, number, taken, known, refused, reasons, trouble };
        let filing = Filing::put(entry(id, at, number), &delivery);
        self.cabinet().file(vec![filing]).await.map_err(CaseError::from)?;
        Ok(delivery)
    }

    /// What was sent of a case, the earliest first.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn deliveries(&self, id: CaseId) -> Result<Vec<Delivery>, CaseError> {
        let all = self.cabinet().all::<Delivery>(&drawer(id)).await?;
        Ok(all.into_iter().map(|(_, delivery)| delivery).collect())
    }

    /// Forgets deliveries that are older than cases are kept.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn forget_deliveries(&self) -> Result<(), CaseError> {
        let first = (self.0.clock)().plus_millis(-KEPT_DAYS * DAY_MILLIS);
        let all = self.cabinet().all::<Delivery>(&[DRAWER]).await?;
        let old = all.into_iter().filter(|(_, delivery)| delivery.at < first);
        let gone: Vec<_> = old.map(|(name, _)| Filing::Take(name)).collect();
        for some in gone.chunks(500) {
            self.cabinet().file(some.to_vec()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_any_version_is_understood() {
        let told = |text: &str, sent| verdicts(&serde_json::from_str(text).unwrap(), sent);
        assert_eq!(
            told(r#"["OK","TOO_OLD","ERROR"]"#, 3),
            Some(vec![Verdict::Taken, Verdict::Known, Verdict::Refused("ERROR".into())])
        );
        let new = r#"[{"statusCode":200,"error":null},{"statusCode":422,"error":"no district"},{"statusCode":409}]"#;
        assert_eq!(
            told(new, 3),
            Some(vec![Verdict::Taken, Verdict::Refused("422 no district".into()), Verdict::Known])
        );
        assert_eq!(told("2", 2), Some(vec![Verdict::Taken; 2]));
        for wrong in [r#"["OK"]"#, "1", "{}", r#"[{"a":1},2]"#, "null"] {
            assert_eq!(told(wrong, 2), None, "{wrong}");
        }
    }

    #[test]
    fn a_uuid_is_the_servers_form_and_always_the_same() {
        let one = uuid(&["person", "1", "ab"]);
        assert_eq!(one, uuid(&["person", "1", "ab"]));
        assert_ne!(one, uuid(&["person", "1a", "b"]));
        let lengths: Vec<_> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [6, 6, 6, 8]);
    }
}

//! Credentials for the tests of what is judged and not read: of any facts, holder and ids.

use sync::{id::Subject, record::Status, time::UnixMillis};

use super::super::{
    Claim, Credential, Cti, Fact, HealthData, Presented, RevocableId, Statement,
    credential::Holder, status::StatusClaims,
};

/// A credential that says these facts, and runs out so many milliseconds after it was issued.
pub(crate) fn of_facts(issued_at: UnixMillis, life_millis: i64, facts: Vec<Fact>) -> Credential {
    let (subject, cti) = (Subject::new([7; 16]), Cti::new([9; 8]));
    let (end, claim) = (issued_at.plus_millis(life_millis), Claim::Colour(Status::Blue));
    let claims = StatusClaims::new("kz", subject, cti, issued_at, end, claim).unwrap();
    let credential = Credential::of_status(&claims, Presented::Paper);
    Credential { statement: Statement::Facts(facts.into()), ..credential }
}

/// The same of a holder with this name and date of birth.
pub(crate) fn held_by(credential: Credential, name: &str, birth_date: &str) -> Credential {
    let birth_date = Some(birth_date.into()).filter(|_| !birth_date.is_empty());
    let holder = Holder { name: Some(name.into()), birth_date, credential_id: "id".into() };
    Credential { holder: Some(holder), masked_name: Some("T*** S.".into()), ..credential }
}

/// The same with health data, in CBOR.
pub(crate) fn with_health_data(credential: Credential, cbor: &[u8]) -> Credential {
    Credential { health_data: Some(HealthData(cbor.into())), ..credential }
}

/// The same with other ids.
pub(crate) fn with_ids(credential: Credential, ids: Vec<RevocableId>) -> Credential {
    Credential { ids, ..credential }
}

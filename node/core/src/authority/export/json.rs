//! Go.Data's contacts and IRIS connect's guest list.

use serde_json::{Value, json};

use super::{ExportError, Line, Sheet, whole_day};

/// The longest texts that IRIS takes, characters.
const IRIS_NAME_MAX: usize = 100;
const IRIS_TEXT_MAX: usize = 500;

pub(super) fn godata(sheet: &Sheet) -> Result<Vec<u8>, ExportError> {
    let contact = |line: &Line| {
        let phone = line.phone.as_deref().unwrap_or_default();
        json!({
            "visualId": line.subject.to_string(),
            "firstName": line.called(),
            "lastName": "",
            "dob": line.birth_date.as_deref().and_then(whole_day),
            "dateOfReporting": sheet.at.to_string(),
            "addresses": [{
                "typeId": "LNG_REFERENCE_DATA_CATEGORY_ADDRESS_TYPE_USUAL_PLACE_OF_RESIDENCE",
                "phoneNumber": phone,
            }],
            "relationships": [{
                "sourceVisualId": sheet.case,
                "contactDate": line.until.to_string(),
                "contactDateEstimated": false,
                "exposureDuration": format!("{} min", line.minutes),
                "contextOfExposure": line.venue_name,
                "comment": line.circumstances(),
            }],
        })
    };
    let contacts: Vec<Value> = sheet.lines.iter().map(contact).collect();
    Ok(serde_json::to_vec_pretty(&contacts)?)
}

pub(super) fn iris(sheet: &Sheet) -> Result<Vec<u8>, ExportError> {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let guest = |line: &Line| {
        json!({
            "firstName": "-",
            "lastName": cut(&line.called(), IRIS_NAME_MAX),
            "dateOfBirth": line.birth_date.as_deref().and_then(whole_day),
            "sex": "UNKNOWN",
            "mobilePhone": line.phone,
            // What a credential said was verified; a typed number nobody looked at.
            "identityChecked": line.name.is_some(),
            "attendanceInformation": {
                "descriptionOfParticipation": "guest",
                "attendFrom": line.from.to_string(),
                "attendTo": line.until.to_string(),
                "additionalInformation": cut(&line.circumstances(), IRIS_TEXT_MAX),
            },
        })
    };
    let mut venues: Vec<&str> = sheet.lines.iter().map(|line| &*line.venue_name).collect();
    venues.sort_unstable();
    venues.dedup();
    let place = match venues.as_slice() {
        [one] => (*one).to_owned(),
        _ => format!("region {}", sheet.region),
    };
    let list = json!({
        "guests": sheet.lines.iter().map(guest).collect::<Vec<_>>(),
        "dataProvider": {
            "name": cut(&place, IRIS_NAME_MAX),
            "address": { "street": "", "houseNumber": "", "zipCode": "", "city": "" },
        },
        "additionalInformation": cut(&sheet.case, IRIS_TEXT_MAX),
        "startDate": sheet.from.to_string(),
        "endDate": sheet.until.to_string(),
    });
    Ok(serde_json::to_vec_pretty(&list)?)
}

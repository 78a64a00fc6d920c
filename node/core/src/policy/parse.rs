//! From bytes to a [`Policy`], with the field named that is wrong.

use serde_json::{Map, Value};

use super::{POLICY_BYTES_MAX, Policy};

const HOURS: (u32, u32) = (1, 10_000);
const DAYS: (u32, u32) = (1, 366);
const DAYS_OR_NONE: (u32, u32) = (0, 366);
const LONG_DAYS: (u32, u32) = (1, 3660);
const YEARS: (u32, u32) = (1, 30);
const STAY_MINUTES: (u32, u32) = (1, 24 * 60);
/// As many as a venue's doors remember of an hour.
const LOOK_UPS: (u32, u32) = (0, 1000);
const OVERLAP_SECONDS: (u32, u32) = (0, 24 * 60 * 60);

/// Why a policy was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Over [`POLICY_BYTES_MAX`].
    #[error("policy of {0} bytes is over the limit of {POLICY_BYTES_MAX}")]
    TooLarge(usize),
    /// Not JSON, not a JSON object, or a field twice.
    #[error("policy is not a JSON object with each field once")]
    Json(#[source] serde_json::Error),
    /// A list where named fields are wanted.
    #[error("{0}: must be a JSON object")]
    NotAnObject(&'static str),
    /// A field is unknown or of a wrong type.
    #[error("{field}: not understood")]
    Field {
        /// Which field.
        field: String,
        /// What the reader says.
        source: serde_json::Error,
    },
    /// The measures, beyond their shape.
    #[error("measures: {0}")]
    Measures(String),
    /// A number is out of its range.
    #[error("{field}: {found} is not between {min} and {max}")]
    Range {
        /// Which field.
        field: &'static str,
        /// What it says.
        found: u32,
        /// The least that is allowed.
        min: u32,
        /// The most that is allowed.
        max: u32,
    },
}

impl Policy {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`PolicyError`] names the field that is unknown, mistyped or out of range.
    pub fn parse(json: &[u8]) -> Result<Self, PolicyError> {
        if json.len() > POLICY_BYTES_MAX {
            return Err(PolicyError::TooLarge(json.len()));
        }
        let fields: Map<String, Value> = serde_json::from_slice(json).map_err(PolicyError::Json)?;
        // Read from the bytes, not from the map, which would keep the last of two fields of one name.
        let policy = serde_json::from_slice(json).map_err(|whole| name_field(&fields, whole))?;
        for table in ["admit", "leaders", "measures"] {
            if fields.get(table).is_some_and(|fields| !fields.is_object()) {
                return Err(PolicyError::NotAnObject(table));
            }
        }
        check_ranges(&policy)?;
        policy.measures.fault().map_or(Ok(()), |fault| Err(PolicyError::Measures(fault)))?;
        Ok(policy)
    }
}

// The reader says line and column; people look for the field. Every field has a default, so each can be read alone.
fn name_field(fields: &Map<String, Value>, whole: serde_json::Error) -> PolicyError {
    for (field, value) in fields {
        let alone = Value::Object(Map::from_iter([(field.clone(), value.clone())]));
        if let Err(source) = serde_json::from_value::<Policy>(alone) {
            return PolicyError::Field { field: field.clone(), source };
        }
    }
    PolicyError::Json(whole)
}

fn check_ranges(policy: &Policy) -> Result<(), PolicyError> {
    let fields = [
        ("green_hours", policy.green_hours, HOURS),
        ("antigen_green_hours", policy.antigen_green_hours.unwrap_or(HOURS.0), HOURS),
        ("yellow_days", policy.yellow_days, DAYS),
        ("red_days", policy.red_days, DAYS),
        ("red_test_after_days", policy.red_test_after_days, DAYS_OR_NONE),
        ("vaccinated_after_days", policy.vaccinated_after_days, DAYS_OR_NONE),
        ("vaccinated_for_days", policy.vaccinated_for_days.unwrap_or(DAYS.0), LONG_DAYS),
        ("recovered_after_days", policy.recovered_after_days, DAYS_OR_NONE),
        ("recovered_for_days", policy.recovered_for_days.unwrap_or(DAYS.0), LONG_DAYS),
        ("minor_below_years", policy.minor_below_years, YEARS),
        ("lists_max_age_hours", policy.lists_max_age_hours, HOURS),
        ("look_ups_per_hour", policy.look_ups_per_hour, LOOK_UPS),
        ("trace_min_overlap_seconds", policy.trace_min_overlap_seconds, OVERLAP_SECONDS),
        ("default_stay_minutes", policy.default_stay_minutes, STAY_MINUTES),
        ("retention_days_door", policy.retention_days_door, DAYS),
        ("retention_days_authority", policy.retention_days_authority, DAYS),
        ("test_days", policy.test_days, DAYS_OR_NONE),
        ("silent_days", policy.silent_days, DAYS),
    ];
    for (field, found, (min, max)) in fields {
        if !(min..=max).contains(&found) {
            return Err(PolicyError::Range { field, found, min, max });
        }
    }
    Ok(())
}

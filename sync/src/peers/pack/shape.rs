//! What visits and edits look like apart from time, text and noise: a door writes few looks, over and over.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::{SHAPES_MAX, UnpackError, columns::Reader};
use crate::{
    id::{EntranceId, Mark, RecordId, Tag, Week, ZoneId},
    key::encode,
    record::{ClockTrust, Decider, Edit, PlaceTaken, RECORD_MAX, Record, Status, Visit, VisitKind},
    sealed::Sealed,
    time::UnixMillis,
};

/// A look.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) enum Shape {
    #[n(0)]
    Visit(#[n(0)] VisitShape),
    #[n(1)]
    Edit(#[n(0)] EditShape),
}

/// A visit's fields that repeat.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct VisitShape {
    #[n(0)]
    clock: ClockTrust,
    #[n(1)]
    entrance: EntranceId,
    #[n(2)]
    kind: VisitKind,
    #[n(3)]
    status: Status,
    #[n(4)]
    decider: Decider,
    /// Week of the key and length of the ciphertext.
    #[n(5)]
    sealed: Option<(Week, u16)>,
    #[n(6)]
    reason: Option<String>,
    #[n(7)]
    zone: ZoneId,
    #[n(8)]
    place: PlaceTaken,
    #[n(9)]
    marks: u8,
}

/// An edit's fields that repeat.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(super) struct EditShape {
    #[n(0)]
    field: String,
    #[n(1)]
    has_value: bool,
    #[n(2)]
    replaces: Vec<RecordId>,
}

/// A record taken apart.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) shape: Shape,
    pub(super) at: i64,
    pub(super) text: Option<Vec<u8>>,
    pub(super) noise: Vec<u8>,
}

impl Columns {
    /// `None` where the same bytes would not come out again.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let columns = match Record::from_bytes(bytes).ok()? {
            Record::Visit(visit) => Self::of_visit(visit)?,
            Record::Edit(edit) => Self::of_edit(edit),
            _ => return None,
        };
        let mut noise = Reader::new(&columns.noise);
        let again = columns.shape.record(columns.at, columns.text.as_deref(), &mut noise).ok()?;
        (again.to_bytes() == bytes).then_some(columns)
    }

    fn of_visit(visit: Visit) -> Option<Self> {
        // Every field is named, so that a new one cannot be forgotten here.
        let Visit { at, clock, entrance, kind, status, reason, .. } = visit;
        let Visit { decider, tag, sealed, zone, place, marks, temperature, .. } = visit;
        // Peers that know no temperatures know no column for them either, and would put together something else than
        // was signed: such a visit goes as it is.
        if temperature.is_some() {
            return None;
        }
        let mut noise = tag.as_bytes().to_vec();
        let sealed = match &sealed {
            Some(sealed) => {
                noise.extend_from_slice(sealed.enc());
                noise.extend_from_slice(sealed.text());
                Some((sealed.week(), u16::try_from(sealed.text().len()).ok()?))
            }
            None => None,
        };
        marks.iter().for_each(|m| noise.extend_from_slice(m.as_bytes()));
        let marks = u8::try_from(marks.len()).ok()?;
        let shape = VisitShape {
            clock,
            entrance,
            kind,
            status,
            decider,
            sealed,
            reason,
            zone,
            place,
            marks,
        };
        Some(Self { shape: Shape::Visit(shape), at: at.get(), text: None, noise })
    }

    fn of_edit(Edit { at, field, value, replaces }: Edit) -> Self {
        let shape = Shape::Edit(EditShape { field, has_value: value.is_some(), replaces });
        Self { shape, at: at.get(), text: value.map(Vec::from), noise: Vec::new() }
    }
}

impl Shape {
    /// Whether records of this look bring a text.
    pub(super) fn has_text(&self) -> bool {
        matches!(self, Self::Edit(EditShape { has_value: true, .. }))
    }

    /// Puts a record together again.
    pub(super) fn record(
        &self,
        at: i64,
        text: Option<&[u8]>,
        noise: &mut Reader<'_>,
    ) -> Result<Record, UnpackError> {
        let at = UnixMillis::new(at);
        Ok(match self {
            Self::Visit(shape) => Record::Visit(shape.visit(at, noise)?),
            Self::Edit(EditShape { field, replaces, .. }) => Record::Edit(Edit {
                at,
                field: field.clone(),
                value: text.map(|t| t.to_vec().into()),
                replaces: replaces.clone(),
            }),
        })
    }
}

impl VisitShape {
    fn visit(&self, at: UnixMillis, noise: &mut Reader<'_>) -> Result<Visit, UnpackError> {
        let tag = Tag::new(noise.array()?);
        let sealed = match self.sealed {
            Some((week, length)) => {
                let enc = noise.array()?;
                Some(Sealed::from_parts(week, enc, noise.bytes(length.into())?.to_vec()))
            }
            None => None,
        };
        let marks = (0..self.marks)
            .map(|_| noise.array().map(Mark::new))
            .collect::<Result<_, UnpackError>>()?;
        let Self { clock, entrance, kind, status, decider, zone, place, .. } = *self;
        let reason = self.reason.clone();
        Ok(Visit {
            at,
            clock,
            entrance,
            kind,
            status,
            reason,
            decider,
            tag,
            sealed,
            zone,
            place,
            marks,
            temperature: None,
        })
    }
}

/// The looks of one run, numbered from 1 in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Known {
    places: BTreeMap<Vec<u8>, u64>,
    shapes: Vec<Vec<u8>>,
}

impl Known {
    /// The number of a look; `None` for a new one when there are too many, or when it is too long.
    pub(super) fn number(&mut self, shape: &Shape) -> Option<u64> {
        let bytes = encode(shape);
        if let Some(place) = self.places.get(&bytes) {
            return Some(*place);
        }
        if self.shapes.len() >= SHAPES_MAX || bytes.len() > RECORD_MAX {
            return None;
        }
        self.shapes.push(bytes.clone());
        let place = self.shapes.len() as u64;
        self.places.insert(bytes, place);
        Some(place)
    }

    /// The looks, encoded, in the order of their numbers.
    pub(super) fn shapes(&self) -> &[Vec<u8>] {
        &self.shapes
    }
}

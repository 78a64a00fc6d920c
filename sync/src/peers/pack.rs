//! A run as it travels: its fields in columns, so that what repeats goes almost for nothing and what is random goes
//! as it is.
//!
//! Three streams: `shape` holds numbers, times as differences, and what visits and edits look like, each look once;
//! `text` holds the values of edits and whatever has no columns here; both are deflated where that is shorter.
//! `noise` holds tags, sealed identities and marks, which nothing makes shorter.
//!
//! A record goes in columns only if its bytes come out of them again as they went in: signatures cover those bytes.

mod columns;
mod shape;
#[cfg(test)]
mod tests;

use minicbor::{
    Decode, Decoder, Encode, Encoder,
    bytes::ByteVec,
    decode::Error as Malformed,
    encode::{Error as Unwritten, Write},
};

use crate::{
    envelope::{GROUP_MAX, Item, Link, RUN_MAX, Run},
    id::{ChainId, Hash, RecordNumber, Segment, Seq, SignatureBytes, VenueId},
    peers::wire::FRAME_MAX,
    record::RECORD_MAX,
    time::{DAY_MILLIS, Day, UnixMillis},
};
use columns::{Reader, Writer, inflate, squeeze};
use shape::{Columns, Known, Shape};

/// Shapes that one run may name; records of further ones go as they are.
const SHAPES_MAX: usize = 1024;
/// What stands in the place of a shape's number: the record goes as it is.
const WHOLE: usize = 0;
/// What a record costs in memory beside its bytes, about; bounds how many may come in one run.
const ITEM_COST: usize = 12;

/// Why bytes are not a packed run.
#[derive(Debug, thiserror::Error)]
enum UnpackError {
    #[error("packed run ends too soon")]
    Short,
    #[error("packed run has bytes left over")]
    Long,
    #[error("packed run has a number over its bound")]
    Bound,
    #[error("packed run does not inflate")]
    Deflate(#[source] std::io::Error),
    #[error("packed run has a malformed shape")]
    Shape(#[source] Malformed),
}

/// The streams of a run.
#[derive(Debug, Encode, Decode)]
struct Packed {
    #[n(0)]
    venue: VenueId,
    #[n(1)]
    chain: ChainId,
    #[n(2)]
    after: Seq,
    #[n(3)]
    previous: Hash,
    #[n(4)]
    signature: SignatureBytes,
    #[n(5)]
    shape: ByteVec,
    #[n(6)]
    text: ByteVec,
    #[n(7)]
    noise: ByteVec,
}

/// For `#[cbor(with = …)]` on a field of type [`Run`].
pub(super) fn encode<C, W: Write>(
    run: &Run,
    e: &mut Encoder<W>,
    ctx: &mut C,
) -> Result<(), Unwritten<W::Error>> {
    pack(run).encode(e, ctx)
}

/// For `#[cbor(with = …)]` on a field of type [`Run`].
pub(super) fn decode<C>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Run, Malformed> {
    unpack(Packed::decode(d, ctx)?).map_err(Malformed::custom)
}

fn pack(run: &Run) -> Packed {
    let links = &run.links;
    let (mut shape, mut text, mut noise) = (Writer::default(), Writer::default(), Vec::new());
    shape.number(links.len() as u64);
    links.iter().for_each(|l| shape.number(l.items.len() as u64));
    shape.differences(0, links.iter().map(|l| i64::from(l.segment.get())));
    shape.differences(dawn(run.chain.day), links.iter().map(|l| l.made_at.get()));
    let items = || links.iter().flat_map(|l| l.items.iter().map(|i| (l.made_at.get(), i)));
    // A number mostly follows the one before it.
    let numbers = items().zip(1..).map(|((_, i), n)| i.number.get().wrapping_sub(n));
    shape.differences(0, numbers.map(u64::cast_signed));
    let (mut known, mut times, mut lengths) = (Known::default(), Vec::new(), Vec::new());
    for (made_at, item) in items() {
        let columns = Columns::of(&item.bytes);
        match columns.and_then(|c| Some((known.number(&c.shape)?, c))) {
            Some((place, columns)) => {
                shape.number(place);
                times.push(made_at.wrapping_sub(columns.at));
                lengths.extend(columns.text.as_ref().map(|t| t.len() as u64));
                text.bytes(columns.text.as_deref().unwrap_or_default());
                noise.extend_from_slice(&columns.noise);
            }
            None => {
                shape.number(WHOLE as u64);
                lengths.push(item.bytes.len() as u64);
                text.bytes(&item.bytes);
            }
        }
    }
    for look in known.shapes() {
        shape.number(look.len() as u64);
        shape.bytes(look);
    }
    times.into_iter().for_each(|t| shape.signed(t));
    lengths.into_iter().for_each(|l| shape.number(l));
    let &Run { venue, chain, after, previous, signature, .. } = run;
    let (shape, text) = (squeeze(shape.done()).into(), squeeze(text.done()).into());
    Packed { venue, chain, after, previous, signature, shape, text, noise: noise.into() }
}

/// Where a day begins, about: the times of its envelopes are told from there.
fn dawn(day: Day) -> i64 {
    if day.is_civil() { i64::from(day.get()) * DAY_MILLIS } else { 0 }
}

fn unpack(packed: Packed) -> Result<Run, UnpackError> {
    let Packed { venue, chain, after, previous, signature, shape, text, noise } = packed;
    let (shape, text) = (inflate(&shape, FRAME_MAX)?, inflate(&text, FRAME_MAX)?);
    let mut shape = Reader::new(&shape);
    let outline = Outline::read(&mut shape, dawn(chain.day))?;
    let mut records =
        Records::read(shape, Reader::new(&text), Reader::new(&noise), &outline.numbers)?;
    let mut numbers = outline.numbers.into_iter();
    let mut links = Vec::with_capacity(outline.links.len());
    for (count, segment, made_at) in outline.links {
        let item = |number| {
            let bytes = records.next(made_at)?.into();
            Ok(Item { number, bytes })
        };
        let items = numbers.by_ref().take(count).map(item).collect::<Result<_, UnpackError>>()?;
        links.push(Link { segment, made_at: UnixMillis::new(made_at), items });
    }
    if records.is_over() {
        Ok(Run { venue, chain, after, previous, links, signature })
    } else {
        Err(UnpackError::Long)
    }
}

/// The envelopes of a run without their records.
struct Outline {
    /// How many records each has, its segment, and when it was made.
    links: Vec<(usize, Segment, i64)>,
    numbers: Vec<RecordNumber>,
}

impl Outline {
    fn read(shape: &mut Reader<'_>, dawn: i64) -> Result<Self, UnpackError> {
        let count = shape.below(RUN_MAX)?;
        let counts: Vec<usize> =
            (0..count).map(|_| shape.below(GROUP_MAX)).collect::<Result<_, _>>()?;
        let items: usize = counts.iter().sum();
        if items > FRAME_MAX / ITEM_COST {
            return Err(UnpackError::Bound);
        }
        let segments = shape.differences(0, count)?.into_iter().map(|segment| {
            u16::try_from(segment).map(Segment::new).map_err(|_| UnpackError::Bound)
        });
        let segments: Vec<Segment> = segments.collect::<Result<_, _>>()?;
        let made_at = shape.differences(dawn, count)?;
        let numbers = shape.differences(0, items)?.into_iter().zip(1..);
        let number = |(n, nth): (i64, u64)| RecordNumber::new(n.cast_unsigned().wrapping_add(nth));
        let links = counts.into_iter().zip(segments).zip(made_at);
        Ok(Self {
            links: links.map(|((c, s), m)| (c, s, m)).collect(),
            numbers: numbers.map(number).collect(),
        })
    }
}

/// The records of a run, put together one after another.
struct Records<'a> {
    shape: Reader<'a>,
    text: Reader<'a>,
    noise: Reader<'a>,
    shapes: Vec<Shape>,
    places: std::vec::IntoIter<usize>,
    times: std::vec::IntoIter<i64>,
    /// What may still be unpacked, bytes: a look may repeat, and what is short here may be long there.
    budget: usize,
}

impl<'a> Records<'a> {
    fn read(
        mut shape: Reader<'a>,
        text: Reader<'a>,
        noise: Reader<'a>,
        numbers: &[RecordNumber],
    ) -> Result<Self, UnpackError> {
        let places: Vec<usize> =
            numbers.iter().map(|_| shape.below(SHAPES_MAX)).collect::<Result<_, _>>()?;
        let last = places.iter().copied().max().unwrap_or(WHOLE);
        let look = |_| {
            let length = shape.below(RECORD_MAX)?;
            minicbor::decode(shape.bytes(length)?).map_err(UnpackError::Shape)
        };
        let shapes: Vec<Shape> = (0..last).map(look).collect::<Result<_, _>>()?;
        let timed = places.iter().filter(|p| **p != WHOLE).count();
        let times: Vec<i64> = (0..timed).map(|_| shape.signed()).collect::<Result<_, _>>()?;
        let (places, times) = (places.into_iter(), times.into_iter());
        Ok(Self { shape, text, noise, shapes, places, times, budget: FRAME_MAX })
    }

    /// The next record's bytes.
    fn next(&mut self, made_at: i64) -> Result<Vec<u8>, UnpackError> {
        let place = self.places.next().ok_or(UnpackError::Short)?;
        let bytes = match place.checked_sub(1) {
            None => self.next_text()?.to_vec(),
            Some(look) => {
                let at = made_at.wrapping_sub(self.times.next().ok_or(UnpackError::Short)?);
                let has_text = self.shapes.get(look).ok_or(UnpackError::Bound)?.has_text();
                let text = if has_text { Some(self.next_text()?) } else { None };
                let shape = self.shapes.get(look).ok_or(UnpackError::Bound)?;
                shape.record(at, text, &mut self.noise)?.to_bytes()
            }
        };
        self.budget = self.budget.checked_sub(bytes.len()).ok_or(UnpackError::Bound)?;
        Ok(bytes)
    }

    fn next_text(&mut self) -> Result<&'a [u8], UnpackError> {
        let length = self.shape.below(RECORD_MAX)?;
        self.text.bytes(length)
    }

    fn is_over(&self) -> bool {
        self.shape.is_empty() && self.text.is_empty() && self.noise.is_empty()
    }
}

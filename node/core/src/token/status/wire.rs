//! The bytes of a status token: written by hand and read strictly, without allocation but for names.
//!
//! Strict means: definite lengths, keys in ascending order (which leaves no room for doubles), known types,
//! nothing after the end. Claims with unknown keys are passed over (RFC 8392 §3), if they are of a plain type.

use minicbor::{
    Decoder, Encoder,
    data::{Tag, Type},
};
use sync::{
    id::{PublicKey, Subject},
    record::Status,
    time::UnixMillis,
};

use super::claims::{PhotoHash, Purpose, StatusClaims};
use crate::{
    reason::Reason,
    token::{Claim, Cti, FactKind, trust::Kid},
};

// COSE header parameters and algorithms, RFC 9052 §3.1 and RFC 9053 §2.2; CWT claims, RFC 8392 §4 and RFC 8747 §3.1.
const COSE_SIGN1: Tag = Tag::new(18);
const ALG: i64 = 1;
const KID: i64 = 4;
const EDDSA: i64 = -8;
const ISS: i64 = 1;
const SUB: i64 = 2;
const EXP: i64 = 4;
const IAT: i64 = 6;
const CTI: i64 = 7;
const CNF: i64 = 8;
/// Our private claim, in the range for private use (RFC 8392 §9.1: below -65536).
const STATUS: i64 = -70_001;
/// More claims than this no token has.
const CLAIMS_MAX: u64 = 16;

// Keys of the private claim.
const COLOUR: i64 = 1;
const FACT: i64 = 2;
const EVENT_TIME: i64 = 3;
const MASKED_NAME: i64 = 4;
const BIRTH_YEAR: i64 = 5;
const PHOTO_HASH: i64 = 6;
const SPECIMEN: i64 = 7;

/// Colours by their number on the wire.
const COLOURS: [Status; 4] = [Status::Green, Status::Blue, Status::Yellow, Status::Red];

/// Failure while reading: any error of the decoder is [`Reason::BadCbor`].
struct Fault(Reason);

impl From<minicbor::decode::Error> for Fault {
    fn from(_: minicbor::decode::Error) -> Self {
        Self(Reason::BadCbor)
    }
}

const MALFORMED: Fault = Fault(Reason::Malformed);
const BAD_CBOR: Fault = Fault(Reason::BadCbor);

/// The parts of a COSE_Sign1 of ours; nothing is verified.
pub(super) struct Envelope<'b> {
    pub(super) kid: Kid,
    pub(super) protected: &'b [u8],
    pub(super) payload: &'b [u8],
    pub(super) signature: [u8; 64],
}

/// Takes an envelope apart, and says how long it is; what follows is the caller's.
pub(super) fn open(bytes: &[u8]) -> Result<(Envelope<'_>, usize), Reason> {
    read_envelope(bytes).map_err(|Fault(reason)| reason)
}

// RFC 9052 §4.2.
fn read_envelope(bytes: &[u8]) -> Result<(Envelope<'_>, usize), Fault> {
    let mut d = Decoder::new(bytes);
    if d.tag()? != COSE_SIGN1 || d.array()? != Some(4) {
        return Err(BAD_CBOR);
    }
    let protected = d.bytes()?;
    if d.map()? != Some(0) {
        return Err(BAD_CBOR);
    }
    let payload = d.bytes()?;
    let signature = d.bytes()?;
    let kid = read_protected(protected)?;
    let signature = signature.try_into().map_err(|_| Fault(Reason::BadSignature))?;
    let length = d.position();
    if bytes.get(..length) != Some(&envelope(protected, payload, &signature)) {
        return Err(BAD_CBOR);
    }
    Ok((Envelope { kid, protected, payload, signature }, length))
}

fn read_protected(bytes: &[u8]) -> Result<Kid, Fault> {
    let mut d = Decoder::new(bytes);
    if d.map()? != Some(2) || d.i64()? != ALG {
        return Err(BAD_CBOR);
    }
    // RFC 9052 allows text for algorithms; none of those is ours either.
    let is_eddsa = match d.datatype()? {
        Type::String => d.str()? == "EdDSA",
        _ => d.i64()? == EDDSA,
    };
    if !is_eddsa {
        return Err(Fault(Reason::UnsupportedAlgorithm));
    }
    if d.i64()? != KID {
        return Err(BAD_CBOR);
    }
    let kid = d.bytes()?.try_into().map_err(|_| MALFORMED)?;
    at_end(&d)?;
    Ok(Kid::new(kid))
}

fn at_end(d: &Decoder<'_>) -> Result<(), Fault> {
    if d.position() == d.input().len() { Ok(()) } else { Err(BAD_CBOR) }
}

/// The keys of a map that ascend as RFC 8949 §4.2.1 wants them, so that none comes twice.
struct Keys {
    left: u64,
    last: Option<(bool, u64)>,
}

impl Keys {
    fn of_map(d: &mut Decoder<'_>) -> Result<Self, Fault> {
        match d.map()? {
            Some(left) if left <= CLAIMS_MAX => Ok(Self { left, last: None }),
            _ => Err(BAD_CBOR),
        }
    }

    fn next(&mut self, d: &mut Decoder<'_>) -> Result<Option<i64>, Fault> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let key = d.i64()?;
        let place = Some((key < 0, key.unsigned_abs()));
        if place <= self.last {
            return Err(MALFORMED);
        }
        self.last = place;
        Ok(Some(key))
    }
}

/// The claims as far as they were read.
#[derive(Default)]
struct Draft<'b> {
    issuer: Option<&'b str>,
    subject: Option<Subject>,
    expires: Option<UnixMillis>,
    issued_at: Option<UnixMillis>,
    cti: Option<Cti>,
    holder: Option<PublicKey>,
    private: Option<Private<'b>>,
}

#[derive(Default)]
struct Private<'b> {
    colour: Option<Status>,
    fact: Option<FactKind>,
    event: Option<UnixMillis>,
    masked_name: Option<&'b str>,
    birth_year: Option<u16>,
    photo: Option<PhotoHash>,
    specimen: bool,
}

/// Reads the claims of a token.
pub(super) fn decode_claims(payload: &[u8]) -> Result<StatusClaims, Reason> {
    read_draft(payload).and_then(|draft| finish(&draft)).map_err(|Fault(reason)| reason)
}

fn read_draft(payload: &[u8]) -> Result<Draft<'_>, Fault> {
    let mut d = Decoder::new(payload);
    let mut keys = Keys::of_map(&mut d)?;
    let mut draft = Draft::default();
    while let Some(key) = keys.next(&mut d)? {
        match key {
            ISS => draft.issuer = Some(d.str()?),
            SUB => draft.subject = Some(Subject::from_slice(d.bytes()?).ok_or(MALFORMED)?),
            EXP => draft.expires = Some(read_time(&mut d)?),
            IAT => draft.issued_at = Some(read_time(&mut d)?),
            CTI => draft.cti = Some(Cti::new(d.bytes()?.try_into().map_err(|_| MALFORMED)?)),
            CNF => draft.holder = Some(read_holder(&mut d)?),
            STATUS => draft.private = Some(read_private(&mut d)?),
            _ => skip_plain(&mut d)?,
        }
    }
    at_end(&d)?;
    Ok(draft)
}

fn read_private<'b>(d: &mut Decoder<'b>) -> Result<Private<'b>, Fault> {
    let mut keys = Keys::of_map(d)?;
    let mut private = Private::default();
    while let Some(key) = keys.next(d)? {
        match key {
            COLOUR => private.colour = Some(*numbered(&COLOURS, d.u8()?)?),
            FACT => private.fact = Some(*numbered(&FactKind::ALL, d.u8()?)?),
            EVENT_TIME => private.event = Some(read_time(d)?),
            MASKED_NAME => private.masked_name = Some(d.str()?),
            BIRTH_YEAR => private.birth_year = Some(d.u16()?),
            PHOTO_HASH => private.photo = Some(d.bytes()?.try_into().map_err(|_| MALFORMED)?),
            SPECIMEN => private.specimen = d.bool()?,
            _ => skip_plain(d)?,
        }
    }
    Ok(private)
}

// CWT times are NumericDate (RFC 8392 §2); ours are whole seconds.
fn read_time(d: &mut Decoder<'_>) -> Result<UnixMillis, Fault> {
    let secs = i64::try_from(d.u64()?).map_err(|_| MALFORMED)?;
    Ok(UnixMillis::from_secs(secs))
}

// `cnf` with a COSE_Key (RFC 8747 §3.2) of kty OKP, crv Ed25519 (RFC 9053 §7.2): {1: {1: 1, -1: 6, -2: h'x'}}.
fn read_holder(d: &mut Decoder<'_>) -> Result<PublicKey, Fault> {
    let one_cose_key = d.map()? == Some(1) && d.i64()? == 1 && d.map()? == Some(3);
    let okp_ed25519 =
        one_cose_key && d.i64()? == 1 && d.i64()? == 1 && d.i64()? == -1 && d.i64()? == 6;
    if !okp_ed25519 || d.i64()? != -2 {
        return Err(MALFORMED);
    }
    PublicKey::from_slice(d.bytes()?).ok_or(MALFORMED)
}

fn numbered<T>(all: &[T], number: u8) -> Result<&T, Fault> {
    all.get(usize::from(number)).ok_or(MALFORMED)
}

fn skip_plain(d: &mut Decoder<'_>) -> Result<(), Fault> {
    match d.datatype()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => d.skip()?,
        Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => d.skip()?,
        Type::Bool | Type::Null | Type::Bytes | Type::String => d.skip()?,
        _ => return Err(MALFORMED),
    }
    Ok(())
}

fn finish(draft: &Draft<'_>) -> Result<StatusClaims, Fault> {
    let private = draft.private.as_ref().ok_or(MALFORMED)?;
    let claim = match (private.colour, private.fact, private.event) {
        (Some(colour), None, None) => Claim::Colour(colour),
        (None, Some(kind), Some(at)) => Claim::Fact { kind, at },
        _ => return Err(MALFORMED),
    };
    let mut claims = StatusClaims::new(
        draft.issuer.ok_or(MALFORMED)?,
        draft.subject.ok_or(MALFORMED)?,
        draft.cti.ok_or(MALFORMED)?,
        draft.issued_at.ok_or(MALFORMED)?,
        draft.expires.ok_or(MALFORMED)?,
        claim,
    )
    .map_err(|_| MALFORMED)?;
    if let Some(name) = private.masked_name {
        claims = claims.with_masked_name(name).map_err(|_| MALFORMED)?;
    }
    if let Some(year) = private.birth_year {
        claims = claims.with_birth_year(year).map_err(|_| MALFORMED)?;
    }
    if let Some(photo) = private.photo {
        claims = claims.with_photo(photo);
    }
    if let Some(holder) = draft.holder {
        claims = claims.with_holder(holder);
    }
    Ok(if private.specimen { claims.with_purpose(Purpose::Specimen) } else { claims })
}

/// What [`write`](written) fills: writing to memory cannot fail.
type Memory = Encoder<Vec<u8>>;
type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

fn written(write: impl FnOnce(&mut Memory) -> Written) -> Vec<u8> {
    let mut e = Encoder::new(Vec::with_capacity(256));
    write(&mut e).unwrap_or_else(|e| unreachable!("CBOR into memory: {e}"));
    e.into_writer()
}

/// The protected header: algorithm and key id.
pub(super) fn protected(kid: Kid) -> Vec<u8> {
    written(|e| e.map(2)?.i64(ALG)?.i64(EDDSA)?.i64(KID)?.bytes(kid.as_bytes())?.ok())
}

/// The COSE_Sign1, in its only accepted encoding.
pub(super) fn envelope(protected: &[u8], payload: &[u8], signature: &[u8; 64]) -> Vec<u8> {
    written(|e| {
        e.tag(COSE_SIGN1)?.array(4)?.bytes(protected)?.map(0)?;
        e.bytes(payload)?.bytes(signature)?.ok()
    })
}

/// What is signed: the Sig_structure of RFC 9052 §4.4, with no external data.
pub(super) fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    written(|e| e.array(4)?.str("Signature1")?.bytes(protected)?.bytes(&[])?.bytes(payload)?.ok())
}

/// The claims as CBOR, keys ascending.
pub(super) fn encode_claims(claims: &StatusClaims) -> Vec<u8> {
    written(|e| {
        e.map(6 + u64::from(claims.holder().is_some()))?;
        e.i64(ISS)?.str(claims.issuer())?;
        e.i64(SUB)?.bytes(claims.subject().as_bytes())?;
        e.i64(EXP)?.i64(claims.expires().secs())?;
        e.i64(IAT)?.i64(claims.issued_at().secs())?;
        e.i64(CTI)?.bytes(claims.cti().as_bytes())?;
        if let Some(holder) = claims.holder() {
            e.i64(CNF)?.map(1)?.i64(1)?.map(3)?;
            e.i64(1)?.i64(1)?.i64(-1)?.i64(6)?.i64(-2)?.bytes(holder.as_bytes())?;
        }
        e.i64(STATUS)?;
        write_private(e, claims)
    })
}

fn write_private(e: &mut Memory, claims: &StatusClaims) -> Written {
    let fact = matches!(claims.claim(), Claim::Fact { .. });
    let optional = [
        fact,
        claims.masked_name().is_some(),
        claims.birth_year().is_some(),
        claims.photo().is_some(),
        claims.purpose() == Purpose::Specimen,
    ];
    e.map(1 + optional.iter().map(|&there| u64::from(there)).sum::<u64>())?;
    match claims.claim() {
        Claim::Colour(colour) => e.i64(COLOUR)?.u8(number_of(&COLOURS, &colour))?,
        Claim::Fact { kind, at } => {
            e.i64(FACT)?.u8(number_of(&FactKind::ALL, &kind))?.i64(EVENT_TIME)?.i64(at.secs())?
        }
    };
    if let Some(name) = claims.masked_name() {
        e.i64(MASKED_NAME)?.str(name)?;
    }
    if let Some(year) = claims.birth_year() {
        e.i64(BIRTH_YEAR)?.u16(year)?;
    }
    if let Some(photo) = claims.photo() {
        e.i64(PHOTO_HASH)?.bytes(&photo)?;
    }
    if claims.purpose() == Purpose::Specimen {
        e.i64(SPECIMEN)?.bool(true)?;
    }
    Ok(())
}

fn number_of<T: PartialEq>(all: &[T], item: &T) -> u8 {
    let place = all.iter().position(|i| i == item).and_then(|p| u8::try_from(p).ok());
    place.unwrap_or_else(|| unreachable!("claims hold only what has a number"))
}

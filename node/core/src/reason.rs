//! The stable words for why a code, a credential or a visitor was not let through.

use std::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident => $word:literal,)*) => {
        /// Why something was refused or could not be confirmed.
        ///
        /// Each has a stable kebab-case word of at most 32 bytes ([`Reason::word`]): it is what visits, the
        /// wire, metrics and the command line carry. Words are never reused for another meaning; people are
        /// shown a translation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* #[doc = concat!("\n\nWord: `", $word, "`.")] $name,)*
        }

        impl Reason {
            /// Every reason, for translations and their tests.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable word.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// The reason of a word; `None` for a word that this version does not know.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

reasons! {
    // Form: the text is not what its prefix promises.
    /// The prefix is of a version or kind that is not read.
    BadPrefix => "bad-prefix",
    /// The text after the prefix is not Base45 (RFC 9285).
    BadBase45 => "bad-base45",
    /// The text after the prefix is not in its format's other encoding: pairs of digits, base32, base64url.
    BadEncoding => "bad-encoding",
    /// The bytes do not inflate: not zlib or DEFLATE, cut off, or something is left over.
    BadCompression => "bad-compression",
    /// The text is not JSON in the form of the credential.
    BadJson => "bad-json",
    /// The bytes are not CBOR in the form of the credential.
    BadCbor => "bad-cbor",
    /// Well-formed bytes, but a claim is missing, doubled or out of its bounds.
    Malformed => "malformed",
    /// Longer than any such code may be.
    TooLarge => "too-large",
    /// A web address, a payment code, plain text: nothing that claims to be a credential.
    NotACredential => "not-a-credential",
    /// A credential of a format that this version does not check.
    UnsupportedFormat => "unsupported-format",
    /// Signed with an algorithm that is not accepted for this format.
    UnsupportedAlgorithm => "unsupported-algorithm",
    /// One part of a credential that comes in several codes; the others are awaited.
    Incomplete => "incomplete",

    // Trust: the credential was read, and does not hold.
    /// No key of the trust list has this id for this issuer.
    UnknownIssuer => "unknown-issuer",
    /// The issuer's key is not valid at this time.
    IssuerNotValid => "issuer-not-valid",
    /// The signature is not the issuer's.
    BadSignature => "bad-signature",
    /// It belongs to a phone, and was shown without that phone's proof: a copy on paper or a picture.
    NoProof => "no-proof",
    /// The phone's proof is of another time: a picture of the code, or a phone whose clock is wrong.
    StaleProof => "stale-proof",
    /// The issuer's key may not sign this kind of statement.
    KeyUsage => "key-usage",
    /// Issued later than now.
    NotYetValid => "not-yet-valid",
    /// Its time is over.
    Expired => "expired",
    /// Withdrawn by its issuer.
    Revoked => "revoked",

    // Status: the credential holds, and the policy answers.
    /// Green, under a policy that does not admit it.
    StatusGreen => "status-green",
    /// Blue, under a policy that does not admit it.
    StatusBlue => "status-blue",
    /// Yellow: contact of a case.
    StatusYellow => "status-yellow",
    /// Red: tested positive.
    StatusRed => "status-red",
    /// Grey: the credential says nothing that holds now.
    StatusGrey => "status-grey",
    /// Of this person only a typed number is known, and the authority has not said anything.
    Unverified => "unverified",
    /// Made to show how a credential looks; says nothing of anybody.
    Specimen => "specimen",

    /// A minor, under a policy by which an adult answers for minors.
    Minor => "minor",

    // Circumstance: this door cannot answer here and now.
    /// No policy of the region has arrived.
    NoPolicy => "no-policy",
    /// The trust list or the revocations are missing or older than the policy allows.
    StaleLists => "stale-lists",
    /// The clock is not believed.
    ClockUnknown => "clock-unknown",
    /// The person is inside by the venue's records.
    AlreadyInside => "already-inside",
    /// The person is not inside by the venue's records.
    NotInside => "not-inside",
    /// The venue has reached its capacity.
    Full => "full",
    /// The region lets venues of this kind not work in this zone.
    VenueClosed => "venue-closed",
    /// The authority has shut this venue out for a time.
    VenueExcluded => "venue-excluded",
    /// Outside the hours or days in which the region lets the venue work.
    ClosedNow => "closed-now",
    /// The region would let the person in; the venue's own rules turn this status away.
    HouseStatus => "house-status",
    /// The venue's own rules: a person looks at an identity document first.
    HouseDocument => "house-document",
    /// Outside the hours in which the venue itself lets visitors in.
    HouseClosed => "house-closed",
    /// As many are inside as the venue's own rules allow.
    HouseFull => "house-full",
    /// Places may be free, but the rights to give them lie with doors that are not heard, or give none.
    NoRights => "no-rights",
    /// Written down on paper while the door was out of work, and typed in later.
    Paper => "paper",
    /// A person at the desk decided so.
    Staff => "staff",
    /// A person at the desk found a fever.
    Fever => "fever",
    /// The door could not write the visit down.
    NotRecorded => "not-recorded",
    /// The door's node was removed from the venue: lost, replaced or taken down.
    DoorRemoved => "door-removed",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_short_kebab_case_unique_and_read_back() {
        let mut seen = std::collections::BTreeSet::new();
        for &reason in Reason::ALL {
            let word = reason.word();
            assert!(word.len() <= 32, "{word} does not fit a visit");
            let kebab = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(word.bytes().all(kebab), "{word}");
            assert!(seen.insert(word), "{word} is used twice");
            assert_eq!(Reason::from_word(word), Some(reason));
        }
        assert_eq!(Reason::from_word("because"), None);
    }
}

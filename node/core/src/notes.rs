//! The venue's documents: fields that doors and the manager set, read as one. Pure.
//!
//! Each edit names those it replaces. A field's values are the edits that no other replaces: one, where people saw
//! each other's; two or more, where they wrote at once at doors that did not hear each other.

use std::collections::{BTreeMap, BTreeSet};

use sync::{
    id::{PublicKey, RecordId},
    record::{Edit, Record, StoredRecord},
    time::UnixMillis,
};

/// How the names of notes begin, which every door writes; the other fields are the manager's.
pub const NOTE: &str = "note/";
/// The most earlier edits that one edit names; the oldest of more stay beside it until the next.
const REPLACES_MAX: usize = 4;

/// One value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldValue {
    /// The edit that set it.
    pub edit: RecordId,
    /// Who wrote it: a door's node or the manager.
    pub by: PublicKey,
    /// When, by the writer's clock.
    pub at: UnixMillis,
    /// What it says.
    pub value: Vec<u8>,
}

impl FieldValue {
    /// The value as text; `None` where it is none.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.value).ok()
    }
}

/// When an edit was made, and what it says; nothing where it clears the field.
type Said = (UnixMillis, Option<Vec<u8>>);

/// All fields of a venue: the same for the same edits, in whatever order they come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    edits: BTreeMap<String, BTreeMap<RecordId, Said>>,
    replaced: BTreeSet<RecordId>,
}

impl Notes {
    /// Takes a record; of other kinds than edits nothing is kept.
    pub fn take(&mut self, stored: &StoredRecord) {
        let Record::Edit(edit) = &stored.record else { return };
        let value = edit.value.as_ref().map(|v| v.to_vec());
        self.edits.entry(edit.field.clone()).or_default().insert(stored.id, (edit.at, value));
        self.replaced.extend(&edit.replaces);
    }

    /// The values of a field that stand, oldest first; none where it is not set.
    pub fn values(&self, field: &str) -> Vec<FieldValue> {
        let standing = self.standing(field);
        let set = standing.filter_map(|(id, (at, value))| {
            let (edit, by) = (*id, id.chain.author);
            Some(FieldValue { edit, by, at: *at, value: value.clone()? })
        });
        let mut values: Vec<_> = set.collect();
        values.sort_by_key(|v| (v.at, v.edit));
        values
    }

    /// Every field that is set, with its values.
    pub fn fields(&self) -> BTreeMap<String, Vec<FieldValue>> {
        let all = self.edits.keys().map(|field| (field.clone(), self.values(field)));
        all.filter(|(_, values)| !values.is_empty()).collect()
    }

    /// The edit that sets a field to `value`, or clears it, in place of what stands here.
    pub fn edit(&self, at: UnixMillis, field: &str, value: Option<Vec<u8>>) -> Edit {
        let mut standing: Vec<_> = self.standing(field).map(|(id, (at, _))| (*at, *id)).collect();
        standing.sort_unstable();
        let replaces = standing.iter().rev().take(REPLACES_MAX).map(|(_, id)| *id).collect();
        Edit { at, field: field.to_owned(), value: value.map(Into::into), replaces }
    }

    fn standing(
        &self,
        field: &str,
    ) -> impl Iterator<Item = (&RecordId, &(UnixMillis, Option<Vec<u8>>))> {
        let edits = self.edits.get(field).into_iter().flatten();
        edits.filter(|(id, _)| !self.replaced.contains(*id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sync::{
        id::{ChainId, Epoch, RecordNumber},
        time::Day,
    };

    use super::*;

    fn stored(door: u8, number: u64, edit: Edit) -> StoredRecord {
        let (author, epoch) = (PublicKey::new([door; 32]), Epoch::new([door; 8]));
        let chain = ChainId { author, epoch, day: Day::STANDING };
        let id = RecordId { chain, number: RecordNumber::new(number) };
        StoredRecord { id, record: Record::Edit(edit) }
    }

    fn texts(notes: &Notes, field: &str) -> Vec<String> {
        notes.values(field).iter().map(|v| v.text().unwrap().to_owned()).collect()
    }

    #[test]
    fn two_who_write_at_once_both_stay_until_somebody_has_seen_both() {
        let (mut a, mut b) = (Notes::default(), Notes::default());
        let at = UnixMillis::new;
        let first = stored(1, 1, a.edit(at(1), "hours", Some(b"9-17".into())));
        let other = stored(2, 1, b.edit(at(2), "hours", Some(b"9-18".into())));
        for record in [&first, &other] {
            a.take(record);
            b.take(record);
        }
        assert_eq!(texts(&a, "hours"), ["9-17", "9-18"]);
        let settled = stored(2, 2, b.edit(at(3), "hours", Some(b"9-20".into())));
        a.take(&settled);
        assert_eq!(texts(&a, "hours"), ["9-20"]);
        let cleared = stored(1, 2, a.edit(at(4), "hours", None));
        a.take(&cleared);
        assert!(a.values("hours").is_empty() && a.fields().is_empty());
    }

    proptest! {
        #[test]
        fn any_order_gives_the_same(
            writes in proptest::collection::vec((1u8..4, 0u8..3, any::<bool>()), 1..30),
            order in proptest::collection::vec(any::<proptest::sample::Index>(), 0..40),
        ) {
            let mut written = Notes::default();
            let mut records = Vec::new();
            for (n, (door, field, seen)) in (1u64..).zip(writes) {
                let base = if seen { written.clone() } else { Notes::default() };
                let edit = base.edit(UnixMillis::new(n as i64), &field.to_string(), Some(vec![door]));
                let record = stored(door, n, edit);
                written.take(&record);
                records.push(record);
            }
            let mut mixed = Notes::default();
            order.iter().for_each(|i| mixed.take(i.get(&records)));
            records.iter().rev().for_each(|r| mixed.take(r));
            prop_assert_eq!(&mixed, &written);
            prop_assert_eq!(mixed.fields(), written.fields());
        }
    }
}

# Texts of the pages of the venue, in English.

column-time = Time
column-decision = Decision
column-status = Status
column-reason = Reason
column-decider = Decided
column-door = Door
column-entries = Entries
column-exits = Exits
column-refusals = Refusals
column-unacknowledged = Not yet at the authority
column-last = Latest visit
column-heard = Last heard
column-bulletin = Bulletin
column-version = Version
column-age = Age
column-valid = Valid until
column-venue = Venue
column-doors = Doors
column-visits = Visits
column-entered = Entered
column-left = Left
column-overlap = Together
column-person = Person

venue-inside = Inside now
venue-capacity = of { $value }
venue-entries = Entries today
venue-exits = Exits today
venue-refusals = Refusals today
venue-pending = Not yet at the authority
venue-doors = Doors
venue-own = this door
venue-sync = Sync
venue-no-peers = This node has no peers.
venue-bulletins = Bulletins of the authority
venue-no-bulletins = No bulletin has arrived. Codes cannot be confirmed until the rules and the trust list are here.
venue-state = Equipment
venue-clock = Clock
venue-scanner = Scanner
venue-disk = Disk
peer-up = Connected
peer-down = Not connected: { $value }
peer-refused = Cut off: { $value }
peer-since = since { $value }
refused-unknown-membership = its certificate is not of this region
refused-other-node = its certificate belongs to another node
refused-other-venue = its certificate is for another venue
refused-membership-not-yet-valid = its certificate is not valid yet
refused-membership-expired = its certificate has expired
refused-membership-malformed = its certificate is malformed
bulletin-policy = Rules
bulletin-trust = Trust list
bulletin-tracing-keys = Tracing keys
bulletin-beacon = Time
bulletin-revocations = Withdrawn codes
bulletin-roots = Root keys
bulletin-membership = Membership
bulletin-standing = Standing
bulletin-overdue = overdue

inside-between = { $lo }–{ $hi }
inside-at-least = { $value } or more
zone-inside = Inside now, part { $value }
zone-unseen = Not heard: { $door }, since { $time }
zone-unseen-never = Never heard: { $value }
zone-range = Between { $lo } and { $hi } of { $most }
zone-rights = This door may still let in: { $value }
zone-advisory = advisory
zone-advisory-text = Together the doors may let in more than this limit.

alarm-unsent = Visits since { $day } have not reached the authority. Left until they are destroyed: { $left }. Take them there on a stick: { $command }
alarm-duplicates = Duplicates possible since { $time }. Doors that are not heard: { $doors }
alarm-duplicates-ever = Duplicates possible. Doors that are not heard: { $value }
alarm-anomalies = { $n ->
    [one] { $n } anomaly to look at
   *[other] { $n } anomalies to look at
}

anomalies-none = Nothing to look at.
anomalies-duplicates = One code in twice
anomalies-duplicates-do = Ask the people: two may share one code, or somebody left unseen. An entry that did not happen can be voided. It stays written, and counts no more.
anomalies-clones = A copied card
anomalies-clones-do = Two starts of one door wrote at the same time: its memory card was copied, or its clock was set back. Look for the second device and switch it off. If none of yours is one too many, remove the door as lost and pair it anew.
anomalies-forked = Two histories of one door
anomalies-forked-do = These doors signed two different histories; both are kept as evidence. Remove such a door as lost, pair it anew, and tell the authority.
anomalies-gaps = Destroyed before the authority had them
anomalies-gaps-do = Nobody can bring these records back. Tell the authority the door, the day and the number, and connect the doors or take the visits on a stick in time.
anomalies-alerts = A code that did not hold
anomalies-alerts-do = Do not look for the visitor yourselves: the authority knows who it was. Keep the time and the door at hand for its call.
anomaly-entry = { $door }, { $time }
anomaly-clone = { $door }: both wrote from { $from } to { $to }
anomaly-gap = { $door }, { $day }: { $records }
anomaly-records = { $n ->
    [one] { $n } record
   *[other] { $n } records
}
anomaly-noted = noted { $value }
anomaly-part = part { $value }
anomaly-revoked = The code was withdrawn after its visitor came
anomaly-status = The status was not what the code said
anomaly-by-authority = found by the authority
anomaly-by-door = found by a door

count-title = Set the count
count-text = Count everybody who is inside, then write the number here. Earlier differences end with it, at every door.
count-zone = Part of the venue
count-zone-whole = The whole venue
count-inside = People counted
count-sure = I have counted them now
count-set = Set the count
count-error-number = Write how many people are inside, as a number.
count-error-sure = Confirm that the people have been counted now.

notes-title = Shift notes
notes-none = No notes.
notes-text = New note
notes-hint = Every door of the venue sees it. No names of visitors.
notes-add = Add the note
notes-edit = Change
notes-save = Save
notes-remove = Remove
notes-keep = Keep this one
notes-both = Two doors wrote at the same time. Keep one:
notes-by = { $who }, { $time }
notes-manager = the manager
notes-error-empty = Write something first.
notes-error-long = This is too long. Shorten it to about 300 letters.
notes-error-changed = Somebody changed it meanwhile. What you wrote stands below; look at what is there now, then save again.
fields-title = About this venue
fields-none = not set
fields-hint = Changed at the door that holds the manager’s key.
field-name = Name
field-address = Address
field-hours = Opening hours

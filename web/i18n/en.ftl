# Every text of the screens, in English: the last fallback, and the list that the other languages are checked against.

languages = Language
skip = Skip to the content
nav-home = Overview
nav-door = Door screen
nav-desk = Staff desk
nav-venue = Venue
nav-authority = Authority
leave = Sign out
version = Version { $value }
live = Live
live-lost = Connection to the node lost. Trying again…

home-title = This node
home-door = The screen beside the entrance: what a visitor sees.
home-desk = Check a code by hand, confirm a release or refuse it.
home-venue = People inside, doors, sync and the state of the equipment.
home-authority = Visits of the region, as they arrive, and contact tracing.
home-open = Open
home-locked = Access key needed

enter-title = Access key
enter-text = This page needs the access key of this node. It was printed at the first start, and it is kept in the node’s data folder.
enter-key = Access key
enter-go = Continue
enter-wrong = This is not the access key of this node. Check each character and try again.
enter-locked = Too many wrong keys from this address. Wait one minute, then try again.

door-hold = Hold your code 10–25 cm in front of the camera
door-sound = Wait for the sound
door-go = Follow the sign on this screen
door-no-phone = No phone? Ask staff.
door-inside = Inside now
door-direction-in = Entrance
door-direction-out = Exit
door-direction-both = Entrance and exit

action-welcome = Welcome
action-goodbye = Goodbye
action-wait = Please wait
action-no-entry = No entry
action-again = Please try again

status-green = Green
status-blue = Blue
status-yellow = Yellow
status-red = Red
status-grey = Not confirmed

until = { $status } until { $time }
until-then = { $status } until { $time }, then { $then }

advice-staff = Please speak to the staff.
advice-again = Hold the code flat and still, with the screen bright.
advice-other-code = Show your health code: the one that begins with ST1, HC1 or shc.
advice-home = Please do not enter. Follow the advice of your health authority.
advice-later = Please come back later.
advice-decision = A member of staff is looking at it.

reason-bad-prefix = This kind of code is not read here
reason-bad-base45 = The code is damaged
reason-bad-encoding = The code is damaged
reason-bad-compression = The code is damaged
reason-bad-json = The code is damaged
reason-bad-cbor = The code is damaged
reason-malformed = The code is incomplete or wrong
reason-too-large = The code is too long
reason-not-a-credential = This is not a health code
reason-unsupported-format = This kind of code is not checked here
reason-unsupported-algorithm = This kind of signature is not checked here
reason-incomplete = One part read: show the next one
reason-unknown-issuer = The issuer of the code is not known here
reason-issuer-not-valid = The issuer’s key is not valid now
reason-bad-signature = The signature of the code is not genuine
reason-no-proof = Open the code on the phone: a picture of it does not count
reason-stale-proof = The code is too old: open it anew on the phone
reason-key-usage = The issuer may not issue this kind of code
reason-not-yet-valid = The code is not valid yet
reason-expired = The code has expired
reason-revoked = The code was withdrawn
reason-status-green = The rules here do not admit green now
reason-status-blue = The rules here do not admit blue now
reason-status-yellow = Contact of a confirmed case
reason-status-red = Tested positive
reason-status-grey = The code says nothing that holds now
reason-specimen = This is a specimen code
reason-minor = A minor: to be let in with an adult
reason-no-policy = This door has no rules of the region yet
reason-stale-lists = The lists of this door are out of date
reason-clock-unknown = This door does not know the time for certain
reason-already-inside = This code is already inside
reason-not-inside = This code is not inside
reason-full = The venue is full
reason-no-rights = Free places are with other doors; none is left at this one
reason-staff = Decided by staff
reason-not-recorded = The door could not write the visit down
reason-door-removed = This door no longer belongs to the venue

desk-code = Code
desk-code-hint = Type, paste, or use a hand-held scanner. Enter checks it.
desk-check = Check
desk-waiting = Waiting for your decision
desk-nobody = Nobody is waiting.
desk-release = Confirm release
desk-refuse = Refuse
desk-release-key = Enter
desk-refuse-key = Esc
desk-name = Name on the code
desk-read-at = Read at { $value }
desk-recent = Latest decisions
desk-recent-none = No decision since this node started.
desk-empty = Enter a code first.
desk-no-credential = Nothing was recorded. { $value }.
desk-error-unknown = This was already decided, or it is older than two minutes. Check the code again.
desk-error-binding = The rules of the region do not allow you to release this visitor.
desk-error-ledger = The door could not write the visit down. Do not let the visitor pass on this screen’s word; check the disk.
outcome-admit = The rules admit
outcome-refuse = The rules refuse
outcome-cannot-confirm = Cannot be confirmed

kind-entry = Entry
kind-exit = Exit
kind-refusal = Refused
decider-verdict = By rule
decider-staff = By staff

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
none-yet = none yet
never = never
clock-trusted = Believed
clock-bounded = Running without a time source; late at most
clock-unknown = Not believed. “Not expired” cannot be confirmed.
clock-unread = Not read yet
scanner-none = No camera on this node
camera-opening = Opening the camera
camera-running = Reading
camera-lost = Not available
camera-ended = No more pictures
scanner-facts = { $frames } frames, { $dropped } dropped, { $scans } scans; decoding { $p50 } ms, 95 % within { $p95 } ms
hint-camera-blocked = Something covers the camera
hint-too-dark = Too dark to read codes: more light at the door
hint-inverted = A code has dark and light exchanged: ask for a light background
hint-too-far = Codes are held too far away
hint-too-near = Codes are held too close
hint-glare = A reflection covers the code: tilt it a little
hint-screen-dim = The visitor's screen is too dim
hint-blurred = Codes are blurred: hold still, or set the camera's focus
hint-camera-moved = The camera looks at another place than it used to
hint-dirty-lens = Nothing is sharp: wipe the lens or set its focus
poster-outdated = The poster at the door is out of date: print the current one
poster-other-door = The poster at the door belongs to another door
poster-other-venue = The poster at the door belongs to another venue
poster-broken = The poster at the door cannot be read
scanner-wait = From first sight to scan: { $p50 } ms, 95 % within { $p95 } ms.
disk-ok = Writing
disk-trouble = The last write failed: { $value }
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
bulletin-membership = Membership
bulletin-standing = Standing
bulletin-overdue = overdue

age-seconds = { $n ->
    [one] { $n } second
   *[other] { $n } seconds
}
age-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
age-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
age-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}

tab-venue = Overview of the venue
tab-anomalies = Anomalies
tab-doors = Doors and pairing
reload = Load again

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
void = Void this entry
void-text = The entry at { $value } counts no more at any door, and nobody can make it count again.
void-sure = Yes, void it
void-unknown = This entry is no longer in the list.
act-error-ledger = It could not be written down, so nothing has changed. Check the disk.

click-title = People without codes
click-in = One in
click-out = One out
click-hint = Counted here only, without a name. The number changes once it is safely written.
click-failed = That was not counted. Load the page again and look at the number.
desk-staff-pass = Staff pass
desk-undo = Take back
desk-undone = taken back
desk-undo-late = Only a decision of the last 60 seconds can be taken back here. Look at the anomalies page.

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

doors-title = Doors of the venue
doors-direction = Way
doors-state = State
doors-node = Key
doors-none = No other door has papers of this venue.
door-own = this door
door-up = connected
door-down = not heard since { $value }
door-unheard = not heard
door-removed-lost = removed as lost, { $value }
door-removed-replaced = replaced, { $value }
door-removed-retired = retired, { $value }
doors-elsewhere = Doors are invited and removed at the door that holds the manager’s key. This is not that door.
invite-title = Invite a door
invite-text = The new device reads a code from this screen, calls this door, and gets its papers and keys. The code holds for ten minutes and for one device.
invite-wifi = Wi-Fi name, if the new device needs one
invite-wifi-key = Wi-Fi password
invite-replaces = It takes the place of
invite-replaces-none = none: a further door
invite-go = Show the code
invite-wifi-error = A Wi-Fi needs a name of at most 32 letters and a password of 8 to 63.
invite-failed = The invitation could not be made: { $value }
invite-cancel = End the invitation
invited-title = Invitation
invited-scan = Hold the camera of the new device to this code, or paste the text there with: vestibule pair join
invited-secret = Who sees this code can become a door of this venue. Do not send it, do not photograph it.
invited-code = Code that invites a door
invited-text = The same as text
invited-back = Back to the doors
pairing-idle = Nobody is invited.
pairing-waiting = Waiting for the new device until { $value }
pairing-wrong = Calls that had not seen the code: { $value }. Three end the invitation.
pairing-joined = Door joined: { $door }, at { $time }
pairing-expired = The invitation has expired.
pairing-broken = The invitation was ended after three wrong calls. Somebody on the network is guessing.
pairing-over = The invitation has ended.
remove-title = Remove a door
remove-text = A removed door admits nobody once it hears of it. The other doors take nothing from it any more from then on; its earlier visits stay.
remove-door = Door
remove-cause = Why
remove-lost = Lost or stolen: the venue’s secret key is made anew, and the door destroys its own keys when it hears of it
remove-replaced = Replaced: another device stands there now
remove-retired = Retired: taken down in order, and wiped
remove-sure = I want this door to belong no longer. It cannot be taken back; the device can join again only under a new key.
remove-go = Remove the door
remove-none = There is no other door to remove.
remove-error-door = Choose a door that belongs to the venue.
remove-error-cause = Say why.
remove-error-sure = Confirm the removal.
remove-error-own = The door that holds the manager’s key cannot remove itself.

authority-region = Region { $value }
authority-visits = Visits
authority-entries = Entries
authority-exits = Exits
authority-refusals = Refusals
authority-unreadable = Unreadable
authority-alerts = Alerts
authority-questions = Tracing questions
authority-chart = Visits by venue
authority-venues = Venues
authority-no-venues = No venue has sent a visit yet.
authority-bulletins = Bulletins in force

trace-title = Trace contacts
trace-text = Opens sealed identities. Every question is written to the log with its case, purpose and time before it is answered, and it is counted in public.
trace-case = Case reference
trace-purpose = Purpose
trace-who = Person
trace-who-hint = The person’s code, or the 32 characters of the pseudonym
trace-from = From
trace-until = Until
trace-zone = Times are { $value }.
trace-ask = Write to the log and trace
trace-asked-by = Asked by
trace-error = The question was not asked.
trace-error-case = Give a case reference of at most 200 characters.
trace-error-purpose = Say for what purpose, in at most 200 characters.
trace-error-window = Give a start and a later end, at most 60 days apart.
trace-error-asked-by = Say who asks, in at most 200 characters.
trace-error-who = Give the person’s code or pseudonym.
trace-error-code = This code names nobody: { $value }.
trace-error-from = Give the start as a date and a time.
trace-error-until = Give the end as a date and a time.
trace-error-ledger = The log or the visits could not be read or written. Nothing was opened.
trace-result = Answer
trace-subject = Pseudonym
trace-window = Window
trace-stays = { $n ->
    [0] No stay in this window
    [one] { $n } stay
   *[other] { $n } stays
}
tell = Tell the venues
tell-text = Each venue sees in its list of anomalies which of these visits are to be looked at, not who it was. It cannot be taken back.
tell-sure = Yes, tell them
told = { $n ->
    [0] No visit was pointed out to a venue
    [one] { $n } visit was pointed out to its venue
   *[other] { $n } visits were pointed out to their venues
}
trace-contacts = { $n ->
    [0] No contact in this window
    [one] { $n } contact
   *[other] { $n } contacts
}
trace-assumed = assumed until { $value }
trace-timeline = Stays and contacts over time
trace-again = Ask another question
trace-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}

error-title = This did not work
error-not-found = There is no such page on this node.
error-forbidden = This form has expired or came from another site. Open the page again.
error-host = This node does not answer to that name. Use one of its own addresses.
error-too-large = Too much was sent.
error-busy = Too many screens are connected. Close one and try again.
error-malformed = The request could not be read.
error-slow = The request took too long.
error-internal = Something failed inside the node. The cause is in its log.
error-back = Back to the overview

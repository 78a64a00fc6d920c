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
action-noted = Noted

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
reason-no-policy = This door has no rules of the region yet
reason-stale-lists = The lists of this door are out of date
reason-clock-unknown = This door does not know the time for certain
reason-already-inside = This code is already inside
reason-not-inside = This code is not inside
reason-full = The venue is full
reason-staff = Decided by staff
reason-not-recorded = The door could not write the visit down

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
kind-correction = Correction
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

authority-region = Region { $value }
authority-visits = Visits
authority-entries = Entries
authority-exits = Exits
authority-refusals = Refusals
authority-unreadable = Unreadable
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

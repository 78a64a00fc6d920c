# Texts of every page, in English.

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
reason-unverified = Only a number is known, and the authority has not answered
reason-specimen = This is a specimen code
reason-minor = A minor: to be let in with an adult
reason-no-policy = This door has no rules of the region yet
reason-stale-lists = The lists of this door are out of date
reason-clock-unknown = This door does not know the time for certain
reason-already-inside = This code is already inside
reason-not-inside = This code is not inside
reason-full = The venue is full
reason-venue-closed = Venues of this kind may not open in this zone now
reason-venue-excluded = The authority has shut this venue out for a time
reason-closed-now = Outside the hours in which the venue may be open
reason-house-status = The venue’s own rule: this status is not let in here
reason-house-document = The venue’s own rule: a person looks at an identity document first
reason-house-closed = The venue itself lets nobody in at this hour
reason-house-full = The venue’s own rule: no more visitors inside
reason-no-rights = Free places are with other doors; none is left at this one
reason-paper = Written on paper and typed in later
reason-staff = Decided by staff
reason-fever = Fever
reason-not-recorded = The door could not write the visit down
reason-door-removed = This door no longer belongs to the venue
none-yet = none yet
never = never
clock-trusted = Believed
clock-bounded = Running without a time source; late at most
clock-unknown = Not believed. “Not expired” cannot be confirmed.
clock-unread = Not read yet

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

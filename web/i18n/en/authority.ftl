# Texts of the pages of the authority, in English.

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
trace-who-hint = The person’s code, or the 32 characters of the pseudonym; or a number with its kind before it, such as iin:800101300006 or phone:+77011234567
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

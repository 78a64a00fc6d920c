# Texts of the staff desk, in English.

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

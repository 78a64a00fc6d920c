## Programs and systems that the authority works with.
links-laboratory = Laboratory
links-laboratory-may = brings results and contact lists, and reads nothing
links-sormas-sent = { $at } · { $by }: { $taken } records taken, { $known } known there already, { $refused } refused.
links-sormas-trouble = It was not ended: { $value }. Send again: nothing is recorded twice.
links-sormas-event = Event
links-sormas-busy = Other answers are being sent. Try again in a minute.
links-sormas-text = Persons and contacts go to the configured server with their names and numbers; sent again, they are the same records there. It is written down.
links-sormas-sure = I need these people in SORMAS for this case.
links-sormas-go = Send to SORMAS
links-log-sormas = Answer sent to SORMAS

# Papers, standing, notices, waiting, questions: what the authority tells a venue.
reach-papers = Papers
reach-papers-until = They hold until { $value }.
reach-papers-ended = They ended at { $value }: other nodes refuse this one. Ask the manager or the authority for new ones.
reach-papers-text = Renewed by themselves before they end, as soon as the authority is reached, here or through another door.
bulletin-announcements = Announcements
office-policy-excluded-venues = What holds at a venue that is shut out
office-word-no-privileges = no privileges
office-word-advise = shown only
reach-until = until { $value }
reach-venue-test = The authority says: test mode until { $value }. Inspections only warn.
reach-venue-excluded = The authority has shut this venue out until { $value }.
reach-announced = The authority announces (until { $value })
reach-change-standing = Venue { $venue }: { $before } becomes { $after }
reach-change-announced = Is announced from now on: { $value }
reach-change-unannounced = Is not announced any more: { $value }
reach-stands-good = in good standing
reach-stands-test = test mode until { $value }
reach-stands-excluded = shut out until { $value }
reach-announce-title = Announcements to venues
reach-announce-none = Nothing is announced now.
reach-announce-all = all venues
reach-announce-new = Announce something
reach-announce-text = It is shown on the pages of the venues that it concerns, in the reader’s language, until its time. It goes out when enough roots have signed.
reach-announce-until = Shown until
reach-announce-areas = Only in these areas, with commas between
reach-announce-activities = Only for activity codes that begin so
reach-announce-venues = Only for the venues of these numbers
reach-announce-back = Take back
reach-announce-until-wrong = Say until when it is shown: a time that is still to come.
reach-announce-venues-wrong = Venues are named by their numbers, with commas between.
reach-announce-gone = This announcement does not hold any more.
reach-standing-title = Standing of venues
reach-standing-text = Test mode and exclusions, as the register and the confirmed violations have them at this moment. Doors follow when the bulletin is signed.
reach-waits = It takes no visits just now; they are sent again at { $value }. Nothing is lost, and codes are checked as ever.
reach-asked = Tracing questions
reach-asked-times = { $n ->
    [0] The authority has not looked into visits at this venue.
    [one] One tracing question of the authority has looked into visits at this venue.
   *[other] { $n } tracing questions of the authority have looked into visits at this venue.
}

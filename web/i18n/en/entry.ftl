# Texts of the overview and the way in, in English.

home-title = This node
home-door = The screen beside the entrance: what a visitor sees.
home-desk = Check a code by hand, confirm a release or refuse it.
home-venue = People inside, doors, sync and the state of the equipment.
home-authority = Visits of the region, as they arrive, and contact tracing.
home-open = Open
home-locked = Sign-in needed

enter-title = Access key
enter-text = This page needs the access key of this node. It was printed at the first start, and it is kept in the node’s data folder.
enter-key = Access key
enter-go = Continue
enter-wrong = This is not the access key of this node. Check each character and try again.
enter-locked = Too many wrong keys from this address. Wait one minute, then try again.

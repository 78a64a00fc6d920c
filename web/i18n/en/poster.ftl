# Texts of the poster on the wall, in English.

poster-title-in = Scan to check in
poster-title-out = Scan when you leave
poster-step-scan = Join the Wi-Fi, then point the phone’s camera at the code
poster-step-number = Type your phone number, and the PIN from the screen at the door or the code from the SMS
poster-step-show = Show the pass on your phone at the door
poster-step-leave = Tap “Leave” on your pass, or check out with your number
poster-wifi = Join this Wi-Fi first:
poster-typed = No camera? Open this address and type the code:
poster-help = No phone, or a question? Ask the staff.
poster-promise = Your number is sealed: only the health authority can open it, and only to warn you of a contact. It is destroyed after the days that the page names. No app is needed.
poster-tamper = Do not use this poster if something is pasted over it, or if the address on your phone differs. Tell the staff.
poster-valid = Valid from { $value }
poster-made = Printed { $value }

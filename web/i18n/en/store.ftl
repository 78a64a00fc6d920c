# Texts of the store of the authority.
store-apart = Set apart
store-trouble = The shared store takes nothing just now. Nothing is lost: visits wait here and at the doors, and it is tried again. The log says why.

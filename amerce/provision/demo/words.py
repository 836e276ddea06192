"""What the staff of the sample library wrote down: comments on charges and transactions, and notes on people."""

CHARGE_COMMENTS = {
    "SERVICEFEE": ("Colour copies, 24 pages", "Poster print A1", "Scan of two chapters", "3D print, 41 g", ""),
    "LOCKERKEY": ("Locker 114, key not returned", "Locker 27", "Key broken in the lock", ""),
    "DOCUMENTDELIVERYSERVICE": ("Article from the storage library", "Chapter scan, rush", ""),
    "CARDRENEWAL": ("Community card, one year", ""),
    "LIBRARYCARDREPLACEMENT": ("Card lost on the bus", "Card damaged", ""),
    "OTHER": ("Study room left dirty", "Replacement of a headphone cushion", "Interlibrary loan postage", ""),
    "DAMAGEDITEMFINE": ("Water damage, first 30 pages", "Coffee", "Underlined in ink", "Spine broken", ""),
    "LOSTITEMREPLACEMENTFEE": ("Price from the last invoice", ""),
    "LOSTITEMPROCESSFEE": ("",),
    "CREDIT": ("Paid twice at the old system", "Goodwill after the machine swallowed coins", "Lost book brought back"),
}
PAYMENT_COMMENTS = ("", "", "", "", "Paid by a parent", "Exact change", "Asked for a receipt by e-mail")
WAIVE_REASONS = ("LIBRARYERROR", "FIRSTOFFENCE", "HARDSHIP", "ILLNESS", "RETURNEDEARLIER", "GOODWILL", "OTHER")
WAIVE_COMMENTS = {
    "LIBRARYERROR": ("Return slot was blocked that weekend", "Discharged late by us"),
    "FIRSTOFFENCE": ("",),
    "HARDSHIP": ("Letter from the Dean of Students on file", ""),
    "ILLNESS": ("Doctor's note seen", ""),
    "RETURNEDEARLIER": ("Found on the shelf by S. on the evening round",),
    "GOODWILL": ("", "Long wait at the desk"),
    "OTHER": ("Agreed with the head of circulation", ""),
}
DISPUTE_COMMENTS = (
    "Says it was put into the return box before the due date",
    "Says the damage was there when the book was borrowed",
    "Never had this item",
    "Waits for the answer of the branch",
    "",
)
RESTORE_COMMENTS = ("Checked: not on the shelf", "Gate log shows a return one week later", "")
CORRECTION_COMMENTS = ("Wrong patron", "Typed 2.50 instead of 0.25", "Charged twice", "Wrong method chosen")
REFUND_COMMENTS = ("Found behind the shelf after all", "Copy machine fault confirmed", "")

NOTES = (
    "Prefers e-mail to letters.",
    "Picks up requests at the Arts Library only.",
    "Uses a wheelchair; bring items to the ground floor.",
    "Research leave until the end of term.",
    "Proxy for the department; see the folder at the desk.",
    "Spricht lieber Deutsch.",
    "Card photo out of date.",
    "May take three laptops for the workshop series.",
)
BLOCKS = (
    "Address unknown: letter returned. Ask for the new address.",
    "Two lost books open; see the circulation manager before lending.",
    "Card reported stolen. Check identity.",
    "Left the university; clearance pending.",
)

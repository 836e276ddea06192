"""The sample library for those who try Amerce: invented people, books and eighteen months at the desks.

Why a generator and no dump: dates stay close to today, and every cent of it was put there by the commands that
librarians call, so it is right by the same rules.
"""

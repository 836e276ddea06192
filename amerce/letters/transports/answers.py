"""What a transport raises. Nothing raised means that the letter was taken."""


class NotReached(Exception):
    """There is nobody to hand letters to: nothing was sent, and no letter is to blame. Words for a person to read."""


class TurnedAway(Exception):
    """The other side did not take this letter. ``is_final``: it never will."""

    def __init__(self, words: str, *, is_final: bool) -> None:
        super().__init__(words)
        self.is_final = is_final


class NotKnown(Exception):
    """The other side was not heard of again: it may have taken the letter, or not."""

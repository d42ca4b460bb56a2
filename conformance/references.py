"""Arguments that were an earlier answer: as it was, or altered as a forger would."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from spec.encoding import encodable

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Of base64url, in which a character stands for six bits."""


@encodable
@dataclass(frozen=True, slots=True)
class Reference:
    """What the call of an earlier step answered.

    step:    its number in the trace, from 0.
    part:    which attribute of the answer.
    altered: how, a name in `ALTERATIONS`; "": not at all.
    at:      where it is altered.
    """

    step: int
    part: str
    altered: str = ""
    at: int = 0

    def __str__(self) -> str:
        altered = f", altered ({self.altered} {self.at})" if self.altered else ""
        return f"{self.part} of step {self.step}{altered}"

    def find(self, answers: Mapping[int, Any]) -> Any:
        """The value that it refers to; None if there is none."""
        value = getattr(answers.get(self.step), self.part, None)
        return ALTERATIONS[self.altered](value, self.at) if self.altered and isinstance(value, str) else value


def _flip(text: str, at: int) -> str:
    """One bit of what the text stands for in base64url, or just another character where it is in none."""
    place = at // 6 % max(1, len(text))
    character = text[place : place + 1]
    bits = ALPHABET.index(character) if character and character in ALPHABET else 0
    return text[:place] + ALPHABET[bits ^ (1 << at % 6)] + text[place + 1 :]


def _replace(text: str, at: int) -> str:
    place = at % max(1, len(text))
    return text[:place] + ("." if text[place : place + 1] != "." else "~") + text[place + 1 :]


def _swap_case(text: str, at: int) -> str:
    return next(
        (
            text[:i] + text[i].swapcase() + text[i + 1 :]
            for i in range(at % max(1, len(text)), len(text))
            if text[i].isalpha()
        ),
        text + "a",
    )


def _swap(text: str, at: int) -> str:
    """Two neighbours that differ change places."""
    start = at % max(1, len(text))
    places = (*range(start, len(text) - 1), *range(min(start, len(text) - 1)))
    swapped = (text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in places if text[i] != text[i + 1])
    return next(swapped, text + "a")


ALTERATIONS: Mapping[str, Callable[[str, int], str]] = {
    "flip a bit": _flip,
    "replace a character": _replace,
    "swap case": _swap_case,
    "swap": _swap,
    "append": lambda text, at: text + ("=", " ", "\n", "A", "==", "\x00", "é")[at % 7],
    "prepend": lambda text, at: (" ", "A", "=")[at % 3] + text,
    "cut the end": lambda text, at: text[: -1 - at % 4],
    "cut the beginning": lambda text, at: text[1 + at % 4 :],
    "double": lambda text, at: text + text,
    "insert": lambda text, at: text[: at % max(1, len(text))] + "!\n =+"[at % 5] + text[at % max(1, len(text)) :],
}
"""Each gives another text than it was given."""

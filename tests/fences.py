"""What stands between the fences of a page."""

import re


def blocks(text: str, language: str) -> list[str]:
    """The blocks of that language, in their order."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)

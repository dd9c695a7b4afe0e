"""Commands that refuse an option given twice, of which the last would silently count."""

from collections import Counter
from typing import Any

from typer.core import TyperCommand, TyperOption


class GivenOnce(TyperCommand):
    """A command whose options are given once, except switches and those that may be repeated."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses as any command does, after a look at what is given twice."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        for parameter, count in Counter(order).items():
            is_single = isinstance(parameter, TyperOption) and not (parameter.multiple or parameter.is_flag)
            if is_single and count > 1:
                flag = max(parameter.opts, key=len)
                values = " and ".join(_values(args, parameter.opts))
                ctx.fail(f"{flag} is given more than once, as {values}; give it once.")
        return super().parse_args(ctx, args)


def _values(args: list[str], flags: list[str]) -> list[str]:
    """What stands behind a flag, wherever it is given."""
    found = []
    for place, word in enumerate(args):
        flag, is_joined, value = word.partition("=")
        if flag in flags:
            found.append(value if is_joined else "".join(args[place + 1 : place + 2]))
    return found

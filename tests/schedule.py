"""How tests are given out to workers."""

import re

from browser import PAGES
from xdist.scheduler import LoadScopeScheduling


def unit(nodeid: str) -> str:
    """What stays together, for a kernel, a browser or a page is shared: a file, and of
    tests about pages one page of it.
    """
    file, _, test = nodeid.partition("::")
    parameter = re.search(r"\[(.*)\]$", test)
    page = parameter and parameter[1] in PAGES
    return f"{file} {parameter[1]}" if page else file


class ByPage(LoadScopeScheduling):
    """Units in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)

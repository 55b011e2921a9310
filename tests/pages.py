"""The pages as tests: nbval executes each cell; then, in the same kernel, a change of 1 %
of a number of the page must turn each of its claims red.
"""

import ast
import json
import warnings
from pathlib import Path

import pytest
from mutations import kept_changes
from nbval.plugin import IPyNbFile

TESTS = str(Path(__file__).resolve().parent)
SECONDS = 2000  # for all searches of a page


class Page(IPyNbFile):
    """A notebook, whose kernel keeps what the cells made of their names."""

    def collect(self):
        yield from super().collect()
        yield Claims.from_parent(self, name="claims")

    def setup(self):
        super().setup()
        cells = [cell.source for cell in self.nb.cells if cell.cell_type == "code"]
        self.ask(f"__import__('sys').path.append({TESTS!r})")
        self.ask(f"__import__('mutations').watch(get_ipython(), {cells!r})")

    def ask(self, expression: str) -> str:
        """What the kernel answers, as it prints it."""
        reply = self.kernel.kc.execute_interactive(
            "",
            store_history=False,
            user_expressions={"answer": expression},
            timeout=SECONDS,
            output_hook=lambda message: None,
        )
        answer = reply["content"]["user_expressions"]["answer"]
        if answer["status"] != "ok":
            raise AssertionError("\n".join(answer["traceback"]))
        return answer["data"]["text/plain"]


class Claims(pytest.Item):
    """For each claim of a page, one number with a change of 1 % outside of what it is
    held against makes it fail.
    """

    def runtest(self):
        answer = self.parent.ask("__import__('mutations').watched(get_ipython())")
        found = json.loads(ast.literal_eval(answer))
        assert found, "the page states no claim"
        deaf = [claim for claim, change in found.items() if change is None]
        assert not deaf, f"no change of a number by 1 % turns these red: {deaf}"
        kept = kept_changes()
        new = [claim for claim, change in found.items() if change != kept.get(claim)]
        if new:
            warnings.warn(
                f"searched for {new}: run tests/make_red_changes.py", stacklevel=1
            )

    def reportinfo(self):
        return self.path, 0, f"{self.path.stem}: claims"

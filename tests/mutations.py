"""Changes of 1 % in the numbers of a page, and which of them turns a claim red.

The code cells of a page are cut into top-level statements. A claim needs those whose
names it uses, directly or not (its slice). The page is run once, in the kernel that
executes its notebook (`watch`) or here (`Page.run`), and the names that stand before and
after every statement are kept; a change then runs only those later statements of the
slice that depend on it. Changes that were found are kept in a file, which only saves the
search: see `make_red_changes.py`.
"""

import ast
import copy
import hashlib
import json
import math
import signal
import symtable
import time
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from lrlib.claims import ClaimFailed

TESTS = Path(__file__).resolve().parent
RED_CHANGES = TESTS / "data" / "red_changes.json"
_PAGES = TESTS.parent / "notebooks"
NOTEBOOKS = {
    path.relative_to(_PAGES).with_suffix("").as_posix(): path
    for path in sorted(_PAGES.glob("**/*.ipynb"))
    if ".ipynb_checkpoints" not in path.parts
}
# What a claim is held against may not be what a change is found in, nor are words and
# margins.
HELD_AGAINST = {"expected", "recorded", "within", "tolerance", "n", "labels"}
CHANGES_IN_PLACE = {"append", "extend", "update", "add", "insert", "setdefault", "pop"}
SECONDS = 300  # of the processor, after which the search for one claim gives up
SMALL = 50  # whole numbers below it are rounded to themselves by 1 %


def code_cells(name: str) -> list[str]:
    """Code of the page `name`, one of `NOTEBOOKS`, cell by cell."""
    import jupytext  # a kernel, which has its cells, does without

    cells = jupytext.read(NOTEBOOKS[name]).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def kept_changes() -> dict:
    """Claim to the change that was found for it; empty where the file is missing."""
    if not RED_CHANGES.exists():
        return {}
    return json.loads(RED_CHANGES.read_text(encoding="utf8"))


def claim_call(statement: ast.stmt) -> ast.Call | None:
    """The call that states a claim, if `statement` is one."""
    call = getattr(statement, "value", None)
    named = isinstance(call, ast.Call) and getattr(call.func, "id", "") == "claim"
    return call if isinstance(statement, ast.Expr) and named else None


def claim_ids(cell: str) -> list[str]:
    """Names of the claims that a cell states."""
    calls = filter(None, map(claim_call, ast.parse(cell).body))
    return [call.args[0].value for call in calls]


def names(tree: ast.AST, context) -> set[str]:
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, context)
    }


def scopes(table: symtable.SymbolTable):
    """Symbols of a table and of the functions and comprehensions inside."""
    for symbol in table.get_symbols():
        yield table, symbol
    for child in table.get_children():
        yield from scopes(child)


class Statement:
    """A top-level statement: the names that it uses, makes, and changes in place."""

    def __init__(self, tree: ast.stmt):
        self.tree = tree
        whole = symtable.symtable(ast.unparse(tree), "<page>", "exec")
        self.uses = {
            symbol.get_name()
            for table, symbol in scopes(whole)
            if symbol.is_referenced() and (table is whole or symbol.is_global())
        }
        self.makes = {
            symbol.get_name()
            for symbol in whole.get_symbols()
            if symbol.is_assigned() or symbol.is_imported()
        }
        self.changes = {"rng"} & self.uses  # drawing moves a generator on
        self.is_function = isinstance(tree, ast.FunctionDef) or isinstance(
            getattr(tree, "value", None), ast.Lambda
        )
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                self.changes |= names(node.value, ast.Load)
            elif isinstance(node, ast.AugAssign):
                self.changes |= names(node.target, ast.Store)
            elif (
                isinstance(node, ast.Attribute)
                and node.attr in CHANGES_IN_PLACE
                and isinstance(node.value, ast.Name)
            ):
                self.changes.add(node.value.id)
        # a loop may run not once, and a change in place needs what was there
        plain = isinstance(
            tree, ast.Assign | ast.FunctionDef | ast.Import | ast.ImportFrom
        )
        self.always_makes = self.makes - self.changes if plain else set()
        self.makes |= self.changes
        self.uses |= self.changes

    def execute(self, space: dict, tree: ast.stmt | None = None) -> None:
        module = ast.Module([tree or self.tree], [])
        exec(compile(ast.fix_missing_locations(module), "<page>", "exec"), space)


def counting(tree: ast.AST):
    """Parts of `tree` whose numbers count or name entries: in brackets, shapes, axes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            yield node.slice
        elif isinstance(node, ast.keyword) and node.arg == "axis":
            yield node.value
        elif isinstance(node, ast.Call):
            function = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if function in ("range", "reshape"):
                yield from node.args


def numbers(tree: ast.AST):
    """Literals of `tree` that measure something, the last first: numbers, and words that
    are one.
    """
    indices = {id(inner) for part in counting(tree) for inner in ast.walk(part)}
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and is_number(node.value)
        and id(node) not in indices
    ]
    return sorted(found, key=lambda node: (-node.lineno, -node.col_offset))


def is_number(value) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return value.replace(".", "", 1).isdigit() and "." in value
    return isinstance(value, int | float) and value != 0


def changed(value, up: bool):
    """`value` with 1 % more, or less; whole numbers stay whole where 1 % allows it."""
    new = float(value) * 1.01 if up else float(value) / 1.01
    if isinstance(value, str):
        return f"{new:.12g}"
    if isinstance(value, int) and value > SMALL and round(new) != value:
        return round(new)
    return new


@contextmanager
def no_longer_than(seconds: float):
    """Raise TimeoutError in the body after `seconds` of the processor: a change may make
    a loop endless, and a busy machine must not look like one.
    """

    def stop(*args):
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


class Page:
    """The code cells of one page, as statements.

    Attributes
    ----------
    claims : dict
        Id of each claim to the place of its statement.
    """

    def __init__(self, cells: list[str]):
        trees = [tree for cell in cells for tree in ast.parse(cell).body]
        self.statements = [Statement(tree) for tree in trees]
        calls = {i: claim_call(tree) for i, tree in enumerate(trees)}
        self.claims = {c.args[0].value: i for i, c in calls.items() if c}
        self.before = {}
        self.after = {}
        self.seconds = {}
        self.red = set()  # literals that have turned a claim red

    def needed(self, last: int, uses: set[str]) -> list[int]:
        """Places of the statements before `last` that `uses` depends on, and `last`."""
        chosen = [last]
        wanted = set(uses)
        for i in range(last - 1, -1, -1):
            statement = self.statements[i]
            stated = claim_call(statement.tree) is not None
            if statement.makes & wanted and not stated:
                chosen.insert(0, i)
                wanted -= statement.always_makes
                wanted |= statement.uses
        return chosen

    def slice(self, claim: str) -> list[int]:
        last = self.claims[claim]
        return self.needed(last, self.statements[last].uses)

    def run(self) -> None:
        """Run what the claims need, and keep the names around every statement.

        Raises
        ------
        ClaimFailed
            When a claim of the page does not hold.
        """
        space = {"__name__": "__main__"}
        for i in sorted({i for claim in self.claims for i in self.slice(claim)}):
            self.before[i] = dict(space)
            start = time.process_time()
            self.statements[i].execute(space)
            self.seconds[i] = time.process_time() - start
            self.after[i] = dict(space)
            self.mark_iterators(i)

    def mark_iterators(self, place: int) -> None:
        """Whoever uses an iterator that the statement at `place` made uses it up."""
        made = self.statements[place].makes
        spent = {n for n in made if hasattr(self.after[place].get(n), "__next__")}
        for statement in self.statements[place + 1 :]:
            statement.changes |= spent & statement.uses

    def red_changes(self, kept: dict) -> dict:
        """Run the page where that has not been done, and find for each claim a change that
        turns it red: the kept one where there is one that still does. None where there is
        none.
        """
        with mock.patch("IPython.display.display"):
            if not self.after:
                self.run()
            return {
                claim: kept[claim]
                if self.is_red(claim, kept.get(claim))
                else self.red_change(claim)
                for claim in self.claims
            }

    def candidates(self, claim: str):
        """Pairs of a place and a literal there that the observed side depends on, the
        cheapest to run again first, those of the verdict's condition last.
        """
        last = self.claims[claim]
        call = claim_call(self.statements[last].tree)
        kept = [k for k in call.keywords if k.arg not in HELD_AGAINST]
        own = {k.arg: [(last, literal) for literal in numbers(k.value)] for k in kept}
        uses = {name for k in kept for name in names(k.value, ast.Load)}
        chosen = self.needed(last, uses & self.statements[last].uses)
        pairs = own.pop("observed")
        for i in reversed(chosen[:-1]):
            pairs += [(i, literal) for literal in numbers(self.statements[i].tree)]
        cost = {i: sum(self.seconds[j] for j in self.again(claim, i)) for i in chosen}

        def rank(pair):
            seconds = cost[pair[0]]
            whole = is_whole(pair[1])
            new = id(pair[1]) not in self.red
            return seconds > 1 and whole, order(seconds), new, whole

        pairs.sort(key=rank)
        return pairs + [pair for found in own.values() for pair in found]

    def start(self, claim: str, place: int) -> int:
        """Where to begin when the statement at `place` is changed: not between the making
        of an object and a later statement that changes it in place.
        """
        chosen = self.slice(claim)
        first = place
        for i in reversed(chosen):
            touched = {
                name
                for j in chosen
                if j >= first
                for name in self.statements[j].changes
            }
            if i < first and self.statements[i].makes & touched:
                first = i
        return first

    def again(self, claim: str, place: int) -> list[int]:
        """Places to run again when the statement at `place` is changed."""
        first = self.start(claim, place)
        dirty = set()
        places = []
        for i in self.slice(claim):
            statement = self.statements[i]
            touched = i == place or (statement.uses | statement.changes) & dirty
            moved = first < place and statement.changes
            if i >= first and (touched or moved or (i == first and i < place)):
                dirty |= statement.makes
                places.append(i)
            elif i > first:
                dirty -= statement.makes
        return places

    def replay(self, claim: str, place: int, tree: ast.stmt) -> bool:
        """Whether the claim fails when `tree` stands at `place`."""
        places = self.again(claim, place)
        space = dict(self.before[places[0]])
        usual = sum(self.seconds[i] for i in places)
        try:
            with no_longer_than(2 + 3 * usual):
                for i in (i for i in self.slice(claim) if i >= places[0]):
                    statement = self.statements[i]
                    # a function looks its names up where it was defined
                    if i in places or statement.is_function:
                        statement.execute(space, tree if i == place else None)
                    else:
                        made = {
                            name: self.after[i].get(name) for name in statement.makes
                        }
                        space.update(made)
        except ClaimFailed as failure:
            return str(failure).startswith(f"{claim}: ")
        except Exception:  # a change that the code refuses says nothing of the claim
            return False
        return False

    def red_change(self, claim: str, seconds: float = SECONDS) -> dict | None:
        """A change of 1 % that turns `claim` red, to be kept and given to `is_red`; None
        where there is none, or none within so many seconds of the processor.
        """
        end = time.process_time() + seconds
        for place, literal in self.candidates(claim):
            original = self.statements[place].tree
            for up in (True, False):
                tree = self.with_change(place, literal, up)
                # as it stands it must hold when run again in the same way
                if self.replay(claim, place, tree) and not self.replay(
                    claim, place, original
                ):
                    self.red.add(id(literal))
                    return {
                        "number": f"{ast.unparse(literal)} in {first_line(original)}",
                        "statement": fingerprint(original),
                        "node": list(ast.walk(original)).index(literal),
                        "up": up,
                    }
                if time.process_time() > end:
                    return None
        return None

    def is_red(self, claim: str, change: dict | None) -> bool:
        """Whether a change that `red_change` found still turns `claim` red.

        It must still be one that a search would try. That the claim holds when nothing
        is changed was seen when the change was found, and is seen by `run`.
        """
        for place, literal in self.candidates(claim) if change else ():
            original = self.statements[place].tree
            if (
                fingerprint(original) == change["statement"]
                and list(ast.walk(original)).index(literal) == change["node"]
            ):
                tree = self.with_change(place, literal, change["up"])
                if self.replay(claim, place, tree):
                    self.red.add(id(literal))
                    return True
        return False

    def with_change(self, place: int, literal: ast.Constant, up: bool) -> ast.stmt:
        """A copy of the statement at `place` with one literal changed."""
        original = self.statements[place].tree
        index = list(ast.walk(original)).index(literal)
        tree = copy.deepcopy(original)
        list(ast.walk(tree))[index].value = changed(literal.value, up)
        return tree


class Watch(ast.NodeTransformer):
    """Has a kernel tell, before each statement of the cells that it runs, which names
    stand there.
    """

    MARK = "__before__"

    def __init__(self, page: Page, space: dict):
        self.page = page
        self.space = space
        self.compiled = 0
        self.began = None
        space[self.MARK] = self.look

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        """A cell in which each statement is announced by its place in the page."""
        body = []
        for statement in cell.body:
            call = ast.parse(f"{self.MARK}({self.compiled})").body[0]
            body += [ast.copy_location(call, statement), statement]
            self.compiled += 1
        cell.body = body
        return ast.fix_missing_locations(cell)

    def look(self, place: int) -> None:
        """Keep the names; those after a statement are those before the next one."""
        names_now = dict(self.space)
        if place > 0:
            self.page.after[place - 1] = names_now
            self.page.seconds[place - 1] = time.process_time() - self.began
        self.page.before[place] = names_now
        self.began = time.process_time()

    def finish(self) -> None:
        """To be called after the last cell.

        Raises
        ------
        RuntimeError
            When not every statement of the page has been executed.
        """
        last = len(self.page.statements)
        if sorted(self.page.before) != list(range(last)):
            raise RuntimeError("not every cell has been executed")
        self.look(last)
        for place in range(last):
            self.page.mark_iterators(place)


def watch(shell, cells: list[str]) -> None:
    """Have `shell`, which is about to execute these cells, keep what `watched` needs."""
    shell.ast_transformers.append(Watch(Page(cells), shell.user_ns))


def watched(shell) -> str:
    """What `Page.red_changes` finds in the page that `shell` has executed, as JSON."""
    (observer,) = (t for t in shell.ast_transformers if isinstance(t, Watch))
    shell.ast_transformers.remove(observer)
    observer.finish()
    return json.dumps(observer.page.red_changes(kept_changes()))


def order(seconds: float) -> int:
    """The order of magnitude of a cost, in powers of four."""
    return round(math.log(seconds + 0.02, 4))


def fingerprint(tree: ast.stmt) -> str:
    """Of the text of a statement, whatever its layout."""
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:12]


def is_whole(literal: ast.Constant) -> bool:
    """Whole numbers count things more often than they measure them."""
    return isinstance(literal.value, int)


def first_line(tree: ast.stmt) -> str:
    return ast.unparse(tree).splitlines()[0][:100]

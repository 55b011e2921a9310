"""Checkpoints that survive being killed between any two steps: written whole, or not at
all.
"""

from __future__ import annotations

from pathlib import Path

import torch

from ..files import whole_file


class Checkpoint:
    """The file `path` (None: no checkpoints), written every `every` steps by a run with
    these `settings`.
    """

    def __init__(self, path: str | Path | None, settings: dict, every: int):
        self.path = None if path is None else Path(path)
        self.settings = settings
        self.every = every

    def due(self, step: int) -> bool:
        return self.path is not None and step % self.every == 0

    def write(self, state: dict) -> None:
        """Replace the file in one move: a reader finds the old one or the new one."""
        if self.path is None:
            raise ValueError("checkpoint: got None; allowed is a path to write to")
        with whole_file(self.path) as draft:
            torch.save({"settings": self.settings, **state}, draft)

    def read(self) -> dict | None:
        """The state written last, None where there is none.

        Raises
        ------
        ValueError
            When it was written with other settings, or is no checkpoint.
        """
        if self.path is None or not self.path.exists():
            return None
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
            found = state.pop("settings")
        except Exception as error:  # torch raises many kinds on what it did not write
            allowed = (
                "allowed is a checkpoint of `train`, or a path where there is no file"
            )
            raise ValueError(
                f"checkpoint: got {self.path}, which cannot be read "
                f"({type(error).__name__}); {allowed}"
            ) from None
        for name, value in self.settings.items():
            if found.get(name) != value:
                raise ValueError(
                    f"checkpoint: got {self.path} of a run with {name} = "
                    f"{found.get(name)!r}; "
                    f"allowed is one with {value!r}, or a path where there is no file"
                )
        return state
